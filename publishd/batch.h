/*
 * Group commit for one zone at its primary. Requests gather while an UPDATE
 * is under way; the next one carries them all, adds first. Whoever owns a
 * batch sends what batch_next() hands out and reports how it went; the batch
 * decides what goes into which UPDATE, what is tried again and when, and which
 * request is to blame when the primary takes none of a run.
 *
 * `now` is any clock that never runs backwards, in seconds.
 */
#ifndef DNSMAIL_PUBLISHD_BATCH_H
#define DNSMAIL_PUBLISHD_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "publishd/update_build.h"

struct batch;

/*
 * A request has ended: PUB_DONE (the primary has it all), PUB_LATER (its time
 * was up; why is the last trouble in words) or PUB_REFUSED (the primary takes
 * others, but not this). Called from inside batch_tell(), batch_refused() and
 * batch_expire(); it may call batch_add().
 */
typedef void batch_done_fn(void *arg, enum publish_status, const char *why);

struct batch *batch_new(batch_done_fn *);
void batch_free(struct batch *); /* without calling back */

/* Records in one UPDATE, 1 or more; holds from the next UPDATE on. */
void batch_limit(struct batch *, size_t max_records);

/*
 * req's records and strings must live until done was called with `arg`. -1:
 * out of memory, done will not be called.
 */
int batch_add(
    struct batch *, const struct publish_req *req, double deadline, void *arg);

/*
 * The changes of the next UPDATE, n_r of them, valid until the next call of
 * any function here. NULL: nothing to send now. After it exactly one of
 * accepted, refused and failed must be called.
 */
const struct update_change *batch_next(struct batch *, double now, size_t *n_r);

void batch_accepted(struct batch *);
/*
 * Tells those whose request was accepted. Better after the next UPDATE is
 * out: then the primary works while the many are told.
 */
void batch_tell(struct batch *);
/* The primary took none of it, and one of the records may be why. */
void batch_refused(struct batch *, const char *why, double now);
/* Something else: all of it again, a little later. */
void batch_failed(struct batch *, const char *why, double now);

/* Ends the requests whose time is over. */
void batch_expire(struct batch *, double now);
/* When to expire or to ask for the next UPDATE; INFINITY: not by time. */
double batch_wake(const struct batch *);
bool batch_sending(const struct batch *);
bool batch_empty(const struct batch *); /* nothing waits, is
					  sent or to be told */

#endif
