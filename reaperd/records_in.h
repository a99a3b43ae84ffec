/*
 * Keeps what is known of our zones in step with their primaries: AXFR once,
 * then the SOA is looked at and IXFR brings what changed; AXFR again where
 * that does not work. Every message must be vouched for by the transfer key,
 * if there is one, before a word of it counts.
 */
#ifndef DNSMAIL_REAPERD_RECORDS_IN_H
#define DNSMAIL_REAPERD_RECORDS_IN_H

#include <ev.h>

#include "common/tsig.h"
#include "reaperd/zone.h"

enum { RECORDS_TRANSFERS_MAX = 4 }; /* at a time */

struct records;

/* The index of a zone has changed. */
typedef void records_changed_fn(void *arg);

struct records_options {
	struct ev_loop *loop;
	struct zones *zones;        /* must outlive it */
	const struct tsig_key *key; /* NULL: none; must outlive it */
	double poll;                /* seconds */
	records_changed_fn *changed;
	void *arg;
};

/* Begins at the next turn of the loop. NULL: out of memory. */
struct records *records_new(const struct records_options *);
void records_free(struct records *);

#endif
