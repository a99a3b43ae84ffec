/*
 * One milter connection. Knows octets, a descriptor and time; what the packets
 * mean is milter_session's.
 */
#include "milter_connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "monotonic.h"

enum {
	READ_MOST = 64 * 1024, /* per wakeup: fairness */
	OUT_MOST = 256 * 1024, /* unsent replies before we stop reading */
	KEEP_MOST =
	    2 * READ_MOST, /* larger buffers are given back when empty */
};

struct milter_connection {
	struct milter_connection *next, **prev; /* prev: what points here */
	struct milter_connections *all;
	struct milter_session *session;
	struct buffer in, out;
	ev_io io;
	ev_timer idle;     /* looks at `heard` when it fires */
	ev_timer progress; /* runs while the daemon thinks */
	double heard;      /* monotonic: last sign of the peer */
	bool closing;      /* after `out` is written */
};

static void
connection_free(struct milter_connection *c)
{
	struct ev_loop *loop = c->all->loop;

	ev_io_stop(loop, &c->io);
	ev_timer_stop(loop, &c->idle);
	ev_timer_stop(loop, &c->progress);
	close(c->io.fd);
	milter_session_free(c->session);
	buffer_free(&c->in);
	buffer_free(&c->out);
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->all->n--;
	free(c);
}

static void
connection_close(struct milter_connection *c)
{
	struct milter_connections *all = c->all;

	connection_free(c);
	all->closed(all);
}

static void
connection_break(struct milter_connection *c, const char *why)
{
	log_warnx(
	    "%s: milter connection closed: %s", c->all->handler->name, why);
	connection_close(c);
}

/* ---- octets ---- */

static void
buffer_trim(struct buffer *b)
{
	if (b->len == 0 && b->cap > KEEP_MOST)
		buffer_free(b);
}

static void
watch(struct milter_connection *c, int events)
{
	if ((c->io.events & (EV_READ | EV_WRITE)) == events)
		return;
	ev_io_stop(c->all->loop, &c->io);
	ev_io_set(&c->io, c->io.fd, events);
	ev_io_start(c->all->loop, &c->io);
}

/* 0, -1: the connection is gone. */
static int
write_out(struct milter_connection *c)
{
	if (c->out.len > 0 && buffer_write(&c->out, c->io.fd) == -1 &&
	    errno != EAGAIN && errno != EINTR) {
		connection_close(c);
		return -1;
	}
	buffer_trim(&c->out);
	return 0;
}

/*
 * Writes what there is and decides what to wait for next. A peer that does
 * not read its replies is not read from either. 0, -1: it is gone.
 */
static int
flush(struct milter_connection *c)
{
	bool over = c->closing ||
	    (c->all->stopping && !milter_session_busy(c->session));

	if (write_out(c) == -1)
		return -1;
	if (c->out.len == 0 && over) {
		connection_close(c);
		return -1;
	}
	watch(c,
	    (c->out.len > 0 ? EV_WRITE : 0) |
		(c->out.len < OUT_MOST && !c->closing ? EV_READ : 0));
	return 0;
}

/* PROGRESS is due only while the daemon thinks. */
static void
pace(struct milter_connection *c, enum milter_next next)
{
	if (next != MILTER_NEXT_WAIT)
		ev_timer_stop(c->all->loop, &c->progress);
	else if (!ev_is_active(&c->progress))
		ev_timer_again(c->all->loop, &c->progress);
}

/* One packet for the session; NULL, or why the connection is broken. */
static const char *
take_packet(struct milter_connection *c, const struct milter_packet *packet)
{
	const char *why;
	enum milter_next next =
	    milter_session_input(c->session, packet, c->heard, &why);

	pace(c, next);
	c->closing = next == MILTER_NEXT_CLOSE;
	return why;
}

/*
 * The packets read so far. 0; 1: there may be more, to be taken when replies
 * have gone out; -1: the connection is gone.
 */
