/*
 * Owns the requests that wait for a primary, and the order in which they go.
 * Must not know sockets, the clock, DNS messages or who asked.
 *
 * A change (one record of one request) stands in exactly one list:
 *
 *   waiting[op]  has not been tried, or was in an UPDATE that failed
 *   again        was in an UPDATE that was refused, which is now tried in
 *                halves: changes with the same `run` go together
 *   suspects     was refused all alone, is tried alone now and then
 *   sent         in the UPDATE under way
 */
#include "publishd/batch.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "publishd/batch_state.h"

#define RETRY_FIRST 0.02 /* seconds */
#define RETRY_LAST  1.0

enum { RECORDS_DEFAULT = 500 };

static const char no_trouble[] = "the time was up";

struct batch *
batch_new(batch_done_fn *done)
{
	struct batch *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->done = done;
	b->max_records = RECORDS_DEFAULT;
	memcpy(b->why, no_trouble, sizeof(no_trouble));
	for (size_t op = 0; op < PUB__COUNT; op++)
		TAILQ_INIT(&b->waiting[op]);
	TAILQ_INIT(&b->again);
	TAILQ_INIT(&b->suspects);
	TAILQ_INIT(&b->sent);
	TAILQ_INIT(&b->jobs);
	TAILQ_INIT(&b->ended);
	return b;
}

void
batch_free(struct batch *b)
{
	struct change *c;
	struct job *job;

	if (b == NULL)
		return;
	while ((c = TAILQ_FIRST(&b->sent)) != NULL)
		if (change_landed(c))
			change_move(c, NULL);
	TAILQ_CONCAT(&b->jobs, &b->ended, link);
	while ((job = TAILQ_FIRST(&b->jobs)) != NULL) {
		TAILQ_REMOVE(&b->jobs, job, link);
		job_free(job);
	}
	free(b->updates);
	free(b);
}

void
batch_limit(struct batch *b, size_t max_records)
{
	assert(max_records > 0);
	b->max_records = max_records;
}

int
batch_add(
    struct batch *b, const struct publish_req *req, double deadline, void *arg)
{
	struct job *job = job_new(req, deadline, arg, &b->waiting[req->op]);

	if (job == NULL)
		return -1;
	job_insert(&b->jobs, job);
	return 0;
}

/* --- how requests end --- */

void
batch_end(struct batch *b, struct job *job, enum publish_status status,
    const char *why)
{
	assert(!job->over);
	for (size_t i = 0; i < job->req->n; i++)
		if (job->changes[i].in != &b->sent)
			change_move(&job->changes[i], NULL);
	TAILQ_REMOVE(&b->jobs, job, link);
	job->over = true;
	b->done(job->arg, status, why);
	job->req = NULL;
	if (job->sent == 0)
		job_free(job);
}

static const char *
late_because(const struct batch *b, const struct job *job)
{
	return job->why != NULL ? job->why : b->why;
}

void
batch_expire(struct batch *b, double now)
{
	struct job *job;

	while ((job = TAILQ_FIRST(&b->jobs)) != NULL && job->deadline <= now)
		batch_end(b, job, PUB_LATER, late_because(b, job));
}

/* --- what goes next --- */

static int
updates_reserve(struct batch *b)
{
	struct update_change *v;

	if (b->n_updates >= b->max_records)
		return 0;
	v = reallocarray(b->updates, b->max_records, sizeof(*v));
	if (v == NULL)
		return -1;
	b->updates = v;
	b->n_updates = b->max_records;
	return 0;
}

struct filling {
	size_t n, octets;
};

static bool
filling_take(struct batch *b, struct filling *f, struct change *c)
{
	struct update_change u = {
		.op = c->job->req->op,
		.ttl = c->job->req->ttl,
		.owner = c->record->owner,
		.text = c->record->text,
		.text_len = c->record->text_len,
		.lengths = c->record->lengths,
		.n_lengths = c->record->n_lengths,
	};
	size_t octets = f->octets + update_change_octets(&u);

	if (f->n >= b->max_records || (f->n > 0 && octets > UPDATE_CHANGES_MAX))
		return false;
	b->updates[f->n++] = u;
	f->octets = octets;
	c->home = c->in;
	c->job->sent++;
	change_move(c, &b->sent);
	return true;
}

