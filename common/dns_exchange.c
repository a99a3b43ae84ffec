/*
 * Owns who waits for an answer and until when, which questions are under way,
 * and how many there may be. How one of them goes is dns_attempt's.
 */
#include "dns_exchange.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "dns_attempt.h"
#include "metrics.h"
#include "monotonic.h"

/* Seconds without an answer after which a question makes room for others. */
static const double room_after = 1.0;

void
dns_exchange_count(struct dns_exchange *x, size_t which, int64_t n)
{
	if (x->metrics != NULL)
		metric_add(x->metrics, x->first + which, n);
}

const char *
dns_exchange_refused(struct dns_exchange *x, enum dns_refusal refusal,
    const struct net_address *server)
{
	const char *why = dns_refusal_texts[refusal];
	char text[COMPLAINT_TEXT_MAX], where[NET_ADDRESS_TEXT_MAX];

	dns_exchange_count(x, DNS_COUNT_REFUSED + refusal - 1, 1);
	snprintf(text, sizeof(text), "name server %s is not asked: %s",
	    net_address_text(server, where), why);
	if (refusal == DNS_OVER_QUERIES)
		snprintf(text, sizeof(text),
		    "name servers are not asked: %s (%u)", why,
		    x->limits.queries);
	complaint_log(&x->complaint, text, ev_now(x->loop));
	return why;
}

/* ---- who waits ------------------------------------------------------------
 */

/* Out of all lists: nothing tells it any more. */
static void
query_detach(struct dns_query *q)
{
	ev_timer_stop(q->exchange->loop, &q->timer);
	ev_clear_pending(q->exchange->loop, &q->timer);
	if (q->attempt != NULL)
		TAILQ_REMOVE(&q->attempt->queries, q, mate);
	LIST_REMOVE(q, link);
	q->exchange->pending--;
	q->attempt = NULL;
}

void
dns_query_tell(struct dns_query *q, const struct dns_reply *reply)
{
	query_detach(q);
	q->telling = true;
	q->done(q->arg, reply);
	free(q);
}

static bool
nobody_waits(const struct dns_attempt *a)
{
	return TAILQ_EMPTY(&a->queries) && !a->ending;
}

/* In its own callback it has ended already. */
void
dns_query_cancel(struct dns_query *q)
{
	struct dns_attempt *a;

	if (q == NULL || q->telling)
		return;
	a = q->attempt;
	query_detach(q);
	free(q);
	if (a != NULL && nobody_waits(a))
		dns_attempt_free(a);
}

static struct dns_reply
late_reply(const struct dns_attempt *a)
{
	if (a->broken)
		return (struct dns_reply){ .outcome = DNS_GARBLED,
			.why = "what came by UDP was no answer, and TCP took "
			       "too long" };
	return (struct dns_reply){ .outcome = DNS_TIMED_OUT,
		.why = "no answer in time" };
}

/*
 * What has not answered the one who began would hardly answer those who joined
 * him: for them it begins anew.
 */
static void
query_due(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct dns_query *q = w->data;
	struct dns_attempt *a = q->attempt;
	struct dns_reply reply = { .outcome = DNS_OVER_BUDGET, .why = q->why };
	bool first;

	(void)loop;
	(void)revents;
	if (a != NULL) {
		reply = late_reply(a);
		first = q == TAILQ_FIRST(&a->queries);
		TAILQ_REMOVE(&a->queries, q, mate);
		q->attempt = NULL;
		if (nobody_waits(a))
			dns_attempt_free(a);
		else if (first)
			dns_attempt_again(a);
	}
	dns_query_tell(q, &reply);
}

static struct dns_query *
query_new(struct dns_exchange *x, dns_reply_fn *done, void *arg)
{
	struct dns_query *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->exchange = x;
	q->done = done;
	q->arg = arg;
	ev_init(&q->timer, query_due);
	q->timer.data = q;
	LIST_INSERT_HEAD(&x->queries, q, link);
	x->pending++;
	return q;
}

static void
query_wait(struct dns_query *q, double timeout)
{
	ev_timer_set(&q->timer, timeout > 0 ? timeout : 0, 0.);
	ev_timer_start(q->exchange->loop, &q->timer);
}

static void
query_join(struct dns_query *q, struct dns_attempt *a)
{
	q->attempt = a;
	TAILQ_INSERT_TAIL(&a->queries, q, mate);
}

static void
query_refuse(struct dns_query *q, const char *why)
{
	q->why = why;
	ev_feed_event(q->exchange->loop, &q->timer, EV_CUSTOM);
}

/* ---- what is under way ----------------------------------------------------
 */

static size_t
bucket_of(const struct dns_exchange *x, const struct dns_question *question)
{
	return siphash(x->key, question->name.wire, question->name.len) &
	    (DNS_BUCKETS - 1);
}

static bool
is_same(const struct dns_question *a, const struct dns_question *b)
{
	return a->type == b->type && a->flags == b->flags && a->tcp == b->tcp &&
	    dns_name_equal(&a->name, &b->name);
}

