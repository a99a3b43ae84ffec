/*
 * Between the pure verify and the look-ups.
 */
#include "verifyd/inquiry_out.h"

#include <stdlib.h>

#include "verifyd/counters.h"

/* The look-up of one ID of the message. */
struct probe {
	struct inquiry *inquiry;
	struct lookup *lookup;
	size_t which;
	double began;
};

struct inquiry {
	const struct lookups *lookups;
	struct verify *verify;
	double deadline;
	void (*done)(void *);
	void *arg;
	struct list_wait domain; /* of a message without IDs */
	struct probe probes[VERIFY_IDS_MAX];
};

struct inquiry *
inquiry_new(const struct lookups *lookups, struct verify *verify,
    void (*done)(void *), void *arg)
{
	struct inquiry *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->lookups = lookups;
	q->verify = verify;
	q->done = done;
	q->arg = arg;
	return q;
}

void
inquiry_free(struct inquiry *q)
{
	if (q == NULL)
		return;
	list_wait_cancel(&q->domain);
	for (size_t i = 0; i < VERIFY_IDS_MAX; i++)
		lookup_cancel(q->probes[i].lookup);
	free(q);
}

static void advance(struct inquiry *q);

static void
probe_text(void *arg, const char *text, size_t n)
{
	struct probe *p = arg;

	verify_text(p->inquiry->verify, p->which, text, n);
}

static bool
probe_satisfied(void *arg)
{
	struct probe *p = arg;

	return verify_satisfied(p->inquiry->verify, p->which);
}

static void
probe_done(void *arg, enum lookup_outcome outcome, bool ad)
{
	struct probe *p = arg;
	struct inquiry *q = p->inquiry;

	p->lookup = NULL;
	metric_observe(
	    &counters, COUNT_ID_LATENCY, ev_now(q->lookups->loop) - p->began);
	verify_looked_up(q->verify, p->which, outcome, ad);
	advance(q);
}

static void
probe_start(struct inquiry *q, size_t which, const struct message_id *id)
{
	static const struct lookup_hooks hooks = {
		.text = probe_text,
		.satisfied = probe_satisfied,
		.done = probe_done,
	};
	struct probe *p = &q->probes[which];

	metric_add(&counters, COUNT_IDS, 1);
	p->inquiry = q;
	p->which = which;
	p->began = ev_now(q->lookups->loop);
	p->lookup = lookup_start(q->lookups, id, q->deadline, &hooks, p);
	if (p->lookup == NULL)
		verify_looked_up(q->verify, which, LOOKUP_OVER_BUDGET, false);
}

/* Starts what is wanted now. Nothing of q may be touched after done. */
static void
advance(struct inquiry *q)
{
	const struct message_id *id;
	size_t which;

	while ((id = verify_want(q->verify, &which)) != NULL)
		probe_start(q, which, id);
	if (verify_done(q->verify))
		q->done(q->arg);
}

static void
domain_known(void *arg, const struct list_answer *answer)
{
	struct inquiry *q = arg;

	verify_domain(
	    q->verify, answer->outcome, answer->list.takes_part, answer->ad);
	advance(q);
}

static void
ask_domain(struct inquiry *q, const char *domain)
{
	struct list_answer answer = { .outcome = LOOKUP_OVER_BUDGET };

	q->domain.done = domain_known;
	q->domain.arg = q;
	if (lists_known(q->lookups->lists, domain, &answer) ||
	    lists_wait(q->lookups->lists, domain, &q->domain) != 0)
		domain_known(q, &answer);
}

void
inquiry_start(struct inquiry *q, double deadline)
{
	const char *domain = verify_want_domain(q->verify);

	q->deadline = deadline;
	if (domain != NULL)
		ask_domain(q, domain);
	else
		advance(q);
}
