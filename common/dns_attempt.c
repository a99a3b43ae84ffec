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
#include "monotonic.h"

#define RETRANSMIT_FIRST 0.7 /* seconds, then twice as long each time */

enum { EDNS_SIZE = 1232 }; /* passes every path unfragmented */

/* ---- how a question ends --------------------------------------------------
 */

static void
udp_close(struct dns_attempt *a)
{
	ev_io_stop(a->exchange->loop, &a->io);
	if (a->fd != -1)
		close(a->fd);
	a->fd = -1;
}

/* Nothing comes any more, and nothing is held. */
static void
release(struct dns_attempt *a)
{
	struct dns_exchange *x = a->exchange;

	ev_timer_stop(x->loop, &a->timer);
	ev_clear_pending(x->loop, &a->timer);
	udp_close(a);
	dns_stream_free(a->stream);
	a->stream = NULL;
	if (!a->held)
		return;
	dns_budget_end(x->budget, a->account, monotonic_now(), a->tcp);
	dns_exchange_count(x, DNS_COUNT_UNDER_WAY, -1);
	a->held = false;
}

static void
leave(struct dns_attempt *a)
{
	release(a);
	TAILQ_REMOVE(&a->exchange->attempts, a, age);
	LIST_REMOVE(a, chain);
}

void
dns_attempt_free(struct dns_attempt *a)
{
	leave(a);
	free(a);
}

/* From the loop only, as its last step: a is freed. The exchange may be. */
static void
end(struct dns_attempt *a, const struct dns_reply *reply)
{
	struct dns_query *q;

	leave(a);
	a->ending = true;
	while ((q = TAILQ_FIRST(&a->queries)) != NULL)
		dns_query_tell(q, reply);
	free(a);
}

static void
end_failed(struct dns_attempt *a, enum dns_outcome outcome, const char *why)
{
	end(a,
	    &(struct dns_reply){ .outcome = outcome,
		.away = outcome == DNS_UNREACHABLE && a->stream == NULL,
		.why = why });
}

void
dns_attempt_fail(
    struct dns_attempt *a, enum dns_outcome outcome, const char *why)
{
	release(a);
	a->outcome = outcome;
	a->why = why;
	ev_feed_event(a->exchange->loop, &a->timer, EV_CUSTOM);
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
packet_build(struct dns_attempt *a)
{
	const struct dns_question *ask = &a->question;

	if (dns_ids_next(&a->exchange->ids, &a->id) == -1)
		return -1;
	a->packet_len = dns_query_put(a->packet, sizeof(a->packet), a->id,
	    &ask->name, ask->type, ask->flags, a->edns);
	return a->packet_len > 0 ? 0 : -1;
}

/* NULL, or why no packet may go to the server now. */
static const char *
packet_refused(struct dns_attempt *a)
{
	struct dns_exchange *x = a->exchange;
	enum dns_refusal refusal =
	    dns_budget_packet(x->budget, a->account, monotonic_now());

	return refusal == DNS_MAY
	    ? NULL
	    : dns_exchange_refused(x, refusal, &a->server);
}

static void
packet_count(struct dns_exchange *x)
{
	x->packets++;
	dns_exchange_count(x, DNS_COUNT_PACKETS, 1);
}

static int
udp_send(struct dns_attempt *a)
{
	packet_count(a->exchange);
	return dns_udp_send(a->fd, a->packet, a->packet_len);
}

static void
retransmit_later(struct dns_attempt *a)
{
	ev_timer_stop(a->exchange->loop, &a->timer);
	ev_timer_set(&a->timer, a->interval, 0.);
	ev_timer_start(a->exchange->loop, &a->timer);
	a->interval *= 2;
}

static int
udp_begin(struct dns_attempt *a)
{
	a->fd = dns_udp_open(&a->server);
	if (a->fd == -1 || udp_send(a) == -1)
		return -1;
	ev_io_set(&a->io, a->fd, EV_READ);
	ev_io_start(a->exchange->loop, &a->io);
	retransmit_later(a);
	return 0;
}

/* ---- answers --------------------------------------------------------------
 */

static void tcp_begin(struct dns_attempt *);

static void
end_answered(struct dns_attempt *a, const struct dns_answer *answer,
    const uint8_t *msg, size_t len)
{
	struct dns_reply reply = {
		.outcome = DNS_ANSWERED,
		.rcode = answer->rcode,
		.ad = (answer->flags & DNS_AD) != 0,
		.aa = (answer->flags & DNS_AA) != 0,
		.msg = msg,
		.len = len,
		.why = dns_rcode_text(answer->rcode),
	};

	end(a, &reply);
}

/* RFC 6891 7: a server that does not know EDNS may say so. */
static bool
dislikes_edns(const struct dns_attempt *a, const struct dns_answer *answer)
{
	return a->edns > 0 && answer->kind == DNS_ANSWER_WHOLE &&
	    (answer->rcode == DNS_FORMERR || answer->rcode == DNS_NOTIMP);
}

static void
ask_without_edns(struct dns_attempt *a)
{
	const char *refused;

	a->edns = 0;
	if (packet_build(a) == -1)
		end_failed(a, DNS_OVER_BUDGET, "out of memory");
	else if (a->stream != NULL)
		tcp_begin(a);
	else if ((refused = packet_refused(a)) != NULL)
		end_failed(a, DNS_OVER_BUDGET, refused);
	else if (udp_send(a) == -1)
		end_failed(a, outcome_of_errno(), strerror(errno));
}

/* What came by UDP will not do. */
static void
distrust_udp(struct dns_attempt *a, enum dns_answer_kind kind)
{
	struct dns_exchange *x = a->exchange;

	a->broken = kind != DNS_ANSWER_CUT;
	if (kind == DNS_ANSWER_STRAY) {
		x->strays++;
		dns_exchange_count(x, DNS_COUNT_STRAYS, 1);
	}
	tcp_begin(a);
}

static void
udp_ready(struct ev_loop *loop, ev_io *w, int revents)
{
	struct dns_attempt *a = w->data;
	struct dns_exchange *x = a->exchange;
	ssize_t n = recv(a->fd, x->datagram, sizeof(x->datagram), 0);
	struct dns_answer answer;

	(void)loop;
	(void)revents;
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == -1) {
		end_failed(a, outcome_of_errno(), strerror(errno));
		return;
	}
	dns_answer_read(&answer, x->datagram, (size_t)n, a->id, &a->question);
	if (dislikes_edns(a, &answer))
		ask_without_edns(a);
	else if (answer.kind == DNS_ANSWER_WHOLE)
		end_answered(a, &answer, x->datagram, (size_t)n);
	else
		distrust_udp(a, answer.kind);
}

