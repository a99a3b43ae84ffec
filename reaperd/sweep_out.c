/*
 * index -> question -> remove_out. Each stage is bounded, and the first waits
 * for the last: no name is taken while as many requests as may be are with
 * publishd. A name that was taken stays in the index with a later time, so it
 * comes again unless a transfer says that it is gone.
 */
#include "reaperd/sweep_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <time.h>

#include "common/complaint.h"
#include "common/log.h"
#include "common/monotonic.h"
#include "reaperd/counters.h"
#include "reaperd/expired.h"
#include "reaperd/lookup_out.h"
#include "reaperd/rate.h"
#include "reaperd/remove_out.h"

#define TICK      0.02 /* while there is work */
#define IDLE_MIN  1.0
#define IDLE_MAX  3600.0
#define PAUSE_MIN 0.5 /* after trouble, doubling */
#define PAUSE_MAX 15.0

/* One per primary, shared by its zones. */
struct primary {
	struct net_address address;
	struct lookup *lookup;
	struct complaint trouble;
	STAILQ_ENTRY(primary) link;
};

struct target {
	struct zone *zone;
	struct primary *primary;
};

struct sweep {
	struct ev_loop *loop;
	struct remove *remove;
	struct rate rate;
	double again;
	ev_timer timer;
	STAILQ_HEAD(, primary) primaries;
	struct target *targets;
	size_t n_targets, next;
	double pause, paused_until; /* monotonic */
	int64_t told;               /* records removed, told in the log */
};

/* A clock for dates, not for pauses. */
static int64_t
today(const struct sweep *s)
{
	return (int64_t)ev_now(s->loop);
}

/* Takes no name for a while; once for all that fails together. */
static void
pause_sweep(struct sweep *s)
{
	double now = monotonic_now();

	if (now < s->paused_until)
		return;
	s->pause = s->pause == 0 ? PAUSE_MIN : fmin(s->pause * 2, PAUSE_MAX);
	s->paused_until = now + s->pause;
}

/* ---- taking names ---- */

static size_t
lookups_pending(const struct sweep *s)
{
	struct primary *p;
	size_t n = 0;

	STAILQ_FOREACH(p, &s->primaries, link)
	n += lookup_pending(p->lookup);
	return n;
}

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

static void
not_answered(struct sweep *s, struct primary *p,
    const struct lookup_question *question, const char *why)
{
	char address[NET_ADDRESS_TEXT_MAX], line[COMPLAINT_TEXT_MAX];

	snprintf(line, sizeof(line), "%s does not say what is expired: %s",
	    net_address_text(&p->address, address), why);
	complaint_log(&p->trouble, line, monotonic_now());
	metric_add(&counters, COUNT_LOOKUPS_FAILED, 1);
	expiry_move(question->zone->index, &question->name, today(s));
	pause_sweep(s);
}

/* The zones take turns. False: no name is due, or no question can be asked. */
static bool
ask_one(struct sweep *s)
{
	struct lookup_question question;

	for (size_t i = 0; i < s->n_targets; i++) {
		struct target *t = &s->targets[s->next++ % s->n_targets];

		question.zone = t->zone;
		if (lookup_room(t->primary->lookup) == 0 ||
		    !expiry_take(t->zone->index, today(s),
			today(s) + (int64_t)s->again, &question.name))
			continue;
		if (lookup_ask(t->primary->lookup, &question) == 0)
			return true;
		not_answered(s, t->primary, &question, "out of memory");
		return false;
	}
	return false;
}

/* publishd away is found here, before anything is asked in vain. */
static bool
may_take(struct sweep *s)
{
	if (monotonic_now() < s->paused_until || next_due(s) > today(s))
		return false;
	if (remove_reachable(s->remove))
		return true;
	s->paused_until = monotonic_now() + IDLE_MIN;
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
	double paused = s->paused_until - monotonic_now();
	bool flowing = remove_gathering(s->remove) ||
	    remove_requests(s->remove) > 0 || lookups_pending(s) > 0;

	if (!flowing && left > 0)
		tell(s);
	if (flowing || (left <= 0 && paused <= 0))
		left = TICK;
	else if (left <= 0)
		left = paused;
	else
		left = fmin(fmax(left, IDLE_MIN), IDLE_MAX);
	s->timer.repeat = left;
	ev_timer_again(s->loop, &s->timer);
}

static void
go_on(struct sweep *s)
{
	if (may_take(s)) {
		size_t n = rate_ready(&s->rate, monotonic_now());

		while (n-- > 0 &&
		    remove_requests(s->remove) < REMOVE_REQUESTS_MAX &&
		    ask_one(s))
			rate_spend(&s->rate, 1);
	}
	if (lookups_pending(s) == 0)
		remove_send(s->remove);
	arm(s);
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
		s->pause = 0;
	else
		pause_sweep(s);
	go_on(s);
}

