/*
 * Owns one connection: the handshake, its octets and its time. Must not know
 * what messages mean, nor who may come.
 *
 * All begins in the loop by `io`, `timer` or `kick`; the last is fed by hand,
 * runs after the others of the same turn, and writes all that was queued in it.
 */
#include "tls_stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buffer.h"

#define HANDSHAKE_SECONDS 5.0

enum {
	READ_ONCE = 16 * 1024,
	READS_MOST = 8, /* in one go: others want their turn, too */
	UNACKNOWLEDGED_MS = 5000,
	WHY_MAX = 300,
};

enum state { HANDSHAKE, HEAD, READY, CLOSED };

struct tls_stream {
	struct ev_loop *loop;
	SSL *ssl;
	int fd;
	enum sp_protocol own;
	size_t max_message;
	const struct tls_stream_events *events;
	void *arg;
	enum state state;
	struct buffer in, out;
	ev_io io;
	ev_timer timer;
	ev_timer kick; /* never started, only fed */
	bool paused;
	const char *ending; /* why; NULL: it goes on */
	bool wants_write;   /* TLS does, whatever we do */
	bool running;       /* inside run(): must outlive it */
	bool dead;          /* freed meanwhile */
};

/* ---- the descriptor -------------------------------------------------------
 */

static void
socket_setup(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 5 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 5 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 3 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(fd, options[i].level, options[i].name,
		    &options[i].value, sizeof(options[i].value));
}

/* Who answers waits until what it has said is read. */
static bool
reads(const struct tls_stream *s)
{
	return !s->paused &&
	    (s->own == SP_REQ || s->out.len < TLS_STREAM_UNREAD);
}

static void
watch(struct tls_stream *s)
{
	bool writes =
	    s->wants_write || (s->state > HANDSHAKE && s->out.len > 0);
	int want = (reads(s) ? EV_READ : 0) | (writes ? EV_WRITE : 0);

	if (s->state == CLOSED)
		return;
	ev_io_stop(s->loop, &s->io);
	ev_io_set(&s->io, s->fd, want);
	if (want != 0)
		ev_io_start(s->loop, &s->io);
}

static void
shut(struct tls_stream *s)
{
	if (s->state == CLOSED)
		return;
	ev_io_stop(s->loop, &s->io);
	ev_timer_stop(s->loop, &s->timer);
	ev_clear_pending(s->loop, &s->kick);
	if (s->state > HANDSHAKE)
		SSL_shutdown(s->ssl); /* a word of farewell, no more */
	ERR_clear_error();
	SSL_free(s->ssl);
	close(s->fd);
	s->state = CLOSED;
}

/* Another turn, soon. */
static void
again(struct tls_stream *s)
{
	if (!s->dead && s->state != CLOSED)
		ev_feed_event(s->loop, &s->kick, EV_CUSTOM);
}

static void
fail(struct tls_stream *s, const char *why)
{
	if (s->dead || s->state == CLOSED)
		return;
	shut(s);
	s->events->closed(s->arg, why);
}

/* Of an operation of TLS: 0: it goes on later; -1: it does not. */
static int
not_now(struct tls_stream *s, int result)
{
	char why[WHY_MAX];
	int kind = SSL_get_error(s->ssl, result);

	if (kind == SSL_ERROR_WANT_WRITE)
		s->wants_write = true;
	if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE)
		return 0;
	fail(s, tls_why(s->ssl, result, why, sizeof(why)));
	return -1;
}

/* ---- reading, writing -----------------------------------------------------
 */

static void
flush(struct tls_stream *s)
{
	while (s->state > HANDSHAKE && s->state < CLOSED && s->out.len > 0) {
		int most = s->out.len < READ_ONCE ? (int)s->out.len : READ_ONCE;
		int n;

		ERR_clear_error();
		errno = 0;
		n = SSL_write(s->ssl, s->out.data, most);
		if (n <= 0) {
			not_now(s, n);
			return;
		}
		buffer_consume(&s->out, (size_t)n);
	}
}

static void
head_arrived(struct tls_stream *s)
{
	enum sp_protocol other = s->own == SP_REQ ? SP_REP : SP_REQ;
	const char *why = NULL;
	int result = sp_head_get(s->in.data, s->in.len, other, &why);

	if (result == -1)
		fail(s, why);
	if (result != 1)
		return;
	buffer_consume(&s->in, SP_HEAD);
	ev_timer_stop(s->loop, &s->timer);
	s->state = READY;
	s->events->ready(s->arg);
}

/* What has arrived whole. */
static void
deliver(struct tls_stream *s)
{
	const char *why = NULL;
	struct sp_frame f;
	int result = 0;

	if (s->state == HEAD && s->in.len > 0)
		head_arrived(s);
	while (!s->dead && s->state == READY && reads(s) &&
	    (result = sp_frame_get(
		 s->in.data, s->in.len, s->max_message, &f, &why)) == 1) {
		s->events->message(s->arg, f.id, f.data, f.n);
		if (!s->dead && s->state == READY)
			buffer_consume(&s->in, f.taken);
	}
	if (result == -1)
		fail(s, why);
}

