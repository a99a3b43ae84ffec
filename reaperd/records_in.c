/*
 * One watch per zone, one request in flight in it:
 *
 *   IDLE --due--> SOA --newer--> IXFR --> IDLE
 *                  |               |fails
 *                  `-unknown,older-+--> AXFR --> IDLE
 *
 * The connection lasts from the first request to IDLE, so that an idle
 * reaperd takes no place at the primary. Any trouble ends in IDLE, too, with
 * a try again soon, and later each time.
 */
#include "reaperd/records_in.h"

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

enum watch_state { IDLE, ASKING, TRANSFERRING };

struct watch {
	struct records *records;
	struct zone *zone;
	struct dns_stream *stream;
	struct transfer transfer; /* the request in flight, its answer */
	enum watch_state state;
	struct zone_catch catch;
	bool whole_next; /* AXFR, whatever the serial */
	bool waiting;    /* for records_go_on() */
	ev_timer silence;
	double due;   /* monotonic: when to look again */
	double retry; /* 0: the last time went well */
	double begun;
	int64_t lag; /* the primary's serial at the last look, minus ours */
	struct complaint trouble;
};

struct records {
	struct records_options o;
	struct watch *watches;
	size_t n, n_active;
	ev_timer timer; /* until the next watch is due */
};

static void begin(struct watch *, uint16_t type);

/* ---- when ---- */

static void
arm(struct records *r)
{
	double first = INFINITY, now = monotonic_now();

	for (size_t i = 0; i < r->n; i++)
		if (r->watches[i].state == IDLE)
			first = fmin(first, r->watches[i].due);
	if (first == INFINITY || r->n_active == RECORDS_TRANSFERS_MAX) {
		ev_timer_stop(r->o.loop, &r->timer);
		return; /* a transfer's end will arm it */
	}
	r->timer.repeat = fmax(first - now, 0.001);
	ev_timer_again(r->o.loop, &r->timer);
}

static void
enter(struct watch *w, enum watch_state next)
{
	struct records *r = w->records;

	if (w->state == IDLE && next != IDLE)
		r->n_active++;
	else if (w->state != IDLE && next == IDLE)
		r->n_active--;
	w->state = next;
}

static void
on_due(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct records *r = timer->data;
	double now = monotonic_now();

	(void)loop;
	(void)revents;
	for (size_t i = 0; i < r->n; i++) {
		struct watch *w = &r->watches[i];

		if (w->state == IDLE && w->due <= now &&
		    r->n_active < RECORDS_TRANSFERS_MAX)
			begin(w,
			    w->zone->known && !w->whole_next ? DNS_SOA
							     : DNS_AXFR);
	}
	arm(r);
}

/* ---- what is told ---- */

static void
count_all(const struct records *r)
{
	int64_t names = 0, records = 0, memory = 0, unknown = 0, lag = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct expiry *index = r->watches[i].zone->index;

		names += (int64_t)expiry_names(index);
		records += (int64_t)expiry_records(index);
		memory += (int64_t)expiry_memory(index);
		unknown += !r->watches[i].zone->known;
		lag += r->watches[i].lag;
	}
	metric_set(&counters, COUNT_NAMES, names);
	metric_set(&counters, COUNT_RECORDS, records);
	metric_set(&counters, COUNT_MEMORY, memory);
	metric_set(&counters, COUNT_ZONES_UNKNOWN, unknown);
	metric_set(&counters, COUNT_SERIAL_LAG, lag);
}

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

/* ---- ends ---- */

/* Back to rest, to look again in so many seconds. */
static void
rest(struct watch *w, double seconds)
{
	ev_timer_stop(w->records->o.loop, &w->silence);
	dns_stream_close(w->stream);
	dns_stream_pause(w->stream, 0);
	w->waiting = false;
	transfer_end(&w->transfer);
	w->due = monotonic_now() + seconds;
	enter(w, IDLE);
	count_all(w->records);
	arm(w->records);
}

static void
went_well(struct watch *w)
{
	double poll = w->records->o.poll, now = monotonic_now();
	double trouble = complaint_over(&w->trouble, now);
	bool whole = w->state == TRANSFERRING && w->transfer.stream.whole;

	if (trouble >= 0)
		log_info("%s: transfers work again, after %.0f s",
		    w->zone->text, trouble);
	w->retry = 0;
	rest(w, whole ? fmax(poll, AXFR_REST * (now - w->begun)) : poll);
}

