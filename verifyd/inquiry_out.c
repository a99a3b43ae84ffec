/*
 * Between the pure verify and the look-ups.
 */
#include "verifyd/inquiry_out.h"

#include <stdlib.h>

#include "verifyd/counters.h"
#include "verifyd/evidence.h"
#include "verifyd/reputation_out.h"
#include "verifyd/verdict.h"

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
	const struct verifyd_config *options;
	double deadline;
	void (*done)(void *);
	void *arg;
	struct list_wait domain; /* of a message without IDs */
	bool no_wish;            /* there is none, or no way to know */
	struct list_wait wish;
	ev_timer wish_timer; /* the deadline */
	struct reputation_check *check;
	struct probe probes[VERIFY_IDS_MAX];
};

static void
cancel_probes(struct inquiry *q)
{
	for (size_t i = 0; i < VERIFY_IDS_MAX; i++) {
		lookup_cancel(q->probes[i].lookup);
		q->probes[i].lookup = NULL;
	}
}

void
inquiry_free(struct inquiry *q)
{
	if (q == NULL)
		return;
	list_wait_cancel(&q->domain);
	list_wait_cancel(&q->wish);
	ev_timer_stop(q->lookups->loop, &q->wish_timer);
	cancel_probes(q);
	reputation_check_free(q->check);
	free(q);
}

/* The last of it; the inquiry may be gone afterwards. */
static void
finish(struct inquiry *q)
{
	watch_done(&q->lookups->watcher, q->verify);
	q->done(q->arg);
}

static void
wish_known(void *arg, const struct list_answer *answer)
{
	struct inquiry *q = arg;

	ev_timer_stop(q->lookups->loop, &q->wish_timer);
	watch_wish(&q->lookups->watcher,
	    verify_verdict(q->verify)->author.domain, answer);
	verify_wish(q->verify, &answer->wish);
	finish(q);
}

/* Time is over: a wish that is not known is none. */
static void
wish_late(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct inquiry *q = timer->data;

	(void)loop;
	(void)events;
	list_wait_cancel(&q->wish);
	finish(q);
}

static void
ask_wish(struct inquiry *q)
{
	const char *domain = verify_verdict(q->verify)->author.domain;
	double left = q->deadline - ev_now(q->lookups->loop);
	struct list_answer answer = { 0 };

	q->wish.done = wish_known;
	q->wish.arg = q;
	if (lists_known(q->lookups->lists, LIST_WISH, domain, &answer) ||
	    left <= 0 ||
	    lists_wait(q->lookups->lists, LIST_WISH, domain, &q->wish) != 0) {
		wish_known(q, &answer);
		return;
	}
	ev_timer_set(&q->wish_timer, left, 0);
	ev_timer_start(q->lookups->loop, &q->wish_timer);
}

static void
lists_done(void *arg, const struct reputation *reputation)
{
	struct inquiry *q = arg;

	verify_reputation(q->verify, reputation);
	finish(q);
}

/* Without memory for it no list says anything. */
static void
ask_lists(struct inquiry *q)
{
	q->check = reputation_check_new(
	    q->lookups->reputations, verify_verdict(q->verify), q->options);
	if (q->check != NULL)
		reputation_check_start(q->check, q->deadline, lists_done, q);
	else
		finish(q);
}

/* Look-ups that can change nothing any more end first. */
static void
conclude(struct inquiry *q)
{
	const struct verification *v = verify_verdict(q->verify);

	cancel_probes(q);
	if (!q->no_wish && verdict_wants_wish(v, q->options))
		ask_wish(q);
	else if (verdict_wants_reputation(v, q->options))
		ask_lists(q);
	else
		finish(q);
}

struct inquiry *
inquiry_new(const struct lookups *lookups, struct verify *verify,
    const struct verifyd_config *options, void (*done)(void *), void *arg)
{
	struct inquiry *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->lookups = lookups;
	q->verify = verify;
	q->options = options;
	q->done = done;
	q->arg = arg;
	ev_timer_init(&q->wish_timer, wish_late, 0, 0);
	q->wish_timer.data = q;
	return q;
}

static void advance(struct inquiry *q);

static void
probe_text(void *arg, const char *text, size_t n)
{
	struct probe *p = arg;
	struct verify *v = p->inquiry->verify;

	watch_text(&p->inquiry->lookups->watcher,
	    &verify_evidence(v)->ids[p->which].id, text, n);
	verify_text(v, p->which, text, n);
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

/* Domain lists keep their share: else whoever is listed could take all of the
   time by a slow server of its own, and pass. */
static double
probe_deadline(const struct inquiry *q)
{
	return q->options->reputation.n > 0
	    ? q->deadline - q->options->timeout * LIST_REPUTATION_SHARE
	    : q->deadline;
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
	p->lookup = lookup_start(q->lookups, id, probe_deadline(q), &hooks, p);
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
		conclude(q);
}

static void
domain_known(void *arg, const struct list_answer *answer)
{
	struct inquiry *q = arg;

	watch_list(&q->lookups->watcher, verify_want_domain(q->verify), answer);
	q->no_wish =
	    answer->outcome > LOOKUP_NO_RECORD || answer->nothing_below;
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
	if (lists_known(q->lookups->lists, LIST_SERVERS, domain, &answer) ||
	    lists_wait(q->lookups->lists, LIST_SERVERS, domain, &q->domain) !=
		0)
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