static int
take_packets(struct milter_connection *c)
{
	struct milter_packet packet;
	const char *why = NULL;
	size_t used;
	int got = 0;

	if (milter_session_broken(c->session))
		why = "out of memory";
	while (why == NULL && !c->closing && c->out.len < OUT_MOST &&
	    (got = milter_packet_get(&packet, c->in.data, c->in.len, &used)) ==
		1) {
		why = take_packet(c, &packet);
		buffer_consume(&c->in, used);
	}
	if (got == -1)
		why = "a packet of length 0 or over the limit";
	if (why != NULL) {
		connection_break(c, why);
		return -1;
	}
	buffer_trim(&c->in);
	return c->out.len >= OUT_MOST;
}

static int
read_in(struct milter_connection *c)
{
	ssize_t n = buffer_read(&c->in, c->io.fd, READ_MOST);

	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
		connection_close(c);
		return -1;
	}
	return 0;
}

static void
on_io(struct ev_loop *loop, ev_io *w, int events)
{
	struct milter_connection *c = w->data;
	int more;

	(void)loop;
	c->heard = monotonic_now();
	if ((events & EV_READ) && read_in(c) == -1)
		return;
	do {
		more = take_packets(c);
		if (more == -1 || flush(c) == -1)
			return;
	} while (more == 1 && c->out.len < OUT_MOST);
}

/* The daemon may be anywhere now, so the answer leaves from the loop. */
static void
on_finish(void *arg)
{
	struct milter_connection *c = arg;

	ev_timer_stop(c->all->loop, &c->progress);
	ev_feed_event(c->all->loop, &c->io, EV_CUSTOM);
}

/* ---- time ---- */

static void
on_progress(struct ev_loop *loop, ev_timer *w, int events)
{
	struct milter_connection *c = w->data;

	(void)loop;
	(void)events;
	if (c->out.len == 0 &&
	    milter_put(&c->out, MILTER_REPLY_PROGRESS, NULL, 0) == 0)
		flush(c);
}

/*
 * A packet only notes its time; the timer fires seldom and looks at it. The
 * time that the daemon takes is not the peer's silence.
 */
static void
on_idle(struct ev_loop *loop, ev_timer *w, int events)
{
	struct milter_connection *c = w->data;
	double now = monotonic_now(), left;

	(void)events;
	if (ev_is_active(&c->progress))
		c->heard = now;
	left = c->heard + c->all->limits.idle - now;
	if (left <= 0) {
		log_debug("%s: milter connection closed: idle",
		    c->all->handler->name);
		connection_close(c);
		return;
	}
	ev_timer_set(w, left, 0.);
	ev_timer_start(loop, w);
}

/* ---- begin and end ---- */

static void
start_watchers(struct milter_connection *c, int fd)
{
	const struct milter_server_limits *limits = &c->all->limits;

	ev_io_init(&c->io, on_io, fd, EV_READ);
	ev_timer_init(&c->idle, on_idle, limits->idle, 0.);
	ev_timer_init(&c->progress, on_progress, 0., limits->progress);
	c->io.data = c->idle.data = c->progress.data = c;
	c->heard = monotonic_now();
	ev_io_start(c->all->loop, &c->io);
	ev_timer_start(c->all->loop, &c->idle);
}

static struct milter_connection *
connection_alloc(struct milter_connections *all)
{
	struct milter_connection *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->all = all;
	c->session = milter_session_new(all->handler, &c->out);
	if (c->session == NULL) {
		free(c);
		return NULL;
	}
	milter_session_on_finish(c->session, on_finish, c);
	return c;
}

int
milter_connection_new(struct milter_connections *all, int fd)
{
	struct milter_connection *c = connection_alloc(all);
	int on = 1;

	if (c == NULL) {
		close(fd);
		return -1;
	}
	/* Both fail on Unix sockets, which need neither. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	start_watchers(c, fd);
	c->prev = &all->first;
	if ((c->next = all->first) != NULL)
		c->next->prev = &c->next;
	all->first = c;
	all->n++;
	return 0;
}

void
milter_connections_drain(struct milter_connections *all)
{
	struct milter_connection *c, *next;

	for (c = all->first; c != NULL; c = next) {
		next = c->next;
		on_io(all->loop, &c->io, EV_READ);
	}
}

void
milter_connections_free(struct milter_connections *all)
{
	while (all->first != NULL)
		connection_free(all->first);
}
