/*
 * Asks one primary what stands at a name: TXT questions over a kept TCP
 * connection, many in flight. Unsigned: publishd removes exact pairs of name
 * and text, so a forged answer can remove nothing but what is expired.
 */
#ifndef DNSMAIL_REAPERD_LOOKUP_OUT_H
#define DNSMAIL_REAPERD_LOOKUP_OUT_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "common/net_address.h"
#include "reaperd/zone.h"

enum { LOOKUP_MAX = 1024 }; /* questions in flight, power of two */

struct lookup;

struct lookup_question {
	struct zone *zone;
	struct expiry_name name;
};

struct lookup_events {
	/* msg: what came, of length len; not looked at but for its ID. */
	void (*answer)(void *arg, const struct lookup_question *,
	    const uint8_t *msg, size_t len);
	/* No answer: `why` is the connection's trouble in words. */
	void (*failed)(
	    void *arg, const struct lookup_question *, const char *why);
};

/* NULL: out of memory. */
struct lookup *lookup_new(struct ev_loop *, const struct net_address *primary,
    const struct lookup_events *, void *arg);
void lookup_free(struct lookup *); /* no event */
size_t lookup_room(const struct lookup *);
size_t lookup_pending(const struct lookup *);
/*
 * One event will follow, never inside this call. There must be room. -1: out
 * of memory, no event.
 */
int lookup_ask(struct lookup *, const struct lookup_question *);

#endif
