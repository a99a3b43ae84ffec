/*
 * A sweep with a predicate: reads the zones, one after the other, and counts
 * the message records that match, or has publishd remove them. Records are
 * matched as they come and removed as they are found; none is kept. Where
 * something goes wrong the zone is read again: what is gone by then is gone.
 */
#ifndef DNSMAIL_REAPERD_RECALL_OUT_H
#define DNSMAIL_REAPERD_RECALL_OUT_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/config.h"
#include "common/tsig.h"
#include "reaperd/recall.h"
#include "reaperd/zone.h"

struct recall_run;

/* All must outlive it. */
struct recall_run_options {
	struct ev_loop *loop;
	struct zones *zones;
	const struct tsig_key *key; /* NULL: none */
	const struct publishers_options *publishers;
	double per_second; /* removals at most */
	const struct recall *what;
	bool withdraw; /* else it only counts */
	/* Asked now and then. NULL: go on; else why it shall end, a constant,
	   and it is asked no more. */
	const char *(*unwanted)(void *arg);
	/* It is over; NULL: all is done. The run may be freed in it, and why
	   with it. */
	void (*ended)(void *arg, const char *why);
	void *arg;
};

struct recall_figures {
	uint64_t seen, matched, withdrawn, refused; /* message records */
	size_t n_samples;                           /* when it counts */
	struct recall_sample samples[RECALL_SAMPLES_MAX];
};

/* After the jail: it may start nng. NULL: out of memory. */
struct recall_run *recall_run_new(const struct recall_run_options *);
void recall_run_free(struct recall_run *); /* no event */
const struct recall_figures *recall_run_figures(const struct recall_run *);

#endif