static void
fill_from_waiting(struct batch *b, struct filling *f)
{
	for (size_t op = 0; op < PUB__COUNT; op++) {
		struct change *c;

		while ((c = TAILQ_FIRST(&b->waiting[op])) != NULL)
			if (!filling_take(b, f, c))
				return;
	}
}

/* The limit of records may have shrunk: then the run is cut there. */
static void
fill_from_again(struct batch *b, struct filling *f)
{
	struct change *c = TAILQ_FIRST(&b->again);
	unsigned run = c->run;

	while (c != NULL && c->run == run && filling_take(b, f, c))
		c = TAILQ_FIRST(&b->again);
}

static struct change *
suspect_due(const struct batch *b, double now)
{
	struct change *c;

	TAILQ_FOREACH(c, &b->suspects, link)
	if (c->not_before <= now)
		return c;
	return NULL;
}

const struct update_change *
batch_next(struct batch *b, double now, size_t *n_r)
{
	struct filling f = { 0 };
	struct change *due;

	if (batch_sending(b) || now < b->not_before || updates_reserve(b) == -1)
		return NULL;
	if (!TAILQ_EMPTY(&b->again))
		fill_from_again(b, &f);
	else if ((due = suspect_due(b, now)) != NULL)
		filling_take(b, &f, due);
	else
		fill_from_waiting(b, &f);
	*n_r = f.n;
	return f.n > 0 ? b->updates : NULL;
}

/* --- how an UPDATE went --- */

void
batch_accepted(struct batch *b)
{
	struct change *c;

	assert(batch_sending(b));
	b->accepted++;
	b->failures = b->refusals = 0;
	memcpy(b->why, no_trouble, sizeof(no_trouble));
	while ((c = TAILQ_FIRST(&b->sent)) != NULL) {
		struct job *job = c->job;

		if (!change_landed(c))
			continue;
		change_move(c, NULL);
		if (--job->left > 0)
			continue;
		TAILQ_REMOVE(&b->jobs, job, link);
		TAILQ_INSERT_TAIL(&b->ended, job, link);
	}
}

void
batch_tell(struct batch *b)
{
	struct job *job;

	while ((job = TAILQ_FIRST(&b->ended)) != NULL) {
		void *arg = job->arg;

		TAILQ_REMOVE(&b->ended, job, link);
		job_free(job);
		b->done(arg, PUB_DONE, "");
	}
}

double
batch_backoff(unsigned failures)
{
	if (failures <= 1)
		return 0;
	return fmin(RETRY_FIRST * pow(2, (double)failures - 2), RETRY_LAST);
}

void
batch_failed(struct batch *b, const char *why, double now)
{
	struct change *c;

	assert(batch_sending(b));
	snprintf(b->why, sizeof(b->why), "%s", why);
	b->not_before = now + batch_backoff(++b->failures);
	while ((c = TAILQ_LAST(&b->sent, change_list)) != NULL)
		if (change_landed(c))
			change_move_first(c, c->home);
}

/* --- time --- */

double
batch_wake(const struct batch *b)
{
	const struct job *first = TAILQ_FIRST(&b->jobs);
	const struct change *c;
	double next = INFINITY;

	if (first == NULL)
		return INFINITY;
	if (batch_sending(b))
		return first->deadline;
	TAILQ_FOREACH(c, &b->suspects, link)
	next = fmin(next, c->not_before);
	for (size_t op = 0; op < PUB__COUNT; op++)
		if (!TAILQ_EMPTY(&b->waiting[op]))
			next = 0;
	if (!TAILQ_EMPTY(&b->again))
		next = 0;
	return fmin(first->deadline, fmax(next, b->not_before));
}

bool
batch_sending(const struct batch *b)
{
	return !TAILQ_EMPTY(&b->sent);
}

bool
batch_empty(const struct batch *b)
{
	return TAILQ_EMPTY(&b->jobs) && TAILQ_EMPTY(&b->ended) &&
	    !batch_sending(b);
}
