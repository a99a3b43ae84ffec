/*
 * index -> question -> remove_out, each bounded: no name is taken while enough
 * is with publishd. One that was taken stays in the index with a later time, so
 * it comes again unless a transfer says that it is gone.
 *
 * A question costs BIND some 30 us over TCP, a record in a transfer 2: with a
 * great rate the sweep asks for a transfer when it falls behind, and lets it
 * wait whenever publishd has enough.
 */
#include "reaperd/sweep_out.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "common/log.h"
#include "common/monotonic.h"
#include "reaperd/counters.h"
#include "reaperd/lookup_out.h"
#include "reaperd/pause.h"
#include "reaperd/rate.h"
#include "reaperd/remove_out.h"
#include "reaperd/removed.h"

#define TICK     0.02 /* while there is work */
#define IDLE_MIN 1.0
#define IDLE_MAX 3600.0

#define CATCH_RATE   10000.0 /* per second: from there on, transfers, too */
#define BEHIND       5       /* seconds: then questions are too slow */
#define BEHIND_AGAIN 60.0    /* seconds between such transfers */

struct target {
	struct zone *zone;
	double asked_whole; /* monotonic */
};

struct sweep {
	struct sweep_options o;
	struct remove *remove;
	struct lookups *lookups;
	struct rate rate;
	ev_timer timer;
	struct target *targets;
	size_t n_targets, next;
	bool full;          /* a transfer waits */
	double busy_since;  /* monotonic: no name was due then */
	struct pause pause; /* takes no name */
	int64_t told;       /* records removed, told in the log */
};

/* A clock for dates, not for pauses. */
static int64_t
today(const struct sweep *s)
{
	return (int64_t)ev_now(s->o.loop);
}

/* ---- taking names ---- */

static int64_t
next_due(const struct sweep *s)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < s->n_targets; i++) {
		int64_t due = expiry_next(s->targets[i].zone->index);

		next = due < next ? due : next;
	}
	return next;
}

/* The name is due again, but nothing is asked for a while. */
static void
not_answered(void *arg, const struct lookup_question *question)
{
	struct sweep *s = arg;

	zone_due(question->zone, &question->name, today(s));
	pause_begin(&s->pause, monotonic_now());
}

/* A transfer that this sweep takes from brings the zone's names, too. */
static bool
by_transfer(const struct target *t)
{
	return t->zone->filling != NULL && t->zone->catch != NULL;
}

/* The zones take turns. False: no name is due, or no question can be asked. */
static bool
ask_one(struct sweep *s)
{
	int64_t again = today(s) + (int64_t)s->o.again;
	struct lookup_question question;

	for (size_t i = 0; i < s->n_targets; i++) {
		struct target *t = &s->targets[s->next++ % s->n_targets];
		struct lookup *lookup =
		    lookups_at(s->lookups, zone_primary(t->zone));

		question.zone = t->zone;
		if (lookup == NULL || lookup_room(lookup) == 0 ||
		    by_transfer(t) ||
		    !expiry_take(
			t->zone->index, today(s), again, &question.name))
			continue;
		if (lookup_ask(lookup, &question) == 0)
			return true;
		lookup_useless(lookup, "out of memory");
		not_answered(s, &question);
		return false;
	}
	return false;
}

/* publishd away is found here, before anything is asked in vain. */
static bool
may_take(struct sweep *s)
{
	double now = monotonic_now();

	if (next_due(s) > today(s))
		s->busy_since = now;
	if (pause_left(&s->pause, now) > 0 || next_due(s) > today(s))
		return false;
	if (remove_reachable(s->remove))
		return true;
	pause_for(&s->pause, IDLE_MIN, now);
	return false;
}

/* One line for all that went since the last time nothing was to do. */
static void
tell(struct sweep *s)
{
	int64_t removed = counters.values[COUNT_REMOVED];

	if (removed != s->told)
		log_info("action=removed records=%lld",
		    (long long)(removed - s->told));
	s->told = removed;
}

static void
arm(struct sweep *s)
{
	double left = (double)(next_due(s) - today(s));
	double paused = pause_left(&s->pause, monotonic_now());
	bool flowing = s->full || remove_gathering(s->remove) ||
	    remove_requests(s->remove) > 0 || lookups_pending(s->lookups) > 0;

	if (!flowing && left > 0)
		tell(s);
	if (flowing || (left <= 0 && paused <= 0))
		left = TICK;
	else if (left <= 0)
		left = paused;
	else
		left = fmin(fmax(left, IDLE_MIN), IDLE_MAX);
	s->timer.repeat = left;
	ev_timer_again(s->o.loop, &s->timer);
}

static bool
catches(const struct sweep *s)
{
	return s->rate.per_second >= CATCH_RATE;
}

static void
ask_for_transfers(struct sweep *s)
{
	double now = monotonic_now();

	if (now < s->busy_since + BEHIND)
		return;
	for (size_t i = 0; i < s->n_targets; i++) {
		struct target *t = &s->targets[i];

		if (expiry_next(t->zone->index) > today(s) || by_transfer(t) ||
		    now < t->asked_whole + BEHIND_AGAIN)
			continue;
		t->asked_whole = now;
		s->o.behind(s->o.arg, t->zone);
	}
}

