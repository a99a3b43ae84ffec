/*
 * Owns the search for the record that made a primary refuse an UPDATE.
 *
 * An UPDATE is all or nothing (RFC 2136 3.4.2.7), so one bad record holds up
 * everybody in its UPDATE: halving finds it in 2 log2(n) steps. A refusal of a
 * record that stands alone proves nothing yet, the primary may refuse all the
 * world. So it is to blame only once the primary has accepted something since
 * it was first refused.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "publishd/batch_state.h"

/* Refusals in a row that are followed up at once: enough to halve 1000
   records down to each of three bad ones. */
enum { REFUSALS_AT_ONCE = 30 };

/* The halves keep their order and go before all others. */
static void
halve(struct batch *b, size_t n)
{
	unsigned first = ++b->last_run, second = ++b->last_run;
	struct change *c;

	for (size_t i = n; (c = TAILQ_LAST(&b->sent, change_list)) != NULL;
	     i--) {
		c->run = i > n / 2 ? second : first;
		change_move_first(c, &b->again);
	}
}

/*
 * Its siblings are likely to be as bad (one ID with too many recipients):
 * they stand aside with it, so that the others are not held up.
 */
static void
suspect(struct batch *b, struct change *c, const char *why, double now)
{
	struct job *job = c->job;

	free(job->why);
	job->why = strdup(why); /* NULL: the batch's will do */
	c->not_before = now + batch_backoff(++c->alone + 1);
	change_move(c, &b->suspects);
	for (size_t i = 0; i < job->req->n; i++) {
		struct change *sibling = &job->changes[i];

		if (sibling->in == &b->again) {
			sibling->not_before = now;
			change_move(sibling, &b->suspects);
		}
	}
}

/* Those whose request is over leave; the others remember the refusal. */
static size_t
refused_left(struct batch *b)
{
	struct change *c, *next;
	size_t n = 0;

	for (c = TAILQ_FIRST(&b->sent); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (!change_landed(c))
			continue;
		if (!c->refused)
			c->accepted_at = b->accepted;
		c->refused = true;
		n++;
	}
	return n;
}

void
batch_refused(struct batch *b, const char *why, double now)
{
	struct change *c;
	bool alone;
	size_t n;

	assert(batch_sending(b));
	alone = TAILQ_NEXT(TAILQ_FIRST(&b->sent), link) == NULL;
	n = refused_left(b);
	snprintf(b->why, sizeof(b->why), "%s", why);
	b->failures = 0;
	if (++b->refusals > REFUSALS_AT_ONCE)
		b->not_before =
		    now + batch_backoff(b->refusals - REFUSALS_AT_ONCE);
	c = TAILQ_FIRST(&b->sent);
	if (n == 0)
		return;
	if (!alone) {
		halve(b, n);
	} else if (b->accepted > c->accepted_at) {
		change_move(c, NULL);
		batch_end(b, c->job, PUB_REFUSED, why);
	} else {
		suspect(b, c, why, now);
	}
}
