/*
 * Owns one question on its way: its socket, retransmission, the step from UDP
 * to TCP, the deadline. Must not know what an answer means.
 *
 * Whoever gets an answer in that is not ours has guessed our port: then the
 * question goes by TCP, where guessing ends. TCP also mends what arrived
 * truncated or broken.
 */
#include "dns_attempt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns_stream.h"
#include "dns_udp.h"

#define RETRANSMIT_FIRST 0.7 /* seconds, then twice as long each time */

enum { EDNS_SIZE = 1232 }; /* passes every path unfragmented */

/* ---- how a question ends --------------------------------------------------
 */

static void
udp_close(struct dns_query *q)
{
	ev_io_stop(q->exchange->loop, &q->io);
	if (q->fd != -1)
		close(q->fd);
	q->fd = -1;
}

void
dns_attempt_detach(struct dns_query *q)
{
	ev_timer_stop(q->exchange->loop, &q->timer);
	ev_clear_pending(q->exchange->loop, &q->timer);
	udp_close(q);
	dns_stream_free(q->stream);
	q->stream = NULL;
	LIST_REMOVE(q, link);
	q->exchange->pending--;
}

/* From the loop only, as its last step: q is freed. */
static void
end(struct dns_query *q, const struct dns_reply *reply)
{
	dns_attempt_detach(q);
	q->telling = true;
	q->done(q->arg, reply);
	free(q);
}

static void
end_failed(struct dns_query *q, enum dns_outcome outcome, const char *why)
{
	end(q, &(struct dns_reply){ .outcome = outcome, .why = why });
}

/* From anywhere: the loop tells it. */
static void
end_later(struct dns_query *q, enum dns_outcome outcome, const char *why)
{
	ev_timer_stop(q->exchange->loop, &q->timer);
	udp_close(q);
	q->outcome = outcome;
	q->why = why;
	ev_feed_event(q->exchange->loop, &q->timer, EV_CUSTOM);
}

static enum dns_outcome
outcome_of_errno(void)
{
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM)
		return DNS_OVER_BUDGET;
	return DNS_UNREACHABLE;
}

/* ---- sending --------------------------------------------------------------
 */

static int
packet_build(struct dns_query *q)
{
	const struct dns_question *ask = &q->question;

	if (dns_ids_next(&q->exchange->ids, &q->id) == -1)
		return -1;
	q->packet_len = dns_query_put(q->packet, sizeof(q->packet), q->id,
	    &ask->name, ask->type, ask->flags, q->edns);
	return q->packet_len > 0 ? 0 : -1;
}

static int
udp_send(struct dns_query *q)
{
	q->exchange->packets++;
	return dns_udp_send(q->fd, q->packet, q->packet_len);
}

static double
time_left(const struct dns_query *q)
{
	double wait = 0;

	if (ev_is_active(&q->timer))
		wait = ev_timer_remaining(
		    q->exchange->loop, (ev_timer *)(uintptr_t)&q->timer);
	return q->after + (wait > 0 ? wait : 0);
}

/* The wall clock is not looked at: it may be set. */
static void
timer_next(struct dns_query *q)
{
	struct ev_loop *loop = q->exchange->loop;
	double left = time_left(q), wait = left;

	if (q->fd != -1 && q->interval < left)
		wait = q->interval;
	q->after = left - wait;
	ev_timer_stop(loop, &q->timer);
	ev_timer_set(&q->timer, wait, 0.);
	ev_timer_start(loop, &q->timer);
}

static int
udp_begin(struct dns_query *q)
{
	q->fd = dns_udp_open(&q->server);
	if (q->fd == -1 || udp_send(q) == -1)
		return -1;
	ev_io_set(&q->io, q->fd, EV_READ);
	ev_io_start(q->exchange->loop, &q->io);
	timer_next(q);
	return 0;
}

/* ---- answers --------------------------------------------------------------
 */

static void tcp_begin(struct dns_query *);

static void
end_answered(struct dns_query *q, const struct dns_answer *a,
    const uint8_t *msg, size_t len)
{
	struct dns_reply reply = {
		.outcome = DNS_ANSWERED,
		.rcode = a->rcode,
		.ad = (a->flags & DNS_AD) != 0,
		.aa = (a->flags & DNS_AA) != 0,
		.msg = msg,
		.len = len,
		.why = dns_rcode_text(a->rcode),
	};

	end(q, &reply);
}

/* RFC 6891 7: a server that does not know EDNS may say so. */
static bool
dislikes_edns(const struct dns_query *q, const struct dns_answer *a)
{
	return q->edns > 0 && a->kind == DNS_ANSWER_WHOLE &&
	    (a->rcode == DNS_FORMERR || a->rcode == DNS_NOTIMP);
}

