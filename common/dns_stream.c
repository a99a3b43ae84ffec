/*
 * Owns one TCP connection to a name server and the frames on it (RFC 7766 8).
 * Must not know what the messages say.
 *
 * Events come from the loop only. What a call finds out (a refused
 * connection, a frame that was held back) is left to `kick`, a watcher that
 * is fed by hand: it runs after all others of the same turn, so it is also
 * where everything that was queued in that turn is written at once.
 */
#include "dns_stream.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buffer.h"

#define CONNECT_TIMEOUT 5.0 /* seconds */

enum {
	FRAME_HEAD = 2,
	MESSAGE_MAX = 65535,
	READ_MOST = 64 * 1024, /* at once: others want their turn too */
};

struct dns_stream {
	struct ev_loop *loop;
	struct net_address address;
	const struct dns_stream_events *events;
	void *arg;

	int fd; /* -1: not connected */
	bool connecting, paused;
	const char *failed; /* the closed event that kick has to tell */
	struct buffer in, out;
	ev_io io;
	ev_timer timer; /* of the connection being made */
	ev_timer kick;  /* never started, only fed */

	bool delivering; /* inside an event: must outlive it */
	bool dead;       /* freed meanwhile */
};

/* ---- the descriptor -------------------------------------------------------
 */

static void
watch(struct dns_stream *s)
{
	bool unwritten = s->connecting || s->out.len > 0;
	int want = (s->connecting || s->paused ? 0 : EV_READ) |
	    (unwritten ? EV_WRITE : 0);

	if (ev_is_active(&s->io) &&
	    (s->io.events & (EV_READ | EV_WRITE)) == want)
		return;
	ev_io_stop(s->loop, &s->io);
	ev_io_set(&s->io, s->fd, want);
	if (want != 0)
		ev_io_start(s->loop, &s->io);
}

/* The buffers keep their memory: a message may be looked at just now. */
void
dns_stream_close(struct dns_stream *s)
{
	ev_io_stop(s->loop, &s->io);
	ev_timer_stop(s->loop, &s->timer);
	ev_clear_pending(s->loop, &s->kick);
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
	s->connecting = false;
	s->failed = NULL;
	buffer_clear(&s->in);
	buffer_clear(&s->out);
}

static void
kick_later(struct dns_stream *s)
{
	ev_feed_event(s->loop, &s->kick, EV_CUSTOM);
}

/* From the loop only, as its last step: s may be freed. */
static void
fail(struct dns_stream *s, const char *why)
{
	dns_stream_close(s);
	s->events->closed(s->arg, why);
}

static const char *
connect_begin(struct dns_stream *s)
{
	int on = 1, family = s->address.sa.sa_family;

	s->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd == -1)
		return strerror(errno);
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(s->fd, &s->address.sa, net_address_len(&s->address)) ==
		-1 &&
	    errno != EINPROGRESS)
		return strerror(errno);
	s->connecting = true;
	ev_timer_set(&s->timer, CONNECT_TIMEOUT, 0.);
	ev_timer_start(s->loop, &s->timer);
	watch(s);
	return NULL;
}

static void
connect_late(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	fail(w->data, "the connection could not be made in time");
}

/* ---- writing --------------------------------------------------------------
 */

/* NULL or what went wrong. */
static const char *
flush(struct dns_stream *s)
{
	ssize_t n = 0;

	if (s->out.len > 0)
		n = send(s->fd, s->out.data, s->out.len, MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN && errno != EINTR)
		return strerror(errno);
	if (n > 0)
		buffer_consume(&s->out, (size_t)n);
	watch(s);
	return NULL;
}

int
dns_stream_send(struct dns_stream *s, const uint8_t *msg, size_t len)
{
	uint8_t *frame;

	assert(len > 0 && len <= MESSAGE_MAX);
	if ((frame = buffer_reserve(&s->out, FRAME_HEAD + len)) == NULL)
		return -1;
	frame[0] = (uint8_t)(len >> 8);
	frame[1] = (uint8_t)len;
	memcpy(frame + FRAME_HEAD, msg, len);
	s->out.len += FRAME_HEAD + len;
	if (s->fd == -1 && s->failed == NULL)
		s->failed = connect_begin(s);
	if (!s->connecting)
		kick_later(s);
	return 0;
}