/* ---- answers about names ---- */

struct expired_at {
	struct sweep *sweep;
	const struct lookup_question *question;
	size_t n;
};

static int
on_expired(void *arg, const char *text, size_t len)
{
	struct expired_at *at = arg;

	at->n++;
	return remove_add(at->sweep->remove, at->question->zone,
	    &at->question->name, text, len);
}

static struct primary *
primary_of(const struct sweep *s, const struct zone *zone)
{
	struct primary *p;

	STAILQ_FOREACH(p, &s->primaries, link)
	if (net_address_equal(&p->address, &zone->primary))
		break;
	return p;
}

/*
 * A name where nothing is expired comes again when the next of its records
 * is; one where nothing stands any more goes with the next transfer.
 */
static void
answered(struct sweep *s, struct primary *p,
    const struct lookup_question *question, size_t expired, int64_t next)
{
	char address[NET_ADDRESS_TEXT_MAX];
	double trouble = complaint_over(&p->trouble, monotonic_now());

	if (trouble >= 0)
		log_info("%s answers again, after %.0f s",
		    net_address_text(&p->address, address), trouble);
	if (expired > 1)
		rate_spend(&s->rate, expired - 1);
	else if (expired == 0 && next != INT64_MAX)
		expiry_move(question->zone->index, &question->name, next);
}

static void
on_lookup(void *arg, const struct lookup_question *question, const uint8_t *msg,
    size_t len)
{
	struct sweep *s = arg;
	struct primary *p = primary_of(s, question->zone);
	struct expired_at at = { .sweep = s, .question = question };
	struct zone_domain *d = &question->zone->domains[question->name.domain];
	enum expired_result result;
	struct dns_name owner;
	unsigned rcode;
	int64_t next;

	zone_owner_name(question->zone, &question->name, &owner);
	result = expired_read(msg, len, &owner, d->lifetime, (time_t)today(s),
	    on_expired, &at, &next, &rcode);
	if (result == EXPIRED_READ)
		answered(s, p, question, at.n, next);
	else if (result == EXPIRED_NO_ANSWER)
		not_answered(s, p, question, dns_rcode_text(rcode));
	else
		not_answered(s, p, question, "out of memory");
	go_on(s);
}

/* Comes for each question in flight; the sweep goes on by its timer. */
static void
on_lookup_failed(
    void *arg, const struct lookup_question *question, const char *why)
{
	struct sweep *s = arg;

	not_answered(s, primary_of(s, question->zone), question, why);
}

static const struct lookup_events lookup_events = {
	.answer = on_lookup,
	.failed = on_lookup_failed,
};

/* ---- life ---- */

void
sweep_wake(struct sweep *s)
{
	go_on(s);
}

static struct primary *
primary_new(struct sweep *s, const struct net_address *address)
{
	struct primary *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->address = *address;
	p->lookup = lookup_new(s->loop, address, &lookup_events, s);
	if (p->lookup == NULL) {
		free(p);
		return NULL;
	}
	STAILQ_INSERT_TAIL(&s->primaries, p, link);
	return p;
}

static int
add_target(struct sweep *s, struct zone *z)
{
	struct primary *p = primary_of(s, z);
	struct target *v;

	v = reallocarray(s->targets, s->n_targets + 1, sizeof(*v));
	if (v == NULL)
		return -1;
	s->targets = v;
	if (p == NULL && (p = primary_new(s, &z->primary)) == NULL)
		return -1;
	v[s->n_targets++] = (struct target){ z, p };
	return 0;
}

struct sweep *
sweep_new(const struct sweep_options *o)
{
	struct sweep *s = calloc(1, sizeof(*s));
	struct zone *z;

	if (s == NULL)
		return NULL;
	s->loop = o->loop;
	s->again = o->again;
	s->told = counters.values[COUNT_REMOVED];
	rate_set(&s->rate, o->per_second, monotonic_now());
	ev_init(&s->timer, on_timer);
	s->timer.data = s;
	STAILQ_INIT(&s->primaries);
	s->remove = remove_new(o->loop, o->publishers, on_removed, s);
	if (s->remove == NULL)
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
	struct primary *p;

	if (s == NULL)
		return;
	ev_timer_stop(s->loop, &s->timer);
	remove_free(s->remove);
	while ((p = STAILQ_FIRST(&s->primaries)) != NULL) {
		STAILQ_REMOVE_HEAD(&s->primaries, link);
		lookup_free(p->lookup);
		free(p);
	}
	free(s->targets);
	free(s);
}