static void
ask_without_edns(struct dns_query *q)
{
	q->edns = 0;
	if (packet_build(q) == -1)
		end_failed(q, DNS_OVER_BUDGET, "out of memory");
	else if (q->stream != NULL)
		tcp_begin(q);
	else if (udp_send(q) == -1)
		end_failed(q, outcome_of_errno(), strerror(errno));
}

static void
udp_ready(struct ev_loop *loop, ev_io *w, int revents)
{
	struct dns_query *q = w->data;
	struct dns_exchange *x = q->exchange;
	ssize_t n = recv(q->fd, x->datagram, sizeof(x->datagram), 0);
	struct dns_answer a;

	(void)loop;
	(void)revents;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1) {
		end_failed(q, outcome_of_errno(), strerror(errno));
		return;
	}
	dns_answer_read(&a, x->datagram, (size_t)n, q->id, &q->question);
	if (dislikes_edns(q, &a)) {
		ask_without_edns(q);
	} else if (a.kind == DNS_ANSWER_WHOLE) {
		end_answered(q, &a, x->datagram, (size_t)n);
	} else {
		q->broken = a.kind != DNS_ANSWER_CUT;
		x->strays += a.kind == DNS_ANSWER_STRAY;
		tcp_begin(q);
	}
}

/* ---- TCP ------------------------------------------------------------------
 */

static void
tcp_message(void *arg, const uint8_t *msg, size_t len)
{
	struct dns_query *q = arg;
	struct dns_answer a;

	dns_answer_read(&a, msg, len, q->id, &q->question);
	if (dislikes_edns(q, &a))
		ask_without_edns(q);
	else if (a.kind == DNS_ANSWER_WHOLE)
		end_answered(q, &a, msg, len);
	else
		end_failed(q, DNS_GARBLED, a.why);
}

static void
tcp_closed(void *arg, const char *why)
{
	struct dns_query *q = arg;

	if (q->broken)
		why = "what came by UDP was no answer, and TCP failed";
	end_failed(q, q->broken ? DNS_GARBLED : DNS_UNREACHABLE, why);
}

static const struct dns_stream_events tcp_events = { tcp_message, tcp_closed };

/* A stream of an earlier attempt goes: each question has its own. */
static void
tcp_begin(struct dns_query *q)
{
	struct dns_exchange *x = q->exchange;

	udp_close(q);
	dns_stream_free(q->stream);
	q->stream = dns_stream_new(x->loop, &q->server, &tcp_events, q);
	if (q->stream == NULL ||
	    dns_stream_send(q->stream, q->packet, q->packet_len) == -1) {
		end_later(q, DNS_OVER_BUDGET, "out of memory");
		return;
	}
	x->packets++;
	timer_next(q);
}

/* ---- time -----------------------------------------------------------------
 */

static void
timed_out(struct dns_query *q)
{
	if (q->broken)
		end_failed(q, DNS_GARBLED,
		    "what came by UDP was no answer, and TCP took too long");
	else
		end_failed(q, DNS_TIMED_OUT, "no answer in time");
}

static void
timer_due(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct dns_query *q = w->data;

	(void)loop;
	(void)revents;
	if (q->why != NULL) {
		end_failed(q, q->outcome, q->why);
	} else if (q->fd == -1 || q->after <= 0) {
		timed_out(q);
	} else if (udp_send(q) == -1) {
		end_failed(q, outcome_of_errno(), strerror(errno));
	} else {
		q->interval *= 2;
		timer_next(q);
	}
}

/* ---- the beginning --------------------------------------------------------
 */

void
dns_attempt_begin(struct dns_query *q, double timeout)
{
	struct dns_exchange *x = q->exchange;

	q->edns = EDNS_SIZE;
	q->fd = -1;
	q->interval = RETRANSMIT_FIRST;
	q->after = timeout > 0 ? timeout : 0;
	ev_init(&q->io, udp_ready);
	ev_init(&q->timer, timer_due);
	q->io.data = q->timer.data = q;
	LIST_INSERT_HEAD(&x->queries, q, link);
	x->pending++;
	if (x->pending > x->max_queries)
		end_later(q, DNS_OVER_BUDGET, "too many questions under way");
	else if (packet_build(q) == -1)
		end_later(q, DNS_OVER_BUDGET, "out of memory");
	else if (q->question.tcp)
		tcp_begin(q);
	else if (udp_begin(q) == -1)
		end_later(q, outcome_of_errno(), strerror(errno));
}