size_t
dns_stream_queued(const struct dns_stream *s)
{
	return s->out.len;
}

/* ---- reading --------------------------------------------------------------
 */

/* The message of the first frame, once all of it is there. */
static const uint8_t *
frame_whole(const struct buffer *in, size_t *len_r)
{
	if (in->len < FRAME_HEAD)
		return NULL;
	*len_r = (size_t)in->data[0] << 8 | in->data[1];
	return in->len - FRAME_HEAD >= *len_r ? in->data + FRAME_HEAD : NULL;
}

/*
 * Hands out what is there. If an event closes the connection, nothing is left
 * to hand out; nor is anything read before the loop goes on, so what then is
 * consumed is nothing of a new one.
 */
static void
deliver(struct dns_stream *s)
{
	const uint8_t *msg;
	size_t len;

	s->delivering = true;
	while (!s->paused && (msg = frame_whole(&s->in, &len)) != NULL) {
		s->events->message(s->arg, msg, len);
		buffer_consume(&s->in, FRAME_HEAD + len);
	}
	s->delivering = false;
	if (s->dead)
		dns_stream_free(s);
}

static void
read_some(struct dns_stream *s)
{
	ssize_t n = buffer_read(&s->in, s->fd, READ_MOST);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		deliver(s);
	else if (n == -1)
		fail(s, strerror(errno));
	else if (s->in.len > 0)
		fail(s, "closed in the middle of a message");
	else
		fail(s, "closed by the server");
}

/* ---- the loop -------------------------------------------------------------
 */

/* NULL or why there is no connection. */
static const char *
connect_end(struct dns_stream *s)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1)
		error = errno;
	s->connecting = false;
	ev_timer_stop(s->loop, &s->timer);
	return error != 0 ? strerror(error) : NULL;
}

static void
io_ready(struct ev_loop *loop, ev_io *w, int revents)
{
	struct dns_stream *s = w->data;
	const char *wrong = NULL;

	(void)loop;
	if (s->connecting)
		wrong = connect_end(s);
	if (wrong == NULL && (revents & EV_WRITE) != 0)
		wrong = flush(s);
	if (wrong != NULL)
		fail(s, wrong);
	else if ((revents & EV_READ) != 0)
		read_some(s);
}

static void
kicked(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct dns_stream *s = w->data;
	const char *wrong = s->failed;

	(void)loop;
	(void)revents;
	if (wrong == NULL && s->fd != -1 && !s->connecting)
		wrong = flush(s);
	if (wrong != NULL)
		fail(s, wrong);
	else if (!s->paused)
		deliver(s);
}

void
dns_stream_pause(struct dns_stream *s, int on)
{
	s->paused = on != 0;
	if (s->fd == -1 || s->connecting)
		return;
	watch(s);
	if (!s->paused && s->in.len > 0)
		kick_later(s);
}

struct dns_stream *
dns_stream_new(struct ev_loop *loop, const struct net_address *address,
    const struct dns_stream_events *events, void *arg)
{
	struct dns_stream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->loop = loop;
	s->address = *address;
	s->events = events;
	s->arg = arg;
	s->fd = -1;
	ev_io_init(&s->io, io_ready, -1, 0);
	ev_timer_init(&s->timer, connect_late, 0., 0.);
	ev_timer_init(&s->kick, kicked, 0., 0.);
	ev_set_priority(&s->kick, EV_MINPRI);
	s->io.data = s->timer.data = s->kick.data = s;
	return s;
}

void
dns_stream_free(struct dns_stream *s)
{
	if (s == NULL)
		return;
	if (!s->dead)
		dns_stream_close(s);
	s->dead = true;
	if (s->delivering)
		return;
	buffer_free(&s->in);
	buffer_free(&s->out);
	free(s);
}
