/*
 * What domains say of themselves (TXT: their server lists, their wishes), and
 * what domain lists say of them (A), through the configured recursive
 * resolvers. Kept for their time, asked once however many messages wait for
 * the same one.
 */
#ifndef DNSMAIL_VERIFYD_LIST_OUT_H
#define DNSMAIL_VERIFYD_LIST_OUT_H

#include "common/dns_exchange.h"
#include "verifyd/list_answer.h"

struct lists;

#define LIST_REPUTATION_SHARE 0.25 /* of the time for a message */

enum list_topic {
	LIST_SERVERS,    /* dnsmail.<domain> */
	LIST_WISH,       /* _policy.dnsmail.<domain> */
	LIST_REPUTATION, /* the `domain` is <domain>.<zone of the list> */
	LIST__COUNT
};

/* Owned by whoever waits; must not move or end before the call or the cancel.
 */
struct list_wait {
	void (*done)(void *arg, const struct list_answer *);
	void *arg;
	struct list_wait *next, **at;
};

struct lists *lists_new(struct ev_loop *, struct dns_exchange *);
void lists_free(struct lists *); /* nobody waits any more */

struct lists_next {
	struct net_addresses resolvers;
	struct cache *cache;
	size_t cache_size;
};

/*
 * In two steps. The resolvers in order of preference (copied) and the entries
 * kept, -1: out of memory; then, or not, this is put in force, with the seconds
 * for all tries together.
 */
int lists_prepare(const struct lists *, const struct net_addresses *resolvers,
    size_t cache_size, struct lists_next *next_r);
void lists_commit(struct lists *, struct lists_next *, double timeout);
void lists_abandon(const struct lists *, struct lists_next *);

/* true: known, *answer_r is it. So is that a name too long has nothing. */
bool lists_known(struct lists *, enum list_topic, const char *domain,
    struct list_answer *answer_r);

/*
 * Asks, or joins who asked. done is called once, never from inside this
 * call. -1: out of memory.
 */
int lists_wait(
    struct lists *, enum list_topic, const char *domain, struct list_wait *);
/* Fine for one that is over, or zeroed. */
void list_wait_cancel(struct list_wait *);

#endif
