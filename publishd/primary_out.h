/*
 * One primary: a kept TCP connection, and one UPDATE at a time for each of the
 * zones that it takes now. Only dns_out uses this.
 */
#ifndef DNSMAIL_PUBLISHD_PRIMARY_OUT_H
#define DNSMAIL_PUBLISHD_PRIMARY_OUT_H

#include <ev.h>
#include <sys/queue.h>

#include "common/dns_exchange.h"
#include "common/dns_stream.h"
#include "common/net_address.h"
#include "publishd/batch.h"
#include "common/complaint.h"
#include "publishd/primary_choice.h"
#include "publishd/update_key.h"

TAILQ_HEAD(primary_list, primary);
TAILQ_HEAD(target_list, target);
TAILQ_HEAD(touched_list, target);

/* What all primaries share. */
struct primary_ground {
	struct ev_loop *loop;
	const struct update_key *key;
	struct dns_exchange *exchange; /* whether a primary is back */
	struct touched_list touched;
	uint8_t message[UPDATE_MAX]; /* being built */
};

struct primary {
	TAILQ_ENTRY(primary) link;
	struct primary_ground *ground;
	struct net_address address;
	char text[NET_ADDRESS_TEXT_MAX];
	struct dns_stream *stream;
	struct target_list targets; /* whose updates it takes now */
	size_t users;               /* targets that may come to it */
	uint16_t last_id;
};

/* One zone at one of its primaries. */
struct target {
	TAILQ_ENTRY(target) link;
	TAILQ_ENTRY(target) touched_link;
	struct primary *primary; /* now; changes between two UPDATEs */
	struct primary *primaries[CONFIG_PRIMARIES_MAX];
	struct primary_choice choice;
	struct dns_query *asked; /* whether an earlier one is back */
	size_t asked_which;
	bool asked_ended, asked_answers; /* what that has found */
	char *zone;
	struct batch *batch;
	struct complaint complaint;
	ev_timer wake;    /* the batch has something to do */
	ev_timer waiting; /* for the answer to the UPDATE */
	int id;           /* of the UPDATE under way, or -1 */
	struct tsig_mac mac;
	double sent_at;
	size_t n_sent[PUB__COUNT];
	bool touched;
};

/* NULL: out of memory. A primary with users must not be freed. */
struct primary *primary_new(
    struct primary_ground *, const struct net_address *);
void primary_free(struct primary *);
/* The primaries: n of them, best first. */
struct target *target_new(
    struct primary *const *, size_t n, const char *zone, batch_done_fn *);
void target_free(struct target *);

/* Looked at once more before the loop sleeps: so a burst goes together. */
void target_touch(struct target *);
/* Does all that is due for it now. */
void target_run(struct target *);

#endif
