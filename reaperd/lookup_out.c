/*
 * Questions in numbered slots; a question's ID is its slot. The connection is
 * closed when it was idle for a while, so that it takes no place at the
 * primary, and when an answer is overdue.
 */
#include "reaperd/lookup_out.h"

#include <assert.h>
#include <stdlib.h>

#include "common/dns_message.h"
#include "common/dns_stream.h"
#include "common/monotonic.h"
#include "reaperd/counters.h"

#define ANSWER_TIMEOUT 5.0
#define IDLE_TIMEOUT   5.0

enum { QUERY_MAX = 512 };

struct slot {
	struct lookup_question question;
	double asked; /* 0: free */
};

struct lookup {
	struct ev_loop *loop;
	struct dns_stream *stream;
	const struct lookup_events *events;
	void *arg;
	ev_timer timer; /* the next answer is due, or: idle long enough */
	size_t n_free;
	uint16_t free[LOOKUP_MAX];
	struct slot slots[LOOKUP_MAX];
};

static void
watch(struct lookup *l)
{
	l->timer.repeat = lookup_pending(l) > 0 ? ANSWER_TIMEOUT : IDLE_TIMEOUT;
	ev_timer_again(l->loop, &l->timer);
}

static void
release(struct lookup *l, struct slot *s)
{
	s->asked = 0;
	l->free[l->n_free++] = (uint16_t)(s - l->slots);
}

static void
on_message(void *arg, const uint8_t *msg, size_t len)
{
	struct lookup *l = arg;
	struct lookup_question question;
	struct slot *s;
	size_t id = len < 2 ? LOOKUP_MAX : (size_t)(msg[0] << 8 | msg[1]);

	if (id >= LOOKUP_MAX || l->slots[id].asked == 0)
		return;
	s = &l->slots[id];
	metric_observe(
	    &counters, COUNT_LOOKUP_TIME, monotonic_now() - s->asked);
	question = s->question;
	release(l, s);
	watch(l);
	l->events->answer(l->arg, &question, msg, len);
}

static void
fail_all(struct lookup *l, const char *why)
{
	for (size_t i = 0; i < LOOKUP_MAX; i++) {
		struct slot *s = &l->slots[i];
		struct lookup_question question = s->question;

		if (s->asked == 0)
			continue;
		release(l, s);
		l->events->failed(l->arg, &question, why);
	}
	watch(l);
}

static void
on_closed(void *arg, const char *why)
{
	fail_all(arg, why);
}

static const struct dns_stream_events stream_events = {
	.message = on_message,
	.closed = on_closed,
};

static void
on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct lookup *l = w->data;

	(void)revents;
	dns_stream_close(l->stream);
	if (lookup_pending(l) > 0)
		fail_all(l, "no answer in time");
	else
		ev_timer_stop(loop, w);
}

struct lookup *
lookup_new(struct ev_loop *loop, const struct net_address *primary,
    const struct lookup_events *events, void *arg)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->loop = loop;
	l->events = events;
	l->arg = arg;
	while (l->n_free < LOOKUP_MAX) {
		l->free[l->n_free] = (uint16_t)(LOOKUP_MAX - 1 - l->n_free);
		l->n_free++;
	}
	ev_init(&l->timer, on_timer);
	l->timer.data = l;
	if ((l->stream = dns_stream_new(loop, primary, &stream_events, l)) ==
	    NULL) {
		free(l);
		return NULL;
	}
	return l;
}

void
lookup_free(struct lookup *l)
{
	if (l == NULL)
		return;
	ev_timer_stop(l->loop, &l->timer);
	dns_stream_free(l->stream);
	free(l);
}

size_t
lookup_room(const struct lookup *l)
{
	return l->n_free;
}

size_t
lookup_pending(const struct lookup *l)
{
	return LOOKUP_MAX - l->n_free;
}

int
lookup_ask(struct lookup *l, const struct lookup_question *question)
{
	struct slot *s;
	struct dns_name owner;
	uint8_t query[QUERY_MAX];
	size_t len;

	assert(l->n_free > 0);
	s = &l->slots[l->free[l->n_free - 1]];
	zone_owner_name(question->zone, &question->name, &owner);
	len = dns_query_put(query, sizeof(query), (uint16_t)(s - l->slots),
	    &owner, DNS_TXT, 0, 0);
	if (len == 0 || dns_stream_send(l->stream, query, len) == -1)
		return -1;
	if (lookup_pending(l) == 0) {
		l->timer.repeat = ANSWER_TIMEOUT;
		ev_timer_again(l->loop, &l->timer);
	}
	l->n_free--;
	s->question = *question;
	s->asked = monotonic_now();
	metric_add(&counters, COUNT_LOOKUPS, 1);
	return 0;
}
