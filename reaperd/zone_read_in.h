/*
 * Reads all of a zone, once, by AXFR, and keeps nothing of it: each message
 * record goes to whoever asked. What watch_in knows of the zone is not
 * touched. Every message must be vouched for by the transfer key, if there is
 * one, before a word of it counts.
 */
#ifndef DNSMAIL_REAPERD_ZONE_READ_IN_H
#define DNSMAIL_REAPERD_ZONE_READ_IN_H

#include <ev.h>
#include <stdbool.h>

#include "common/tsig.h"
#include "reaperd/zone.h"

struct zone_read;

/* None may free the zone_read. */
struct zone_read_events {
	/* 0, or -1: out of memory, the reading fails. */
	int (*record)(void *arg, const struct zone_found *);
	/* No more for now: it waits for zone_read_go_on(). */
	bool (*full)(void *arg);
	/* It is over. NULL: that was all of the zone; else why not. */
	void (*ended)(void *arg, const char *why);
};

/* Key (NULL: none), zone and events must outlive it. NULL: out of memory. */
struct zone_read *zone_read_new(struct ev_loop *, struct zone *,
    const struct net_address *primary, const struct tsig_key *,
    const struct zone_read_events *, void *arg);
void zone_read_free(struct zone_read *); /* no event */

/* Begins (anew). -1: out of memory. */
int zone_read_begin(struct zone_read *);
void zone_read_go_on(struct zone_read *);
void zone_read_stop(struct zone_read *); /* no event */

#endif
