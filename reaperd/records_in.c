/* Owns which zone is looked at when, and how many at a time. */
#include "reaperd/records_in.h"

#include <math.h>
#include <stdlib.h>

#include "common/monotonic.h"
#include "reaperd/counters.h"
#include "reaperd/watch_in.h"

struct target {
	struct zone *zone;
	struct watch *watch;
};

struct records {
	struct records_options o;
	struct target *targets;
	size_t n;
	ev_timer timer; /* until the next is due */
};

static void
count_all(const struct records *r)
{
	int64_t names = 0, records = 0, memory = 0, unknown = 0, lag = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct expiry *index = r->targets[i].zone->index;

		names += (int64_t)expiry_names(index);
		records += (int64_t)expiry_records(index);
		memory += (int64_t)expiry_memory(index);
		unknown += !r->targets[i].zone->known;
		lag += watch_lag(r->targets[i].watch);
	}
	metric_set(&counters, COUNT_NAMES, names);
	metric_set(&counters, COUNT_RECORDS, records);
	metric_set(&counters, COUNT_MEMORY, memory);
	metric_set(&counters, COUNT_ZONES_UNKNOWN, unknown);
	metric_set(&counters, COUNT_SERIAL_LAG, lag);
}

/* Where as many as may be are under way, the end of one will arm it. */
static void
arm(struct records *r)
{
	double first = INFINITY;
	size_t active = 0;

	for (size_t i = 0; i < r->n; i++) {
		double due = watch_due(r->targets[i].watch);

		first = fmin(first, due);
		active += due == INFINITY;
	}
	if (first == INFINITY || active >= RECORDS_TRANSFERS_MAX) {
		ev_timer_stop(r->o.loop, &r->timer);
		return;
	}
	r->timer.repeat = fmax(first - monotonic_now(), 0.001);
	ev_timer_again(r->o.loop, &r->timer);
}

static void
on_rested(void *arg)
{
	struct records *r = arg;

	count_all(r);
	arm(r);
}

/* The one that is due for longest, or NULL. */
static struct watch *
first_due(const struct records *r)
{
	double due = monotonic_now();
	struct watch *first = NULL;
	size_t active = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct watch *w = r->targets[i].watch;

		active += watch_due(w) == INFINITY;
		if (watch_due(w) <= due) {
			due = watch_due(w);
			first = w;
		}
	}
	return active < RECORDS_TRANSFERS_MAX ? first : NULL;
}

static void
on_due(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct records *r = timer->data;
	struct watch *w;

	(void)loop;
	(void)revents;
	while ((w = first_due(r)) != NULL)
		watch_begin(w);
	arm(r);
}

void
records_go_on(struct records *r)
{
	for (size_t i = 0; i < r->n; i++)
		watch_go_on(r->targets[i].watch);
}

void
records_whole(struct records *r, const struct zone *zone)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->targets[i].zone == zone)
			watch_whole(r->targets[i].watch);
	arm(r);
}

/* ---- life ---- */

static int
add_target(struct records *r, struct zone *z)
{
	struct target *t = &r->targets[r->n];

	t->zone = z;
	t->watch = watch_new(
	    &(struct watch_options){
		.loop = r->o.loop,
		.key = r->o.key,
		.poll = r->o.poll,
		.again = r->o.again,
		.events = &r->o.events,
		.rested = on_rested,
		.arg = r,
	    },
	    z);
	if (t->watch == NULL)
		return -1;
	r->n++;
	return 0;
}

struct records *
records_new(const struct records_options *o)
{
	struct records *r = calloc(1, sizeof(*r));
	struct zone *z;
	size_t n = 0;

	if (r == NULL)
		return NULL;
	r->o = *o;
	ev_init(&r->timer, on_due);
	r->timer.data = r;
	STAILQ_FOREACH(z, o->zones, link)
	n++;
	if ((r->targets = calloc(n + 1, sizeof(*r->targets))) == NULL)
		goto fail;
	STAILQ_FOREACH(z, o->zones, link)
	if (add_target(r, z) == -1)
		goto fail;
	on_rested(r);
	return r;
fail:
	records_free(r);
	return NULL;
}

void
records_free(struct records *r)
{
	if (r == NULL)
		return;
	ev_timer_stop(r->o.loop, &r->timer);
	for (size_t i = 0; i < r->n; i++)
		watch_free(r->targets[i].watch);
	free(r->targets);
	free(r);
}