/* ---- TCP ------------------------------------------------------------------
 */

static void
tcp_message(void *arg, const uint8_t *msg, size_t len)
{
	struct dns_attempt *a = arg;
	struct dns_answer answer;

	dns_answer_read(&answer, msg, len, a->id, &a->question);
	if (dislikes_edns(a, &answer))
		ask_without_edns(a);
	else if (answer.kind == DNS_ANSWER_WHOLE)
		end_answered(a, &answer, msg, len);
	else
		end_failed(a, DNS_GARBLED, answer.why);
}

static void
tcp_closed(void *arg, const char *why)
{
	struct dns_attempt *a = arg;

	if (a->broken)
		why = "what came by UDP was no answer, and TCP failed";
	end_failed(a, a->broken ? DNS_GARBLED : DNS_UNREACHABLE, why);
}

static const struct dns_stream_events tcp_events = { tcp_message, tcp_closed };

/* NULL, or why there may be no connection. It keeps its place once it has. */
static const char *
tcp_refused(struct dns_attempt *a)
{
	struct dns_exchange *x = a->exchange;
	enum dns_refusal refusal = DNS_MAY;

	if (!a->tcp)
		refusal = dns_budget_tcp(x->budget, a->account);
	if (refusal != DNS_MAY)
		return dns_exchange_refused(x, refusal, &a->server);
	a->tcp = a->account != NULL;
	return packet_refused(a);
}

/* A stream of an earlier try goes: each question has its own. */
static void
tcp_begin(struct dns_attempt *a)
{
	struct dns_exchange *x = a->exchange;
	const char *refused = tcp_refused(a);

	udp_close(a);
	ev_timer_stop(x->loop, &a->timer);
	dns_stream_free(a->stream);
	a->stream = NULL;
	if (refused != NULL) {
		dns_attempt_fail(a, DNS_OVER_BUDGET, refused);
		return;
	}
	a->stream = dns_stream_new(x->loop, &a->server, &tcp_events, a);
	if (a->stream == NULL ||
	    dns_stream_send(a->stream, a->packet, a->packet_len) == -1) {
		dns_attempt_fail(a, DNS_OVER_BUDGET, "out of memory");
		return;
	}
	packet_count(x);
	dns_exchange_count(x, DNS_COUNT_TCP, 1);
}

/* ---- time -----------------------------------------------------------------
 */

/* A packet that may not go now is left out: an answer may still come. */
static void
timer_due(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct dns_attempt *a = w->data;

	(void)loop;
	(void)revents;
	if (a->why != NULL)
		end_failed(a, a->outcome, a->why);
	else if (packet_refused(a) == NULL && udp_send(a) == -1)
		end_failed(a, outcome_of_errno(), strerror(errno));
	else
		retransmit_later(a);
}

/* ---- the beginning --------------------------------------------------------
 */

static void
start(struct dns_attempt *a)
{
	const char *refused = NULL;

	a->edns = EDNS_SIZE;
	a->interval = RETRANSMIT_FIRST;
	a->broken = false;
	if (packet_build(a) == -1)
		dns_attempt_fail(a, DNS_OVER_BUDGET, "out of memory");
	else if (a->question.tcp)
		tcp_begin(a);
	else if ((refused = packet_refused(a)) != NULL)
		dns_attempt_fail(a, DNS_OVER_BUDGET, refused);
	else if (udp_begin(a) == -1)
		dns_attempt_fail(a, outcome_of_errno(), strerror(errno));
}

void
dns_attempt_begin(struct dns_attempt *a)
{
	a->fd = -1;
	ev_init(&a->io, udp_ready);
	ev_init(&a->timer, timer_due);
	a->io.data = a->timer.data = a;
	start(a);
}

/* One that has failed only waits to be told. A connection keeps its place. */
void
dns_attempt_again(struct dns_attempt *a)
{
	if (a->why != NULL)
		return;
	udp_close(a);
	dns_stream_free(a->stream);
	a->stream = NULL;
	start(a);
}
