/*
 * One request in flight:
 *
 *   IDLE --due--> SOA --newer--> IXFR --> IDLE
 *                  |               |fails
 *                  `-unknown,older-+--> AXFR --> IDLE
 *
 * The connection lasts from the first request to IDLE, so that an idle
 * reaperd takes no place at the primary. Any trouble ends in IDLE, too, with
 * a try again soon, and later each time.
 */
#include "reaperd/watch_in.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "common/buffer.h"
#include "common/complaint.h"
#include "common/dns_stream.h"
#include "common/log.h"
#include "common/monotonic.h"
#include "reaperd/counters.h"
#include "reaperd/transfer.h"

#define SILENCE_MAX 30.0 /* seconds without a message */
#define RETRY_MIN   1.0  /* after trouble, doubling up to poll */
#define AXFR_REST   10   /* times that an AXFR took: pause after it */
#define BACK_POLLS  10   /* until the first primary is asked again */

enum watch_state { IDLE, ASKING, TRANSFERRING };

struct watch {
	struct watch_options o;
	struct zone *zone;
	struct dns_stream *stream;
	struct transfer transfer; /* the request in flight, its answer */
	enum watch_state state;
	struct zone_catch catch;
	bool whole_next; /* AXFR, whatever the serial */
	bool waiting;    /* for watch_go_on() */
	double waits_since;
	ev_timer silence;
	double due;     /* monotonic: when to look again */
	double retry;   /* 0: the last time went well */
	double begun;   /* moved on by the time it waited */
	int64_t lag;    /* the primary's serial at the last look, minus ours */
	double back;    /* monotonic: the first primary is asked again */
	bool returning; /* asking the first, which was away */
	struct complaint trouble;
};

/* ---- what is told ---- */

static const char *
kind(uint16_t type)
{
	return type == DNS_SOA ? "SOA" : type == DNS_IXFR ? "IXFR" : "AXFR";
}

static void
tell_transfer(const struct watch *w)
{
	const struct zone *z = w->zone;

	log_debug("%s: %s serial=%u names=%zu records=%zu ms=%.0f", z->text,
	    kind(w->transfer.type), z->serial, expiry_names(z->index),
	    expiry_records(z->index), (monotonic_now() - w->begun) * 1000);
}

/* ---- which primary ---- */

static const struct dns_stream_events stream_events;

static void
go_to(struct watch *w, size_t which)
{
	struct zone *z = w->zone;
	struct dns_stream *stream =
	    dns_stream_new(w->o.loop, &z->primaries[which], &stream_events, w);

	if (stream == NULL)
		return;
	dns_stream_free(w->stream);
	w->stream = stream;
	z->at = which;
}

/* What is known of the zone stays known until the next one's is whole. */
static void
go_on_to_next(struct watch *w)
{
	struct zone *z = w->zone;

	w->returning = false;
	if (z->n_primaries == 1)
		return;
	if (z->at == 0)
		w->back = monotonic_now() + BACK_POLLS * w->o.poll;
	go_to(w, (z->at + 1) % z->n_primaries);
}

static void
go_back_if_due(struct watch *w)
{
	if (w->zone->at == 0 || !w->zone->known || monotonic_now() < w->back)
		return;
	go_to(w, 0);
	w->returning = w->zone->at == 0;
}

static void
tell_primary(const struct watch *w, size_t before)
{
	const struct zone *z = w->zone;
	char now[NET_ADDRESS_TEXT_MAX], then[NET_ADDRESS_TEXT_MAX];

	if (before != z->of)
		log_info("%s: transfers come from %s now, no longer from %s",
		    z->text, net_address_text(&z->primaries[z->of], now),
		    net_address_text(&z->primaries[before], then));
}

/* ---- ends ---- */

/* Back to rest, to look again in so many seconds. */
static void
rest(struct watch *w, double seconds)
{
	ev_timer_stop(w->o.loop, &w->silence);
	dns_stream_close(w->stream);
	dns_stream_pause(w->stream, 0);
	w->waiting = false;
	transfer_end(&w->transfer);
	w->due = monotonic_now() + seconds;
	w->state = IDLE;
	w->o.rested(w->o.arg);
}

static void
went_well(struct watch *w)
{
	double poll = w->o.poll, now = monotonic_now();
	double trouble = complaint_over(&w->trouble, now);
	bool whole = w->state == TRANSFERRING && w->transfer.stream.whole;

	if (trouble >= 0)
		log_info("%s: transfers work again, after %.0f s",
		    w->zone->text, trouble);
	w->returning = false;
	w->retry = 0;
	rest(w, whole ? fmax(poll, AXFR_REST * (now - w->begun)) : poll);
}

static void
went_wrong(struct watch *w, const char *why)
{
	double poll = w->o.poll;
	char address[NET_ADDRESS_TEXT_MAX], line[COMPLAINT_TEXT_MAX];

	snprintf(line, sizeof(line), "%s: no %s from %s: %s", w->zone->text,
	    kind(w->transfer.type),
	    net_address_text(&w->zone->primaries[w->zone->at], address), why);
	if (w->returning) /* that it is away was said as it went */
		log_debug("%s", line);
	else
		complaint_log(&w->trouble, line, monotonic_now());
	metric_add(&counters, COUNT_TRANSFERS_FAILED, 1);
	if (w->state == TRANSFERRING)
		zone_abandon(w->zone);
	w->retry = w->retry == 0 ? RETRY_MIN : w->retry * 2;
	w->retry = fmin(w->retry, fmax(poll, RETRY_MIN));
	go_on_to_next(w);
	rest(w, w->retry);
}

