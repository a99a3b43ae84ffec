/*
 * Owns the one question under way. Must not know who asks, nor what the
 * UPDATE has in it.
 */
#include "publishd/reach_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "common/dns_stream.h"
#include "publishd/reach_build.h"
#include "publishd/update_answer.h"

/* A probe's record has PROBE_TEXT_MAX octets at most. */
enum { MESSAGE_MAX = REACH_UPDATE_MAX + PROBE_TEXT_MAX };

struct reach_out {
	struct ev_loop *loop;
	const struct update_key *key;
	struct dns_stream *stream; /* NULL: nothing is under way */
	uint16_t id;
	struct tsig_mac mac;
	ev_timer timer;
	reach_done_fn *done;
	void *arg;
};

/* --- how it ends --- */

static void
quit(struct reach_out *r)
{
	dns_stream_free(r->stream);
	r->stream = NULL;
	ev_timer_stop(r->loop, &r->timer);
}

static void
end(struct reach_out *r, const struct probe_answer *answer)
{
	reach_done_fn *done = r->done;
	void *arg = r->arg;

	quit(r);
	done(arg, answer);
}

static void
end_unknown(struct reach_out *r, const char *why)
{
	struct probe_answer a = { .status = PUB_LATER };

	snprintf(a.reason, sizeof(a.reason), "%s", why);
	end(r, &a);
}

static void
timed_out(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	end_unknown(w->data, "the primary did not answer in time");
}

static void
closed(void *arg, const char *why)
{
	end_unknown(arg, why);
}

/* --- what comes back --- */

static const enum publish_status statuses[UPDATE__COUNT] = {
	[UPDATE_ACCEPTED] = PUB_DONE,
	[UPDATE_REFUSED] = PUB_REFUSED,
	[UPDATE_FAILED] = PUB_LATER,
};

/*
 * Knot says NOTAUTH/BADKEY, unsigned, of what its acl does not let the key
 * change: a refusal, for who has seen that the key is good for a record.
 */
static bool
refuses_the_key(const uint8_t *msg, size_t len, enum tsig_result verified)
{
	struct dns_reader r;
	struct dns_header h;

	return verified == TSIG_BADKEY &&
	    dns_reader_open(&r, msg, len, &h) == 0 &&
	    (h.flags & 0x0f) == DNS_NOTAUTH;
}

static void
message(void *arg, const uint8_t *msg, size_t len)
{
	struct reach_out *r = arg;
	struct tsig_detail detail = { 0 };
	struct probe_answer a = { .timed = false };
	enum tsig_result verified;
	enum update_outcome outcome;

	if (update_answer_id(msg, len) != r->id) {
		end_unknown(r, "what came answers nothing that was asked");
		return;
	}
	verified = update_key_verify(
	    r->key, msg, len, &r->mac, (uint64_t)time(NULL), &detail);
	outcome = update_answer_read(
	    msg, len, verified, &detail, a.reason, sizeof(a.reason));
	a.status = statuses[outcome];
	if (refuses_the_key(msg, len, verified))
		a.status = PUB_REFUSED;
	a.timed = verified == TSIG_OK || verified == TSIG_BADTIME;
	a.skew = detail.skew;
	end(r, &a);
}

/* --- asking --- */

static size_t
build(uint8_t *buf, size_t size, uint16_t id, const struct reach_question *q)
{
	uint8_t random[REACH_RANDOM];

	if (q->record != NULL)
		return update_build(
		    buf, size, id, q->domain->zone, q->record, 1);
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return 0;
	return reach_build(buf, size, id, q->domain, q->reach, random);
}

static int
send_update(struct reach_out *r, const struct reach_question *q)
{
	uint8_t msg[MESSAGE_MAX + TSIG_RR_MAX];
	size_t len;

	if (getrandom(&r->id, sizeof(r->id), 0) != sizeof(r->id))
		return -1;
	len = build(msg, MESSAGE_MAX, r->id, q);
	if (len == 0 ||
	    update_key_sign(r->key, msg, &len, sizeof(msg),
		(uint64_t)time(NULL), &r->mac) == -1)
		return -1;
	return dns_stream_send(r->stream, msg, len);
}

int
reach_out_ask(struct reach_out *r, const struct reach_question *q,
    double timeout, reach_done_fn *done, void *arg)
{
	static const struct dns_stream_events events = { .message = message,
		.closed = closed };

	if (r->stream != NULL ||
	    (r->stream = dns_stream_new(r->loop, q->primary, &events, r)) ==
		NULL)
		return -1;
	r->done = done;
	r->arg = arg;
	if (send_update(r, q) == -1) {
		quit(r);
		return -1;
	}
	ev_now_update(r->loop);
	ev_timer_set(&r->timer, timeout, 0);
	ev_timer_start(r->loop, &r->timer);
	return 0;
}

/* --- life --- */

struct reach_out *
reach_out_new(struct ev_loop *loop)
{
	struct reach_out *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->loop = loop;
	ev_timer_init(&r->timer, timed_out, 0, 0);
	r->timer.data = r;
	return r;
}

void
reach_out_configure(struct reach_out *r, const struct update_key *key)
{
	if (r->stream != NULL)
		end_unknown(r, "publishd has got another configuration");
	r->key = key;
}

void
reach_out_free(struct reach_out *r)
{
	if (r == NULL)
		return;
	quit(r);
	free(r);
}
