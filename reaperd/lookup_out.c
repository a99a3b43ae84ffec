/*
 * Questions in numbered slots; a question's ID is its slot. A connection is
 * closed when it was idle for a while, so that it takes no place at the
 * primary, and when an answer is overdue.
 */
#include "reaperd/lookup_out.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "common/complaint.h"
#include "common/dns_message.h"
#include "common/dns_stream.h"
#include "common/log.h"
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
	struct lookups *all;
	char address[NET_ADDRESS_TEXT_MAX];
	struct net_address primary;
	struct dns_stream *stream;
	struct complaint trouble;
	ev_timer timer; /* the next answer is due, or: idle long enough */
	size_t n_free;
	uint16_t free[LOOKUP_MAX];
	struct slot slots[LOOKUP_MAX];
	STAILQ_ENTRY(lookup) link;
};

struct lookups {
	struct ev_loop *loop;
	const struct lookup_events *events;
	void *arg;
	STAILQ_HEAD(, lookup) list;
};

/* ---- slots ---- */

static size_t
pending(const struct lookup *l)
{
	return LOOKUP_MAX - l->n_free;
}

/* Time for the next answer, or for idleness, begins now. */
static void
watch(struct lookup *l)
{
	l->timer.repeat = pending(l) > 0 ? ANSWER_TIMEOUT : IDLE_TIMEOUT;
	ev_timer_again(l->all->loop, &l->timer);
}

static struct lookup_question
release(struct lookup *l, struct slot *s)
{
	s->asked = 0;
	l->free[l->n_free++] = (uint16_t)(s - l->slots);
	return s->question;
}

static void
fail_all(struct lookup *l, const char *why)
{
	if (pending(l) > 0)
		lookup_useless(l, why);
	for (size_t i = 0; i < LOOKUP_MAX; i++) {
		struct lookup_question question;

		if (l->slots[i].asked == 0)
			continue;
		question = release(l, &l->slots[i]);
		metric_add(&counters, COUNT_LOOKUPS_FAILED, 1);
		l->all->events->failed(l->all->arg, &question);
	}
	watch(l);
}

/* ---- the connection ---- */

static void
on_message(void *arg, const uint8_t *msg, size_t len)
{
	struct lookup *l = arg;
	struct lookup_question question;
	size_t id = len < 2 ? LOOKUP_MAX : (size_t)(msg[0] << 8 | msg[1]);

	if (id >= LOOKUP_MAX || l->slots[id].asked == 0)
		return;
	metric_observe(
	    &counters, COUNT_LOOKUP_TIME, monotonic_now() - l->slots[id].asked);
	question = release(l, &l->slots[id]);
	watch(l);
	l->all->events->answer(l->all->arg, l, &question, msg, len);
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
	if (pending(l) > 0)
		fail_all(l, "no answer in time");
	else
		ev_timer_stop(loop, w);
}

/* ---- outside ---- */

static struct lookup *
lookup_new(struct lookups *all, const struct net_address *primary)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->all = all;
	l->primary = *primary;
	net_address_text(primary, l->address);
	while (l->n_free < LOOKUP_MAX) {
		l->free[l->n_free] = (uint16_t)l->n_free;
		l->n_free++;
	}
	ev_init(&l->timer, on_timer);
	l->timer.data = l;
	l->stream = dns_stream_new(all->loop, primary, &stream_events, l);
	if (l->stream == NULL) {
		free(l);
		return NULL;
	}
	STAILQ_INSERT_TAIL(&all->list, l, link);
	return l;
}

struct lookup *
lookups_at(struct lookups *all, const struct net_address *primary)
{
	struct lookup *l;

	STAILQ_FOREACH(l, &all->list, link)
	if (net_address_equal(&l->primary, primary))
		return l;
	return lookup_new(all, primary);
}

struct lookups *
lookups_new(struct ev_loop *loop, const struct lookup_events *events, void *arg)
{
	struct lookups *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	all->loop = loop;
	all->events = events;
	all->arg = arg;
	STAILQ_INIT(&all->list);
	return all;
}

void
lookups_free(struct lookups *all)
{
	struct lookup *l;

	if (all == NULL)
		return;
	while ((l = STAILQ_FIRST(&all->list)) != NULL) {
		STAILQ_REMOVE_HEAD(&all->list, link);
		ev_timer_stop(all->loop, &l->timer);
		dns_stream_free(l->stream);
		free(l);
	}
	free(all);
}

size_t
lookups_pending(const struct lookups *all)
{
	const struct lookup *l;
	size_t n = 0;

	STAILQ_FOREACH(l, &all->list, link)
	n += pending(l);
	return n;
}

size_t
lookup_room(const struct lookup *l)
{
	return l->n_free;
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
	l->n_free--;
	s->question = *question;
	s->asked = monotonic_now();
	if (pending(l) == 1)
		watch(l);
	metric_add(&counters, COUNT_LOOKUPS, 1);
	return 0;
}

void
lookup_useless(struct lookup *l, const char *why)
{
	char line[COMPLAINT_TEXT_MAX];

	snprintf(line, sizeof(line), "%s does not say what is expired: %s",
	    l->address, why);
	complaint_log(&l->trouble, line, monotonic_now());
}

void
lookup_useful(struct lookup *l)
{
	double trouble = complaint_over(&l->trouble, monotonic_now());

	if (trouble >= 0)
		log_info("%s answers again, after %.0f s", l->address, trouble);
}
