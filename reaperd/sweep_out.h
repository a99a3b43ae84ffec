/*
 * The sweep: takes the names whose time has come, asks their primary what
 * stands there, and hands what is expired to remove_out, below the rate.
 */
#ifndef DNSMAIL_REAPERD_SWEEP_OUT_H
#define DNSMAIL_REAPERD_SWEEP_OUT_H

#include <ev.h>

#include "common/config.h"
#include "reaperd/zone.h"

struct sweep;

struct sweep_options {
	struct ev_loop *loop;
	struct zones *zones;              /* must outlive it */
	const struct strings *publishers; /* urls */
	double per_second;                /* removals at most */
	double again; /* seconds until a name that was taken comes again */
};

/* NULL: out of memory. After the jail only: it starts nng. */
struct sweep *sweep_new(const struct sweep_options *);
void sweep_free(struct sweep *); /* what is under way is dropped */
/* The zones' indices have changed. */
void sweep_wake(struct sweep *);

#endif