static struct dns_attempt *
attempt_find(struct dns_exchange *x, const struct net_address *server,
    const struct dns_question *question)
{
	struct dns_attempt *a;

	LIST_FOREACH(a, &x->buckets[bucket_of(x, question)], chain)
	if (a->why == NULL && is_same(&a->question, question) &&
	    net_address_equal(&a->server, server))
		return a;
	return NULL;
}

static enum dns_refusal
budget_begin(struct dns_attempt *a)
{
	struct dns_exchange *x = a->exchange;
	bool own = (a->question.flags & DNS_RD) != 0;

	return dns_budget_begin(
	    x->budget, own ? NULL : &a->server, a->began, &a->account);
}

/* The oldest goes, if it has had its time. */
static bool
make_room(struct dns_exchange *x, double now)
{
	struct dns_attempt *a;

	TAILQ_FOREACH(a, &x->attempts, age)
	if (a->held)
		break;
	if (a == NULL || now - a->began < room_after)
		return false;
	dns_exchange_count(x, DNS_COUNT_MADE_ROOM, 1);
	dns_attempt_fail(a, DNS_OVER_BUDGET,
	    "no answer yet, and too many other questions wait");
	return true;
}

/* Does the budget allow it? */
static enum dns_refusal
attempt_admit(struct dns_attempt *a)
{
	enum dns_refusal refusal = budget_begin(a);

	if (refusal == DNS_OVER_QUERIES && make_room(a->exchange, a->began))
		refusal = budget_begin(a);
	a->held = refusal == DNS_MAY;
	return refusal;
}

static void
attempt_enter(struct dns_attempt *a)
{
	struct dns_exchange *x = a->exchange;
	size_t bucket = bucket_of(x, &a->question);

	TAILQ_INIT(&a->queries);
	TAILQ_INSERT_TAIL(&x->attempts, a, age);
	LIST_INSERT_HEAD(&x->buckets[bucket], a, chain);
	dns_exchange_count(x, DNS_COUNT_UNDER_WAY, 1);
}

/* -1: no memory. */
static int
query_begin(struct dns_query *q, const struct net_address *server,
    const struct dns_question *question)
{
	struct dns_exchange *x = q->exchange;
	struct dns_attempt *a = calloc(1, sizeof(*a));
	enum dns_refusal refusal;

	if (a == NULL)
		return -1;
	a->exchange = x;
	a->server = *server;
	a->question = *question;
	a->began = monotonic_now();
	refusal = attempt_admit(a);
	if (refusal != DNS_MAY) {
		query_refuse(q, dns_exchange_refused(x, refusal, server));
		free(a);
		return 0;
	}
	attempt_enter(a);
	query_join(q, a);
	dns_attempt_begin(a);
	return 0;
}

struct dns_query *
dns_exchange_ask(struct dns_exchange *x, const struct net_address *server,
    const struct dns_question *question, double timeout, dns_reply_fn *done,
    void *arg)
{
	struct dns_query *q = query_new(x, done, arg);
	struct dns_attempt *a = NULL;

	if (q == NULL)
		return NULL;
	query_wait(q, timeout);
	if (x->limits.share)
		a = attempt_find(x, server, question);
	if (a != NULL) {
		dns_exchange_count(x, DNS_COUNT_SHARED, 1);
		query_join(q, a);
	} else if (query_begin(q, server, question) == -1) {
		dns_query_cancel(q);
		return NULL;
	}
	return q;
}

/* ---- life -----------------------------------------------------------------
 */

struct dns_exchange *
dns_exchange_new(struct ev_loop *loop, const struct dns_limits *limits)
{
	struct dns_exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->loop = loop;
	x->limits = *limits;
	x->budget = dns_budget_new(limits);
	LIST_INIT(&x->queries);
	TAILQ_INIT(&x->attempts);
	if (x->budget == NULL ||
	    getrandom(x->key, sizeof(x->key), 0) != sizeof(x->key)) {
		dns_exchange_free(x);
		return NULL;
	}
	return x;
}

void
dns_exchange_free(struct dns_exchange *x)
{
	struct dns_query *q;

	if (x == NULL)
		return;
	while ((q = LIST_FIRST(&x->queries)) != NULL)
		dns_query_cancel(q);
	assert(TAILQ_EMPTY(&x->attempts));
	dns_budget_free(x->budget);
	free(x);
}

void
dns_exchange_limit(struct dns_exchange *x, const struct dns_limits *limits)
{
	dns_budget_limit(x->budget, limits);
	x->limits = *limits;
}

void
dns_exchange_meter(struct dns_exchange *x, struct metrics *m, size_t first)
{
	x->metrics = m;
	x->first = first;
}

size_t
dns_exchange_pending(const struct dns_exchange *x)
{
	return x->pending;
}

uint64_t
dns_exchange_packets(const struct dns_exchange *x)
{
	return x->packets;
}

uint64_t
dns_exchange_strays(const struct dns_exchange *x)
{
	return x->strays;
}
