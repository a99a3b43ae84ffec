/*
 * The sweep: takes the names whose time has come, asks their primary what
 * stands there, and hands what is expired to remove_out, below the rate. Where
 * the rate allows more than questions can bring, it takes records straight
 * out of a whole transfer.
 */
#ifndef DNSMAIL_REAPERD_SWEEP_OUT_H
#define DNSMAIL_REAPERD_SWEEP_OUT_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/config.h"
#include "reaperd/zone.h"

struct sweep;

struct sweep_options {
	struct ev_loop *loop;
	struct zones *zones; /* must outlive it */
	const struct publishers_options *publishers;
	double per_second; /* removals at most */
	double again;      /* seconds until a name that was taken comes again */
	void (*room)(void *arg); /* sweep_full() is over */
	/* Questions are too slow for this zone: a whole transfer is wanted. */
	void (*behind)(void *arg, struct zone *);
	void *arg;
};

/* NULL: out of memory. After the jail only: it starts nng. */
struct sweep *sweep_new(const struct sweep_options *);
void sweep_free(struct sweep *); /* what is under way is dropped */
/* The zones' indices have changed. */
void sweep_wake(struct sweep *);

/*
 * An expired record that a whole transfer brought. True: it is taken care of.
 */
bool sweep_take(struct sweep *, struct zone *, const struct expiry_name *,
    const struct zone_text *);
/* The transfer should wait until room(). */
bool sweep_full(struct sweep *);

#endif
