/*
 * For each zone:
 *
 *   CONNECT -> READ -> DRAIN -> the next zone
 *      ^         |       |trouble
 *      `-- REST <+-------'
 *
 * Events only leave word; what follows is decided by the timer, which goes on
 * until the end. So nothing is freed while it calls.
 */
#include "reaperd/recall_out.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/monotonic.h"
#include "reaperd/counters.h"
#include "reaperd/rate.h"
#include "reaperd/remove_out.h"
#include "reaperd/zone_read_in.h"

#define TICK      0.02
#define REST_TIME 1.0 /* seconds before a zone is read again */
enum {
	TRIES_MAX = 3,     /* at a primary, in a row, that remove nothing */
	REFUSED_MAX = 100, /* then publishd will refuse them all */
};

enum phase { CONNECT, READ, DRAIN, REST, PHASE__COUNT };

struct recall_run {
	struct recall_run_options o;
	enum phase phase;
	ev_timer timer;
	struct zone *zone;
	struct zone_read *read; /* of that zone, at that primary of it */
	size_t primary;
	struct remove *remove; /* NULL: it only counts */
	struct rate rate;
	struct recall_figures figures, before; /* before: this zone */
	uint64_t withdrawn_before;             /* this try */
	unsigned tries;
	double rests_until;
	bool read_ended, full;
	const char *unwanted; /* once said, for good: nothing is read then */
	char trouble[RECALL_REASON_MAX]; /* of this try; "" none */
	char why[RECALL_REASON_MAX];     /* the first zone that failed */
};

static void
trouble(struct recall_run *r, const char *who, const char *why)
{
	if (r->trouble[0] == '\0')
		snprintf(r->trouble, sizeof(r->trouble), "%s: %s", who, why);
}

/* ---- records that come ---- */

static int
on_record(void *arg, const struct zone_found *f)
{
	struct recall_run *r = arg;
	struct recall_figures *n = &r->figures;

	n->seen++;
	if (!recall_matches(r->o.what, r->zone, &f->name, &f->text))
		return 0;
	n->matched++;
	if (r->remove != NULL) {
		rate_spend(&r->rate, 1);
		return remove_add(r->remove, r->zone, &f->name, &f->text);
	}
	if (n->n_samples < RECALL_SAMPLES_MAX)
		recall_sample(
		    &n->samples[n->n_samples++], r->zone, &f->name, &f->text);
	return 0;
}

static bool
is_full(struct recall_run *r)
{
	return r->remove != NULL &&
	    (remove_requests(r->remove) >= REMOVE_REQUESTS_MAX ||
		rate_ready(&r->rate, monotonic_now()) == 0);
}

static bool
on_full(void *arg)
{
	struct recall_run *r = arg;

	r->full = r->trouble[0] != '\0' || is_full(r);
	return r->full;
}

static void
on_read_ended(void *arg, const char *why)
{
	struct recall_run *r = arg;
	const struct net_address *at = &r->zone->primaries[r->primary];
	char address[NET_ADDRESS_TEXT_MAX];

	r->read_ended = true;
	if (why != NULL)
		trouble(r, net_address_text(at, address), why);
}

static const struct zone_read_events read_events = {
	.record = on_record,
	.full = on_full,
	.ended = on_read_ended,
};

/* ---- records that go ---- */

static void
on_removed(void *arg, const struct removal *removal)
{
	struct recall_run *r = arg;

	r->figures.withdrawn += removal->n;
	metric_add(&counters, COUNT_RECALLED, (int64_t)removal->n);
}

static void
on_put_off(
    void *arg, const struct removal *removal, int64_t now, const char *why)
{
	(void)removal;
	(void)now;
	trouble(arg, "publishd", why);
}

static void
on_refused(void *arg, const struct removal *removal, int64_t now)
{
	struct recall_run *r = arg;

	(void)removal;
	(void)now;
	if (++r->figures.refused >= REFUSED_MAX)
		trouble(r, "publishd", "it refuses to remove them");
}

static void
go_on_reading(struct recall_run *r)
{
	if (r->full && !on_full(r))
		zone_read_go_on(r->read);
}

static void
on_answered(void *arg, bool well)
{
	(void)well;
	go_on_reading(arg);
}

static const struct remove_events remove_events = {
	.removed = on_removed,
	.put_off = on_put_off,
	.refused = on_refused,
	.answered = on_answered,
};

/* ---- zones and tries ---- */

/* The next that may hold something, or NULL. */
static struct zone *
zone_after(const struct recall_run *r, struct zone *zone)
{
	zone =
	    zone == NULL ? STAILQ_FIRST(r->o.zones) : STAILQ_NEXT(zone, link);
	while (zone != NULL && !recall_zone(r->o.what, zone))
		zone = STAILQ_NEXT(zone, link);
	return zone;
}

static void
end(struct recall_run *r, const char *why)
{
	ev_timer_stop(r->o.loop, &r->timer);
	r->o.ended(r->o.arg, why);
}

static void
end_of_zones(struct recall_run *r)
{
	if (r->why[0] == '\0' && r->figures.refused > 0)
		snprintf(r->why, sizeof(r->why),
		    "publishd refuses to remove %llu of them, its log says why",
		    (unsigned long long)r->figures.refused);
	end(r, r->why[0] != '\0' ? r->why : NULL);
}

