/*
 * Asks primaries what stands at a name: TXT questions over a kept TCP
 * connection to each, many in flight. Unsigned: publishd removes exact pairs
 * of name and text, so a forged answer can remove nothing but what is expired.
 */
#ifndef DNSMAIL_REAPERD_LOOKUP_OUT_H
#define DNSMAIL_REAPERD_LOOKUP_OUT_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "common/net_address.h"
#include "reaperd/zone.h"

/* Questions in flight: BIND 9.18 answers fewer a second when there are more. */
enum { LOOKUP_MAX = 64 };

struct lookups; /* all primaries */
struct lookup;  /* one of them */

struct lookup_question {
	struct zone *zone;
	struct expiry_name name;
};

struct lookup_events {
	/* msg: what came; nothing of it was looked at but its ID. */
	void (*answer)(void *arg, struct lookup *,
	    const struct lookup_question *, const uint8_t *msg, size_t len);
	/* No answer will come; the log was told. */
	void (*failed)(void *arg, const struct lookup_question *);
};

/* NULL: out of memory. */
struct lookups *lookups_new(
    struct ev_loop *, const struct lookup_events *, void *arg);
void lookups_free(struct lookups *); /* no events */
size_t lookups_pending(const struct lookups *);

/* The one for that primary, made if need be. NULL: out of memory. */
struct lookup *lookups_at(struct lookups *, const struct net_address *primary);
size_t lookup_room(const struct lookup *);
/*
 * One event will follow, never inside this call. There must be room. -1: out
 * of memory, no event.
 */
int lookup_ask(struct lookup *, const struct lookup_question *);

/* What the answer was worth, for the log. */
void lookup_useless(struct lookup *, const char *why);
void lookup_useful(struct lookup *);

#endif
