/*
 * Owns the connection to a primary, the IDs and MACs of the UPDATEs under way
 * and the patience with each. Must not know who asked, what may be asked, or
 * what goes into which UPDATE.
 *
 * BIND stops for about two seconds when it writes a large zone to disk: that
 * is within the patience, and requests gather meanwhile.
 */
#include "publishd/primary_out.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "common/monotonic.h"
#include "publishd/counters.h"
#include "publishd/primary_turn.h"
#include "publishd/update_answer.h"

static const double patience = 4; /* seconds without an answer */

enum { NO_ID = -1 };

/* --- what happens to an UPDATE --- */

void
target_touch(struct target *t)
{
	if (t->touched)
		return;
	t->touched = true;
	TAILQ_INSERT_TAIL(&t->primary->ground->touched, t, touched_link);
}

static void
target_complain(struct target *t, const char *why)
{
	char line[COMPLAINT_TEXT_MAX];

	snprintf(line, sizeof(line), "%s zone=%s", why, t->zone);
	complaint_log(&t->complaint, line, monotonic_now());
}

static void
target_landed(struct target *t)
{
	t->id = NO_ID;
	ev_timer_stop(t->primary->ground->loop, &t->waiting);
	target_touch(t);
}

/* All of it is sent again: adding what is there already changes nothing. */
static void
target_lost(struct target *t, const char *why, bool silent)
{
	double now = monotonic_now();

	target_landed(t);
	metric_add(&counters, COUNT_UPDATES_FAILED, 1);
	target_complain(t, why);
	primary_choice_failed(&t->choice, silent, now);
	batch_failed(t->batch, why, now);
}

static void
target_failed(struct target *t, const char *why)
{
	target_lost(t, why, false);
}

/* A refused run is halved first: only what is found at its end is told. */
static void
target_refused(struct target *t, const char *why)
{
	double now = monotonic_now();

	target_landed(t);
	metric_add(&counters, COUNT_UPDATES_REFUSED, 1);
	if (t->n_sent[PUB_ADD] + t->n_sent[PUB_REMOVE] == 1) {
		target_complain(t, why);
		primary_choice_refused(&t->choice, now);
	} else {
		log_debug("%s zone=%s", why, t->zone);
	}
	batch_refused(t->batch, why, now);
}

static void
target_accepted(struct target *t, const char *why)
{
	double now = monotonic_now();
	double trouble = complaint_over(&t->complaint, now);

	(void)why;
	target_landed(t);
	metric_add(&counters, COUNT_ADDED, (int64_t)t->n_sent[PUB_ADD]);
	metric_add(&counters, COUNT_REMOVED, (int64_t)t->n_sent[PUB_REMOVE]);
	metric_observe(&counters, COUNT_UPDATE_LATENCY, now - t->sent_at);
	if (!turn_accepted(t) && trouble >= 0)
		log_info("%s takes updates again after %.1f s zone=%s",
		    t->primary->text, trouble, t->zone);
	batch_accepted(t->batch);
}

/* The connection is gone, and with it the answers to all its UPDATEs. */
static void
primary_failed(struct primary *p, const char *what, bool silent)
{
	char why[PUBLISH_REASON_MAX];
	struct target *t;

	snprintf(why, sizeof(why), "no answer to the update from %s: %s",
	    p->text, what);
	TAILQ_FOREACH(t, &p->targets, link)
	if (t->id != NO_ID)
		target_lost(t, why, silent);
}

/* --- sending --- */

static struct target *
primary_find_id(struct primary *p, int id)
{
	struct target *t;

	TAILQ_FOREACH(t, &p->targets, link)
	if (t->id == id)
		return t;
	return NULL;
}

/* Not at random: TSIG, not the ID, keeps others' answers out. */
static uint16_t
primary_next_id(struct primary *p)
{
	do
		p->last_id++;
	while (primary_find_id(p, p->last_id) != NULL);
	return p->last_id;
}

static int
target_put(struct target *t, const struct update_change *changes, size_t n)
{
	struct primary_ground *g = t->primary->ground;
	size_t len = update_build(g->message, sizeof(g->message),
	    (uint16_t)t->id, t->zone, changes, n);

	if (len == 0 ||
	    update_key_sign(g->key, g->message, &len, sizeof(g->message),
		(uint64_t)time(NULL), &t->mac) == -1)
		return -1;
	return dns_stream_send(t->primary->stream, g->message, len);
}