/* -1: out of memory, and it is read where it was. */
static int
read_at(struct recall_run *r, size_t primary)
{
	struct zone_read *read = zone_read_new(r->o.loop, r->zone,
	    &r->zone->primaries[primary], r->o.key, &read_events, r);

	if (read == NULL)
		return -1;
	zone_read_free(r->read);
	r->read = read;
	r->primary = primary;
	return 0;
}

static void
next_zone(struct recall_run *r)
{
	zone_read_free(r->read);
	r->read = NULL;
	r->zone = zone_after(r, r->zone);
	if (r->zone == NULL) {
		end_of_zones(r);
		return;
	}
	r->before = r->figures;
	r->tries = 0;
	r->phase = CONNECT;
	if (read_at(r, r->zone->of) == -1)
		end(r, "out of memory");
}

static void
try_begin(struct recall_run *r)
{
	struct recall_figures *n = &r->figures;

	n->seen = r->before.seen;
	n->matched = r->before.matched + n->withdrawn - r->before.withdrawn;
	n->refused = r->before.refused;
	n->n_samples = r->before.n_samples;
	r->withdrawn_before = n->withdrawn;
	r->read_ended = r->full = false;
	if (zone_read_begin(r->read) == -1) {
		r->read_ended = true;
		trouble(r, r->zone->text, "out of memory");
	}
	r->phase = READ;
}

/* The next is at the next primary. */
static void
try_again(struct recall_run *r)
{
	read_at(r, (r->primary + 1) % r->zone->n_primaries);
	r->trouble[0] = '\0';
	r->rests_until = monotonic_now() + REST_TIME;
	r->phase = REST;
}

/* A try that removed something was not in vain: it does not count. */
static void
try_failed(struct recall_run *r)
{
	if (r->figures.withdrawn > r->withdrawn_before)
		r->tries = 0;
	if (++r->tries < TRIES_MAX * r->zone->n_primaries &&
	    r->figures.refused < REFUSED_MAX) {
		try_again(r);
		return;
	}
	if (r->why[0] == '\0')
		snprintf(r->why, sizeof(r->why), "%s: %.200s", r->zone->text,
		    r->trouble);
	r->trouble[0] = '\0';
	next_zone(r);
}

/* ---- the phases, at each tick ---- */

static void
at_connect(struct recall_run *r)
{
	if (r->remove == NULL || remove_reachable(r->remove)) {
		try_begin(r);
	} else if (!remove_connecting(r->remove)) {
		r->withdrawn_before = r->figures.withdrawn;
		trouble(r, "publishd", "not connected");
		try_failed(r);
	}
}

static void
at_read(struct recall_run *r)
{
	if (r->trouble[0] != '\0')
		zone_read_stop(r->read);
	if (r->trouble[0] != '\0' || r->read_ended)
		r->phase = DRAIN;
	else
		go_on_reading(r);
}

static void
at_drain(struct recall_run *r)
{
	if (r->remove != NULL &&
	    (remove_requests(r->remove) > 0 || remove_gathering(r->remove)))
		return;
	if (r->trouble[0] != '\0')
		try_failed(r);
	else
		next_zone(r);
}

static void
at_rest(struct recall_run *r)
{
	if (monotonic_now() >= r->rests_until)
		r->phase = CONNECT;
}

static void (*const phases[])(struct recall_run *) = {
	[CONNECT] = at_connect,
	[READ] = at_read,
	[DRAIN] = at_drain,
	[REST] = at_rest,
};
_Static_assert(
    sizeof(phases) / sizeof(phases[0]) == PHASE__COUNT, "phase without a row");

/* What publishd has been asked already is waited for: it counts. */
static void
end_early(struct recall_run *r, const char *why)
{
	if (r->read != NULL)
		zone_read_stop(r->read);
	if (r->remove == NULL || remove_requests(r->remove) == 0)
		end(r, why);
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct recall_run *r = w->data;

	(void)loop;
	(void)revents;
	if (r->unwanted == NULL)
		r->unwanted = r->o.unwanted(r->o.arg);
	if (r->remove != NULL)
		remove_send(r->remove);
	if (r->unwanted != NULL)
		end_early(r, r->unwanted);
	else if (r->zone == NULL)
		next_zone(r);
	else
		phases[r->phase](r);
}

/* ---- life ---- */

struct recall_run *
recall_run_new(const struct recall_run_options *o)
{
	struct recall_run *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->o = *o;
	rate_set(&r->rate, o->per_second, monotonic_now());
	if (o->withdraw) {
		r->remove =
		    remove_new(o->loop, o->publishers, &remove_events, r);
		if (r->remove == NULL) {
			free(r);
			return NULL;
		}
	}
	ev_timer_init(&r->timer, on_timer, 0, TICK);
	r->timer.data = r;
	ev_timer_start(o->loop, &r->timer);
	return r;
}

void
recall_run_free(struct recall_run *r)
{
	if (r == NULL)
		return;
	ev_timer_stop(r->o.loop, &r->timer);
	zone_read_free(r->read);
	remove_free(r->remove);
	free(r);
}

const struct recall_figures *
recall_run_figures(const struct recall_run *r)
{
	return &r->figures;
}
