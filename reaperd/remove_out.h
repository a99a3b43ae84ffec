/*
 * Records on their way to publishd: gathered per domain, sent as PUB_REMOVE,
 * many requests in flight. Nothing is kept of a failure: who wants them gone is
 * told, and finds them again.
 */
#ifndef DNSMAIL_REAPERD_REMOVE_OUT_H
#define DNSMAIL_REAPERD_REMOVE_OUT_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/config.h"
#include "common/publishers_out.h"
#include "reaperd/removal.h"

enum { REMOVE_REQUESTS_MAX = 8 }; /* aim: gather no more beyond it */

struct remove;

/* `now`: seconds since 1970. */
struct remove_events {
	/* Each record that was added comes to one of these three, once. */
	void (*removed)(void *arg, const struct removal *);
	void (*put_off)(
	    void *arg, const struct removal *, int64_t now, const char *why);
	/* Never will be (one record; logged). */
	void (*refused)(void *arg, const struct removal *, int64_t now);
	/* After each answer, or none in time: did it remove anything? */
	void (*answered)(void *arg, bool well);
};

/* NULL: out of memory. After the jail only: it starts nng. */
struct remove *remove_new(struct ev_loop *,
    const struct publishers_options *publishers, const struct remove_events *,
    void *arg);
/* What is under way is dropped: it is found again. */
void remove_free(struct remove *);

/* Copies. 0, or -1: out of memory. `zone` must outlive it. */
int remove_add(struct remove *, struct zone *zone, const struct expiry_name *,
    const struct zone_text *);
void remove_send(struct remove *); /* what was gathered */

size_t remove_requests(const struct remove *); /* in flight */
bool remove_gathering(const struct remove *);
/* Is there a publishd to ask? If not, the log is told. */
bool remove_reachable(struct remove *);
/* There is none, but there was a moment ago, or we have just started. */
bool remove_connecting(const struct remove *);

#endif