static void
went_wrong(struct watch *w, const char *why)
{
	double poll = w->records->o.poll;
	char address[NET_ADDRESS_TEXT_MAX], line[COMPLAINT_TEXT_MAX];

	snprintf(line, sizeof(line), "%s: %s refused or failed by %s: %s",
	    w->zone->text, kind(w->transfer.type),
	    net_address_text(&w->zone->primary, address), why);
	complaint_log(&w->trouble, line, monotonic_now());
	metric_add(&counters, COUNT_TRANSFERS_FAILED, 1);
	if (w->state == TRANSFERRING)
		zone_abandon(w->zone);
	w->retry = w->retry == 0 ? RETRY_MIN : w->retry * 2;
	w->retry = fmin(w->retry, fmax(poll, RETRY_MIN));
	rest(w, w->retry);
}

/* ---- steps ---- */

static void
begin(struct watch *w, uint16_t type)
{
	struct records *r = w->records;
	uint8_t request[TRANSFER_REQUEST_MAX];
	uint16_t id;
	size_t len;

	transfer_end(&w->transfer);
	enter(w, type == DNS_SOA ? ASKING : TRANSFERRING);
	w->begun = monotonic_now();
	ev_timer_again(r->o.loop, &w->silence);
	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		id = (uint16_t)(w->zone->serial + 1);
	if (type != DNS_SOA) {
		w->catch.now = (int64_t)ev_now(r->o.loop);
		w->catch.again = w->catch.now + (int64_t)r->o.again;
		w->zone->catch = &w->catch;
		w->whole_next = false;
	}
	len = transfer_begin(
	    &w->transfer, type, id, (uint64_t)ev_now(r->o.loop), request);
	if (len == 0 || dns_stream_send(w->stream, request, len) == -1)
		went_wrong(w, "out of memory");
}

static void
asked(struct watch *w)
{
	const struct zone *z = w->zone;
	uint32_t serial = w->transfer.serial;

	metric_add(&counters, COUNT_POLLS, 1);
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
	struct records *r = w->records;

	zone_commit(w->zone, w->transfer.serial);
	metric_add(&counters,
	    w->transfer.stream.whole ? COUNT_TRANSFERS_WHOLE
				     : COUNT_TRANSFERS_DIFFERENCE,
	    1);
	metric_observe(
	    &counters, COUNT_TRANSFER_TIME, monotonic_now() - w->begun);
	w->lag = 0;
	tell_transfer(w);
	went_well(w);
	r->o.events.changed(r->o.events.arg);
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
	const struct records_events *e = &w->records->o.events;

	if (w->zone->filling == NULL || !e->full(e->arg))
		return;
	w->waiting = true;
	dns_stream_pause(w->stream, 1);
	ev_timer_stop(w->records->o.loop, &w->silence);
}

void
records_go_on(struct records *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct watch *w = &r->watches[i];

		if (!w->waiting)
			continue;
		w->waiting = false;
		dns_stream_pause(w->stream, 0);
		ev_timer_again(r->o.loop, &w->silence);
	}
}

void
records_whole(struct records *r, const struct zone *zone)
{
	for (size_t i = 0; i < r->n; i++) {
		struct watch *w = &r->watches[i];

		if (w->zone != zone)
			continue;
		w->whole_next = true;
		w->due = monotonic_now();
	}
	arm(r);
}

static void
on_message(void *arg, const uint8_t *msg, size_t len)
{
	struct watch *w = arg;
	char why[TRANSFER_WHY_MAX];

	if (w->state == IDLE)
		return;
	ev_timer_again(w->records->o.loop, &w->silence);
	switch (transfer_message(&w->transfer, msg, len,
	    (uint64_t)ev_now(w->records->o.loop), why)) {
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

/* ---- life ---- */

static int
watch_init(struct watch *w, struct records *r, struct zone *z)
{
	w->records = r;
	w->zone = z;
	w->transfer.key = r->o.key;
	w->transfer.zone = z;
	w->catch.take = r->o.events.take;
	w->catch.arg = r->o.events.arg;
	ev_init(&w->silence, on_silence);
	w->silence.repeat = SILENCE_MAX;
	w->silence.data = w;
	w->due = monotonic_now();
	w->stream = dns_stream_new(r->o.loop, &z->primary, &stream_events, w);
	return w->stream != NULL ? 0 : -1;
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
	if ((r->watches = calloc(n + 1, sizeof(*r->watches))) == NULL)
		goto fail;
	STAILQ_FOREACH(z, o->zones, link)
	if (watch_init(&r->watches[r->n++], r, z) == -1)
		goto fail;
	count_all(r);
	arm(r);
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
	for (size_t i = 0; i < r->n; i++) {
		struct watch *w = &r->watches[i];

		ev_timer_stop(r->o.loop, &w->silence);
		if (w->stream != NULL)
			dns_stream_free(w->stream);
		transfer_end(&w->transfer);
	}
	free(r->watches);
	free(r);
}
