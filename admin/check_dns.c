/* Owns the loop while questions are under way. */
#include "admin/check_dns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/check_list.h"
#include "common/monotonic.h"

#define ASK_TIMEOUT 5.0 /* seconds, for one question */
#define PAUSE       0.02

bool
check_question_init(struct check_question *q, const struct net_address *server,
    const char *name, uint16_t type, uint16_t flags)
{
	*q = (struct check_question){ .server = *server,
		.question = { .type = type, .flags = flags } };
	check_server_text(server, q->server_text);
	return dns_name_parse(&q->question.name, name) == 0;
}

static void
answered(void *arg, const struct dns_reply *reply)
{
	struct check_question *q = arg;

	q->query = NULL;
	q->ms = (monotonic_now() - q->began) * 1000;
	q->outcome = reply->outcome;
	q->rcode = reply->rcode;
	q->aa = reply->aa;
	snprintf(q->why, sizeof(q->why), "%s", reply->why);
	if (reply->msg == NULL || (q->msg = malloc(reply->len)) == NULL)
		return;
	memcpy(q->msg, reply->msg, reply->len);
	q->len = reply->len;
}

static void
ask(struct check_run *run, struct check_question *q)
{
	double left = check_left(run);

	q->began = monotonic_now();
	q->outcome = DNS_OVER_BUDGET;
	snprintf(q->why, sizeof(q->why), "there was no time left");
	if (left <= 0)
		return;
	ev_now_update(run->loop);
	q->query = dns_exchange_ask(run->exchange, &q->server, &q->question,
	    fmin(left, ASK_TIMEOUT), answered, q);
}

static bool
any_open(const struct check_question *q, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (q[i].query != NULL)
			return true;
	return false;
}

/* Every question has its own deadline, so this comes to an end. */
void
check_dns_ask(struct check_run *run, struct check_question *q, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ask(run, &q[i]);
	while (any_open(q, n))
		ev_run(run->loop, EVRUN_ONCE);
}

void
check_dns_free(struct check_question *q, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(q[i].msg);
}

static void
paused(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)w;
	(void)events;
	ev_break(loop, EVBREAK_ONE);
}

void
check_dns_pause(struct check_run *run)
{
	ev_timer timer;

	ev_now_update(run->loop);
	ev_timer_init(&timer, paused, PAUSE, 0);
	ev_timer_start(run->loop, &timer);
	ev_run(run->loop, 0);
}