/* More may be there than one turn takes: then it has another. */
static void
fill(struct tls_stream *s)
{
	for (int i = 0; i < READS_MOST; i++) {
		uint8_t *room;
		int n;

		if (s->dead || !reads(s) || s->state == CLOSED)
			return;
		if ((room = buffer_reserve(&s->in, READ_ONCE)) == NULL) {
			fail(s, "out of memory");
			return;
		}
		ERR_clear_error();
		errno = 0;
		n = SSL_read(s->ssl, room, READ_ONCE);
		if (n <= 0) {
			not_now(s, n);
			return;
		}
		s->in.len += (size_t)n;
		deliver(s);
	}
	again(s);
}

static void
shake_hands(struct tls_stream *s)
{
	uint8_t head[SP_HEAD];
	int result;

	ERR_clear_error();
	errno = 0;
	result = SSL_do_handshake(s->ssl);
	if (result != 1) {
		not_now(s, result);
		return;
	}
	result = s->events->verified(s->arg, s->ssl);
	sp_head_put(head, s->own);
	if (s->dead)
		return;
	if (result == -1 || buffer_append(&s->out, head, SP_HEAD) == -1)
		fail(s, "it may not ask");
	else
		s->state = HEAD;
}

/* What it has said is written; then it ends, or what waited for that goes on.
 */
static void
write_out(struct tls_stream *s)
{
	bool held = !reads(s);

	flush(s);
	if (s->ending != NULL && s->out.len == 0)
		fail(s, s->ending);
	else if (held && reads(s))
		again(s);
}

static void
run(struct tls_stream *s)
{
	s->running = true;
	s->wants_write = false;
	if (s->state == HANDSHAKE)
		shake_hands(s);
	if (!s->dead && s->state > HANDSHAKE) {
		deliver(s);
		fill(s);
	}
	if (!s->dead)
		write_out(s);
	if (!s->dead)
		watch(s);
	s->running = false;
	if (s->dead)
		tls_stream_free(s);
}

static void
on_io(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop;
	(void)revents;
	run(w->data);
}

static void
on_kick(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	run(w->data);
}

static void
on_late(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	fail(w->data, "no connection and handshake in time");
}

/* ---- outside --------------------------------------------------------------
 */

int
tls_stream_send(struct tls_stream *s, uint32_t id, const void *data, size_t n)
{
	uint8_t head[SP_FRAME_HEAD];

	if (s->state == CLOSED ||
	    s->out.len + sizeof(head) + n > TLS_STREAM_UNREAD_MOST ||
	    buffer_reserve(&s->out, sizeof(head) + n) == NULL)
		return -1;
	sp_frame_put(head, id, n);
	buffer_append(&s->out, head, sizeof(head));
	buffer_append(&s->out, data, n);
	again(s);
	return 0;
}

void
tls_stream_pause(struct tls_stream *s, int paused)
{
	if (s->state == CLOSED || s->ending != NULL ||
	    s->paused == (paused != 0))
		return;
	s->paused = paused != 0;
	again(s);
}

void
tls_stream_end(struct tls_stream *s, const char *why)
{
	tls_stream_pause(s, 1);
	s->ending = why;
	again(s);
}

struct tls_stream *
tls_stream_new(struct ev_loop *loop, SSL *ssl, int fd, enum sp_protocol own,
    size_t max_message, const struct tls_stream_events *events, void *arg)
{
	struct tls_stream *s = calloc(1, sizeof(*s));

	if (s == NULL || SSL_set_fd(ssl, fd) != 1) {
		free(s);
		SSL_free(ssl);
		close(fd);
		return NULL;
	}
	*s = (struct tls_stream){ .loop = loop,
		.ssl = ssl,
		.fd = fd,
		.own = own,
		.max_message = max_message,
		.events = events,
		.arg = arg };
	socket_setup(fd);
	ev_io_init(&s->io, on_io, fd, EV_READ | EV_WRITE);
	ev_timer_init(&s->timer, on_late, HANDSHAKE_SECONDS, 0.);
	ev_init(&s->kick, on_kick);
	s->io.data = s->timer.data = s->kick.data = s;
	ev_io_start(loop, &s->io);
	ev_timer_start(loop, &s->timer);
	return s;
}

void
tls_stream_free(struct tls_stream *s)
{
	if (s == NULL)
		return;
	/* The last answers of one that ends. */
	if (s->state == READY && s->out.len > 0)
		SSL_write(s->ssl, s->out.data,
		    s->out.len < READ_ONCE ? (int)s->out.len : READ_ONCE);
	shut(s);
	s->dead = true;
	if (s->running)
		return;
	buffer_free(&s->in);
	buffer_free(&s->out);
	free(s);
}