/* ---- steps ---- */

static void
begin(struct watch *w, uint16_t type)
{
	uint8_t request[TRANSFER_REQUEST_MAX];
	uint16_t id;
	size_t len;

	transfer_end(&w->transfer);
	w->state = type == DNS_SOA ? ASKING : TRANSFERRING;
	w->begun = monotonic_now();
	ev_timer_again(w->o.loop, &w->silence);
	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		id = (uint16_t)(w->zone->serial + 1);
	if (type != DNS_SOA) {
		w->catch.now = (int64_t)ev_now(w->o.loop);
		w->catch.again = w->catch.now + (int64_t)w->o.again;
		w->zone->catch = &w->catch;
		w->whole_next = false;
	}
	len = transfer_begin(
	    &w->transfer, type, id, (uint64_t)ev_now(w->o.loop), request);
	if (len == 0 || dns_stream_send(w->stream, request, len) == -1)
		went_wrong(w, "out of memory");
}

static void
asked(struct watch *w)
{
	const struct zone *z = w->zone;
	uint32_t serial = w->transfer.serial;

	metric_add(&counters, COUNT_POLLS, 1);
	if (z->at != z->of) {
		begin(w, DNS_AXFR);
		return;
	}
	w->lag = (int32_t)(serial - z->serial);
	if (serial == z->serial)
		went_well(w);
	else
		begin(w,
		    zone_serial_newer(serial, z->serial) ? DNS_IXFR : DNS_AXFR);
}

static void
transferred(struct watch *w)
{
	size_t before = w->zone->of;

	zone_commit(w->zone, w->transfer.serial);
	metric_add(&counters,
	    w->transfer.stream.whole ? COUNT_TRANSFERS_WHOLE
				     : COUNT_TRANSFERS_DIFFERENCE,
	    1);
	metric_observe(
	    &counters, COUNT_TRANSFER_TIME, monotonic_now() - w->begun);
	w->lag = 0;
	tell_transfer(w);
	tell_primary(w, before);
	went_well(w);
	w->o.events->changed(w->o.events->arg);
}

/* An IXFR that did not work is asked again as AXFR, at once. */
static void
not_transferred(struct watch *w, const char *why)
{
	if (w->transfer.type != DNS_IXFR) {
		went_wrong(w, why);
		return;
	}
	log_debug("%s: IXFR: %s; all of it is asked for", w->zone->text, why);
	zone_abandon(w->zone);
	begin(w, DNS_AXFR);
}

/* The records that wait are the connection's, not ours: it is not read. */
static void
wait_if_full(struct watch *w)
{
	const struct records_events *e = w->o.events;

	if (w->zone->filling == NULL || !e->full(e->arg))
		return;
	w->waiting = true;
	w->waits_since = monotonic_now();
	dns_stream_pause(w->stream, 1);
	ev_timer_stop(w->o.loop, &w->silence);
}

static void
on_message(void *arg, const uint8_t *msg, size_t len)
{
	struct watch *w = arg;
	char why[TRANSFER_WHY_MAX];

	if (w->state == IDLE)
		return;
	ev_timer_again(w->o.loop, &w->silence);
	switch (transfer_message(
	    &w->transfer, msg, len, (uint64_t)ev_now(w->o.loop), why)) {
	case TRANSFER_MORE:
		wait_if_full(w);
		break;
	case TRANSFER_DONE:
		if (w->state == ASKING)
			asked(w);
		else
			transferred(w);
		break;
	case TRANSFER_OLDER:
		not_transferred(w, "its serial is older than ours");
		break;
	case TRANSFER_FAILED:
		not_transferred(w, why);
	}
}

static void
on_closed(void *arg, const char *why)
{
	struct watch *w = arg;

	if (w->state != IDLE)
		went_wrong(w, why);
}

static void
on_silence(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	went_wrong(timer->data, "no answer in time");
}

static const struct dns_stream_events stream_events = {
	.message = on_message,
	.closed = on_closed,
};

/* ---- outside ---- */

double
watch_due(const struct watch *w)
{
	return w->state == IDLE ? w->due : INFINITY;
}

int64_t
watch_lag(const struct watch *w)
{
	return w->lag;
}

void
watch_begin(struct watch *w)
{
	assert(w->state == IDLE);
	go_back_if_due(w);
	begin(w, w->zone->known && !w->whole_next ? DNS_SOA : DNS_AXFR);
}

void
watch_whole(struct watch *w)
{
	w->whole_next = true;
	w->due = monotonic_now();
}

void
watch_go_on(struct watch *w)
{
	if (!w->waiting)
		return;
	w->waiting = false;
	w->begun += monotonic_now() - w->waits_since;
	dns_stream_pause(w->stream, 0);
	ev_timer_again(w->o.loop, &w->silence);
}

struct watch *
watch_new(const struct watch_options *o, struct zone *z)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->o = *o;
	w->zone = z;
	w->transfer.key = o->key;
	w->transfer.zone = z;
	w->catch.take = o->events->take;
	w->catch.arg = o->events->arg;
	ev_init(&w->silence, on_silence);
	w->silence.repeat = SILENCE_MAX;
	w->silence.data = w;
	w->due = monotonic_now();
	w->stream =
	    dns_stream_new(o->loop, &z->primaries[z->at], &stream_events, w);
	if (w->stream == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	ev_timer_stop(w->o.loop, &w->silence);
	dns_stream_free(w->stream);
	transfer_end(&w->transfer);
	free(w);
}
