/*
 * Keeps one zone in step with its primary: AXFR once, then the SOA is looked
 * at and IXFR brings what changed; AXFR again where that does not work. When
 * it begins is its owner's.
 */
#ifndef DNSMAIL_REAPERD_WATCH_IN_H
#define DNSMAIL_REAPERD_WATCH_IN_H

#include <ev.h>
#include <stdint.h>

#include "common/tsig.h"
#include "reaperd/records_in.h"

struct watch;

struct watch_options {
	struct ev_loop *loop;
	const struct tsig_key *key;          /* NULL: none */
	double poll, again;                  /* seconds */
	const struct records_events *events; /* must outlive it */
	void (*rested)(void *arg);           /* it has ended, well or not */
	void *arg;
};

/* It rests at first and is due. NULL: out of memory. */
struct watch *watch_new(const struct watch_options *, struct zone *);
void watch_free(struct watch *);

/* When to begin, monotonic; INFINITY: it is under way. */
double watch_due(const struct watch *);
void watch_begin(struct watch *); /* only while it rests */
void watch_whole(struct watch *); /* due now, and then by AXFR */
void watch_go_on(struct watch *); /* if it waits because of full() */
/* The primary's serial at the last look, minus ours. */
int64_t watch_lag(const struct watch *);

#endif