static void
target_send(struct target *t, const struct update_change *changes, size_t n)
{
	struct ev_loop *loop = t->primary->ground->loop;

	t->id = primary_next_id(t->primary);
	t->sent_at = monotonic_now();
	memset(t->n_sent, 0, sizeof(t->n_sent));
	for (size_t i = 0; i < n; i++)
		t->n_sent[changes[i].op]++;
	if (target_put(t, changes, n) == -1) {
		target_failed(t, "no memory for an update");
		return;
	}
	metric_add(&counters, COUNT_UPDATES, 1);
	metric_set(&counters, COUNT_BATCH, (int64_t)n);
	ev_now_update(loop);
	ev_timer_set(&t->waiting, patience, 0);
	ev_timer_start(loop, &t->waiting);
}

/* A timer that comes a little early finds nothing to do and waits again. */
void
target_run(struct target *t)
{
	struct ev_loop *loop = t->primary->ground->loop;
	double now = monotonic_now(), next;
	const struct update_change *changes;
	size_t n;

	batch_expire(t->batch, now);
	if (t->id == NO_ID)
		turn_take(t, now);
	if ((changes = batch_next(t->batch, now, &n)) != NULL)
		target_send(t, changes, n);
	batch_tell(t->batch);
	ev_timer_stop(loop, &t->wake);
	next = batch_wake(t->batch);
	if (isinf(next))
		return;
	ev_timer_set(&t->wake, fmax(next - now, 0.001), 0);
	ev_timer_start(loop, &t->wake);
}

static void
woke(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	target_touch(w->data);
}

/* --- what comes back --- */

/* What else is under way there is lost with the connection. */
static void
timed_out(struct ev_loop *loop, ev_timer *w, int events)
{
	struct target *t = w->data;
	char what[64];

	(void)loop;
	(void)events;
	snprintf(what, sizeof(what), "none in %g s", patience);
	dns_stream_close(t->primary->stream);
	primary_failed(t->primary, what, true);
}

static void
answered(struct target *t, const uint8_t *msg, size_t len)
{
	static void (*const then[UPDATE__COUNT])(
	    struct target *, const char *) = {
		[UPDATE_ACCEPTED] = target_accepted,
		[UPDATE_REFUSED] = target_refused,
		[UPDATE_FAILED] = target_failed,
	};
	struct tsig_detail detail = { 0 };
	enum tsig_result verified = update_key_verify(t->primary->ground->key,
	    msg, len, &t->mac, (uint64_t)time(NULL), &detail);
	char words[100], why[PUBLISH_REASON_MAX];
	enum update_outcome outcome = update_answer_read(
	    msg, len, verified, &detail, words, sizeof(words));

	snprintf(why, sizeof(why), "update refused by %s: %s", t->primary->text,
	    words);
	then[outcome](t, why);
}

/*
 * Nothing that was given up is waited for on the same connection, so what
 * answers nothing is no late answer: the server has lost the thread.
 */
static void
message(void *arg, const uint8_t *msg, size_t len)
{
	struct primary *p = arg;
	int id = update_answer_id(msg, len);
	struct target *t = id == NO_ID ? NULL : primary_find_id(p, id);

	if (t != NULL) {
		answered(t, msg, len);
		return;
	}
	dns_stream_close(p->stream);
	primary_failed(
	    p, "what came instead answers nothing that was asked", false);
}

static void
closed(void *arg, const char *why)
{
	struct primary *p = arg;

	log_debug("%s: connection closed: %s", p->text, why);
	primary_failed(p, why, false);
}

/* --- their lives --- */

struct primary *
primary_new(struct primary_ground *ground, const struct net_address *address)
{
	static const struct dns_stream_events events = {
		.message = message,
		.closed = closed,
	};
	struct primary *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->stream = dns_stream_new(ground->loop, address, &events, p);
	if (p->stream == NULL) {
		free(p);
		return NULL;
	}
	p->ground = ground;
	p->address = *address;
	net_address_text(address, p->text);
	TAILQ_INIT(&p->targets);
	return p;
}

void
primary_free(struct primary *p)
{
	dns_stream_free(p->stream);
	free(p);
}

struct target *
target_new(struct primary *const *primaries, size_t n, const char *zone,
    batch_done_fn *done)
{
	struct target *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->id = NO_ID;
	t->zone = strdup(zone);
	t->batch = batch_new(done);
	if (t->zone == NULL || t->batch == NULL) {
		batch_free(t->batch);
		free(t->zone);
		free(t);
		return NULL;
	}
	ev_timer_init(&t->wake, woke, 0, 0);
	ev_timer_init(&t->waiting, timed_out, 0, 0);
	t->wake.data = t->waiting.data = t;
	turn_init(t, primaries, n);
	return t;
}

void
target_free(struct target *t)
{
	struct primary_ground *g = t->primary->ground;

	turn_end(t);
	if (t->touched)
		TAILQ_REMOVE(&g->touched, t, touched_link);
	ev_timer_stop(g->loop, &t->wake);
	ev_timer_stop(g->loop, &t->waiting);
	batch_free(t->batch);
	free(t->zone);
	free(t);
}
