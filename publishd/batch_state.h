/*
 * What a batch is inside. For batch.c and batch_refused.c alone.
 */
#ifndef DNSMAIL_PUBLISHD_BATCH_STATE_H
#define DNSMAIL_PUBLISHD_BATCH_STATE_H

#include "publishd/batch.h"
#include "publishd/job.h"

struct batch {
	batch_done_fn *done;
	struct change_list waiting[PUB__COUNT], again, suspects, sent;
	struct job_list jobs;  /* not over; first deadline first */
	struct job_list ended; /* accepted, but nobody was told yet */
	struct update_change *updates;
	size_t max_records, n_updates;
	double not_before;
	uint64_t accepted;           /* UPDATEs */
	unsigned failures, refusals; /* since the last accepted one */
	unsigned last_run;
	char why[PUBLISH_REASON_MAX]; /* the last trouble */
};

/* The request is over, and is told so. What of it is being sent comes back
   later, and finds it over. */
void batch_end(
    struct batch *, struct job *, enum publish_status, const char *why);

/* Seconds to wait after so many failures in a row. The first time none: a kept
   connection may just have gone stale. */
double batch_backoff(unsigned failures);

#endif
