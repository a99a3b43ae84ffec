/*
 * Owns the memory of a request under way and its changes' places in the lists.
 * Must not know what the lists mean.
 */
#include "publishd/job.h"

#include <assert.h>
#include <stdlib.h>

/* In one piece of memory: a request of one record costs one allocation. */
struct job *
job_new(const struct publish_req *req, double deadline, void *arg,
    struct change_list *list)
{
	struct job *job;

	assert(req->n > 0);
	job = calloc(1, sizeof(*job) + req->n * sizeof(job->changes[0]));
	if (job == NULL)
		return NULL;
	job->arg = arg;
	job->req = req;
	job->deadline = deadline;
	job->left = req->n;
	for (size_t i = 0; i < req->n; i++) {
		job->changes[i].job = job;
		job->changes[i].record = &req->records[i];
		change_move(&job->changes[i], list);
	}
	return job;
}

void
job_free(struct job *job)
{
	free(job->why);
	free(job);
}

/* Deadlines mostly come in order, so the search is short. */
void
job_insert(struct job_list *list, struct job *job)
{
	struct job *before = TAILQ_LAST(list, job_list);

	while (before != NULL && before->deadline > job->deadline)
		before = TAILQ_PREV(before, job_list, link);
	if (before != NULL)
		TAILQ_INSERT_AFTER(list, before, job, link);
	else
		TAILQ_INSERT_HEAD(list, job, link);
}

void
change_move(struct change *c, struct change_list *to)
{
	if (c->in != NULL)
		TAILQ_REMOVE(c->in, c, link);
	if ((c->in = to) != NULL)
		TAILQ_INSERT_TAIL(to, c, link);
}

void
change_move_first(struct change *c, struct change_list *to)
{
	TAILQ_REMOVE(c->in, c, link);
	TAILQ_INSERT_HEAD(to, c, link);
	c->in = to;
}

bool
change_landed(struct change *c)
{
	struct job *job = c->job;

	job->sent--;
	if (!job->over)
		return true;
	change_move(c, NULL);
	if (job->sent == 0)
		job_free(job);
	return false;
}
