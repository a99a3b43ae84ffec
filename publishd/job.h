/*
 * One request on its way to the primary, as the batch keeps it: its changes
 * stand in lists, one by one. Only the batch uses this.
 */
#ifndef DNSMAIL_PUBLISHD_JOB_H
#define DNSMAIL_PUBLISHD_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "common/publish_msg.h"

TAILQ_HEAD(change_list, change);
TAILQ_HEAD(job_list, job);

/* One record of a request. */
struct change {
	TAILQ_ENTRY(change) link;
	struct change_list *in;   /* NULL: no longer in any */
	struct change_list *home; /* while it is sent: where it came from */
	struct job *job;
	const struct publish_record *record;
	double not_before;    /* a suspect is tried again then */
	uint64_t accepted_at; /* UPDATEs accepted before it was refused */
	unsigned run;         /* refused together, tried again together */
	unsigned alone;       /* how often it was refused all alone */
	bool refused;
};

/* It outlives its end while changes of it are being sent. */
struct job {
	TAILQ_ENTRY(job) link;
	void *arg;                     /* the asker's */
	const struct publish_req *req; /* the asker's; gone when over */
	double deadline;
	char *why;   /* of a suspect's refusal, or NULL */
	size_t left; /* changes not accepted */
	size_t sent; /* changes in the UPDATE under way */
	bool over;
	struct change changes[];
};

/* All changes in `list`; NULL: out of memory. */
struct job *job_new(const struct publish_req *, double deadline, void *arg,
    struct change_list *list);
void job_free(struct job *);

/* Keeps the list in order of deadlines. */
void job_insert(struct job_list *, struct job *);

/* To the end of a list (NULL: of none), or to its front. */
void change_move(struct change *, struct change_list *);
void change_move_first(struct change *, struct change_list *);

/*
 * c comes back from the UPDATE (and still stands in its list). False: its
 * request is over, c has left the list and may be freed.
 */
bool change_landed(struct change *);

#endif