static void
take_names(struct sweep *s)
{
	size_t n = rate_ready(&s->rate, monotonic_now());

	while (n-- > 0 && remove_requests(s->remove) < REMOVE_REQUESTS_MAX &&
	    ask_one(s))
		rate_spend(&s->rate, 1);
	if (catches(s))
		ask_for_transfers(s);
}

static void
go_on(struct sweep *s)
{
	if (may_take(s))
		take_names(s);
	if (lookups_pending(s->lookups) == 0)
		remove_send(s->remove);
	arm(s);
	if (s->full && !sweep_full(s))
		s->o.room(s->o.arg);
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct sweep *s = w->data;

	(void)loop;
	(void)revents;
	remove_send(s->remove);
	go_on(s);
}

static void
on_removed(void *arg, bool well)
{
	struct sweep *s = arg;

	if (well)
		pause_forget(&s->pause);
	else
		pause_begin(&s->pause, monotonic_now());
	go_on(s);
}

static const struct remove_events remove_events = {
	.removed = removed_well,
	.put_off = removed_later,
	.refused = removed_never,
	.answered = on_removed,
};

/* ---- answers about names ---- */

struct expired_at {
	struct sweep *sweep;
	const struct lookup_question *question;
	size_t n;
};

static int
on_expired(void *arg, const struct zone_text *text)
{
	struct expired_at *at = arg;

	at->n++;
	return remove_add(
	    at->sweep->remove, at->question->zone, &at->question->name, text);
}

/*
 * A name where nothing is expired comes again when its next record is; one
 * where nothing stands any more goes with the next transfer.
 */
static void
answered(struct sweep *s, const struct lookup_question *question,
    size_t expired, int64_t next)
{
	if (expired > 1)
		rate_spend(&s->rate, expired - 1);
	else if (expired == 0 && next != INT64_MAX)
		zone_due(question->zone, &question->name, next);
}

static void
on_lookup(void *arg, struct lookup *lookup,
    const struct lookup_question *question, const uint8_t *msg, size_t len)
{
	struct sweep *s = arg;
	struct expired_at at = { .sweep = s, .question = question };
	struct zone_domain *d = &question->zone->domains[question->name.domain];
	enum expired_result result;
	struct dns_name owner;
	unsigned rcode;
	int64_t next;

	zone_owner_name(question->zone, &question->name, &owner);
	result = expired_read(msg, len, &owner, d->lifetime, (time_t)today(s),
	    on_expired, &at, &next, &rcode);
	if (result == EXPIRED_READ) {
		lookup_useful(lookup);
		answered(s, question, at.n, next);
	} else {
		lookup_useless(lookup,
		    result == EXPIRED_NO_MEMORY ? "out of memory"
						: dns_rcode_text(rcode));
		metric_add(&counters, COUNT_LOOKUPS_FAILED, 1);
		not_answered(s, question);
	}
	go_on(s);
}

static const struct lookup_events lookup_events = {
	.answer = on_lookup,
	.failed = not_answered,
};

/* ---- records that transfers bring ---- */

bool
sweep_take(struct sweep *s, struct zone *zone, const struct expiry_name *name,
    const struct zone_text *text)
{
	if (!catches(s) || pause_left(&s->pause, monotonic_now()) > 0 ||
	    !remove_reachable(s->remove) ||
	    remove_add(s->remove, zone, name, text) == -1)
		return false;
	rate_spend(&s->rate, 1);
	return true;
}

/* In trouble nothing is taken, and so no transfer has to wait. */
bool
sweep_full(struct sweep *s)
{
	double now = monotonic_now();

	s->full = catches(s) && pause_left(&s->pause, now) <= 0 &&
	    (remove_connecting(s->remove) ||
		remove_requests(s->remove) >= REMOVE_REQUESTS_MAX ||
		rate_ready(&s->rate, now) == 0);
	if (s->full)
		arm(s);
	return s->full;
}

/* ---- life ---- */

void
sweep_wake(struct sweep *s)
{
	go_on(s);
}

static int
add_target(struct sweep *s, struct zone *z)
{
	struct target *v =
	    reallocarray(s->targets, s->n_targets + 1, sizeof(*v));

	if (v != NULL)
		s->targets = v;
	if (v == NULL)
		return -1;
	v[s->n_targets++] = (struct target){
		.zone = z,
		.asked_whole = -BEHIND_AGAIN,
	};
	return 0;
}

struct sweep *
sweep_new(const struct sweep_options *o)
{
	struct sweep *s = calloc(1, sizeof(*s));
	struct zone *z;

	if (s == NULL)
		return NULL;
	s->o = *o;
	s->busy_since = monotonic_now();
	s->told = counters.values[COUNT_REMOVED];
	rate_set(&s->rate, o->per_second, monotonic_now());
	ev_init(&s->timer, on_timer);
	s->timer.data = s;
	s->lookups = lookups_new(o->loop, &lookup_events, s);
	s->remove = remove_new(o->loop, o->publishers, &remove_events, s);
	if (s->lookups == NULL || s->remove == NULL)
		goto fail;
	STAILQ_FOREACH(z, o->zones, link)
	if (add_target(s, z) == -1)
		goto fail;
	return s;
fail:
	sweep_free(s);
	return NULL;
}

void
sweep_free(struct sweep *s)
{
	if (s == NULL)
		return;
	ev_timer_stop(s->o.loop, &s->timer);
	remove_free(s->remove);
	lookups_free(s->lookups);
	free(s->targets);
	free(s);
}
