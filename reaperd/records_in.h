/*
 * Keeps what is known of our zones in step with their primaries: AXFR once,
 * then the SOA is looked at and IXFR brings what changed; AXFR again where
 * that does not work. Every message must be vouched for by the transfer key,
 * if there is one, before a word of it counts.
 */
#ifndef DNSMAIL_REAPERD_RECORDS_IN_H
#define DNSMAIL_REAPERD_RECORDS_IN_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/tsig.h"
#include "reaperd/zone.h"

enum { RECORDS_TRANSFERS_MAX = 4 }; /* at a time */

struct records;

struct records_events {
	/* The index of a zone has changed. */
	void (*changed)(void *arg);
	/* An expired record in a whole transfer: zone_catch's function. */
	bool (*take)(void *arg, struct zone *, const struct expiry_name *,
	    const struct zone_text *);
	/* No more of these for now: the transfer waits for records_go_on(). */
	bool (*full)(void *arg);
	void *arg;
};

struct records_options {
	struct ev_loop *loop;
	struct zones *zones;        /* must outlive it */
	const struct tsig_key *key; /* NULL: none; must outlive it */
	double poll;                /* seconds */
	double again; /* seconds until a record that was taken comes again */
	struct records_events events;
};

/* Begins at the next turn of the loop. NULL: out of memory. */
struct records *records_new(const struct records_options *);
void records_free(struct records *);

void records_go_on(struct records *);
/* All of this zone again, soon. */
void records_whole(struct records *, const struct zone *);

#endif
