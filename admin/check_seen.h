/*
 * What was seen of the look-ups of one message: the notes of a lookup_watch,
 * for check_message_text.h to explain. Sends nothing, decides nothing.
 */
#ifndef DNSMAIL_ADMIN_CHECK_SEEN_H
#define DNSMAIL_ADMIN_CHECK_SEEN_H

#include "verifyd/lookup_watch.h"

enum {
	SEEN_TEXTS_MAX =
	    128, /* different ones at one ID; the rest is counted */
	SEEN_WHY_MAX = 128,
};

struct seen_server {
	struct net_address address;
	bool skipped;
	enum lookup_skip skip;
	enum reach_answer reach;
	unsigned answers;         /* or the lack of one: rounds */
	enum dns_outcome outcome; /* of the last */
	unsigned rcode;
	unsigned texts;         /* in the last answer */
	char why[SEEN_WHY_MAX]; /* words where there was no answer */
};

struct seen_text {
	char *octets;
	size_t n;
};

/* What dnsmail.<domain> says. */
struct seen_list {
	char domain[ADDRESS_DOMAIN_MAX];
	struct list_answer answer;
};

/* One ID. */
struct seen_id {
	struct message_id id;
	struct seen_server servers[SERVER_LIST_MAX];
	size_t n_servers;
	struct seen_text texts[SEEN_TEXTS_MAX];
	size_t n_texts, more_texts;
	bool ended;
	enum lookup_outcome outcome;
	bool ad;
};

struct seen {
	struct seen_id *ids[VERIFY_IDS_MAX];
	size_t n_ids;
	struct seen_list lists[VERIFY_IDS_MAX]; /* each domain once */
	size_t n_lists;
	bool wished; /* the wish of the author's domain was looked up */
	struct list_answer wish;
	const struct verify *verify; /* done; NULL: it never came to that */
	bool no_memory;              /* for all that was seen */
	struct seen_id *answering;   /* whose texts come, and from where */
	struct seen_server *answerer;
};

/* `arg` is a zeroed struct seen. */
extern const struct lookup_watch seen_watch;
void seen_free(struct seen *);

/* NULL: it was not looked up. */
const struct seen_id *seen_find(const struct seen *, const struct message_id *);
const struct list_answer *seen_list(const struct seen *, const char *domain);

#endif
