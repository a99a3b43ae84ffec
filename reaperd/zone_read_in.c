/* Owns one connection to a primary, from the question to the last record. */
#include "reaperd/zone_read_in.h"

#include <stdlib.h>
#include <sys/random.h>

#include "common/dns_stream.h"
#include "reaperd/transfer.h"

#define SILENCE_MAX 30.0 /* seconds without a message */

struct zone_read {
	struct ev_loop *loop;
	const struct zone_read_events *events;
	void *arg;
	struct dns_stream *stream;
	struct transfer transfer;
	bool active, waiting;
	ev_timer silence;
};

void
zone_read_stop(struct zone_read *z)
{
	ev_timer_stop(z->loop, &z->silence);
	dns_stream_close(z->stream);
	dns_stream_pause(z->stream, 0);
	transfer_end(&z->transfer);
	z->active = z->waiting = false;
}

static void
end(struct zone_read *z, const char *why)
{
	zone_read_stop(z);
	z->events->ended(z->arg, why);
}

/* ---- what a transfer says ---- */

static int
on_whole(void *arg)
{
	(void)arg;
	return 0;
}

static int
on_add(void *arg, const struct dns_rr *rr)
{
	struct zone_read *z = arg;
	struct zone_found found;

	if (!zone_find(z->transfer.zone, rr, &found))
		return 0;
	return z->events->record(z->arg, &found);
}

/* An AXFR has none. */
static int
on_remove(void *arg, const struct dns_rr *rr)
{
	(void)arg;
	(void)rr;
	return 0;
}

static const struct zone_stream_events record_events = {
	.whole = on_whole,
	.add = on_add,
	.remove = on_remove,
};

/* ---- the connection ---- */

/* The records that wait are the connection's, not ours: it is not read. */
static void
wait_if_full(struct zone_read *z)
{
	if (!z->events->full(z->arg))
		return;
	z->waiting = true;
	dns_stream_pause(z->stream, 1);
	ev_timer_stop(z->loop, &z->silence);
}

static void
on_message(void *arg, const uint8_t *msg, size_t len)
{
	struct zone_read *z = arg;
	char why[TRANSFER_WHY_MAX];

	if (!z->active)
		return;
	ev_timer_again(z->loop, &z->silence);
	switch (transfer_message(
	    &z->transfer, msg, len, (uint64_t)ev_now(z->loop), why)) {
	case TRANSFER_MORE:
		wait_if_full(z);
		break;
	case TRANSFER_DONE:
		end(z, NULL);
		break;
	case TRANSFER_OLDER:
		end(z, "an answer to another question");
		break;
	case TRANSFER_FAILED:
		end(z, why);
	}
}

static void
on_closed(void *arg, const char *why)
{
	struct zone_read *z = arg;

	if (z->active)
		end(z, why);
}

static void
on_silence(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)loop;
	(void)revents;
	end(timer->data, "no answer in time");
}

static const struct dns_stream_events stream_events = {
	.message = on_message,
	.closed = on_closed,
};

/* ---- outside ---- */

int
zone_read_begin(struct zone_read *z)
{
	uint8_t request[TRANSFER_REQUEST_MAX];
	uint16_t id;
	size_t len;

	zone_read_stop(z);
	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return -1;
	len = transfer_begin(
	    &z->transfer, DNS_AXFR, id, (uint64_t)ev_now(z->loop), request);
	if (len == 0 || dns_stream_send(z->stream, request, len) == -1) {
		transfer_end(&z->transfer);
		return -1;
	}
	z->active = true;
	ev_timer_again(z->loop, &z->silence);
	return 0;
}

void
zone_read_go_on(struct zone_read *z)
{
	if (!z->waiting)
		return;
	z->waiting = false;
	dns_stream_pause(z->stream, 0);
	ev_timer_again(z->loop, &z->silence);
}

struct zone_read *
zone_read_new(struct ev_loop *loop, struct zone *zone,
    const struct net_address *primary, const struct tsig_key *key,
    const struct zone_read_events *events, void *arg)
{
	struct zone_read *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return NULL;
	z->loop = loop;
	z->events = events;
	z->arg = arg;
	z->transfer.key = key;
	z->transfer.zone = zone;
	z->transfer.events = &record_events;
	z->transfer.events_arg = z;
	ev_init(&z->silence, on_silence);
	z->silence.repeat = SILENCE_MAX;
	z->silence.data = z;
	z->stream = dns_stream_new(loop, primary, &stream_events, z);
	if (z->stream != NULL)
		return z;
	free(z);
	return NULL;
}

void
zone_read_free(struct zone_read *z)
{
	if (z == NULL)
		return;
	ev_timer_stop(z->loop, &z->silence);
	dns_stream_free(z->stream);
	transfer_end(&z->transfer);
	free(z);
}
