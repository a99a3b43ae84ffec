/*
 * One connection of an MTA. Knows octets, a descriptor and time; what the
 * octets mean is its protocol's.
 */
#include "mail_connection.h"

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
	IN_MOST = MAIL_PIECE_MAX + READ_MOST,
	KEEP_MOST =
	    2 * READ_MOST, /* larger buffers are given back when empty */
};

/* How long a peer may go on after our last words. */
static const double drain_seconds = 5;

struct mail_connection {
	struct mail_connection *next, **prev; /* prev: what points here */
	struct mail_connections *all;
	struct mail *mail;
	struct buffer in, out;
	ev_io io;
	ev_timer idle;     /* looks at `heard` when it fires */
	ev_timer progress; /* runs while the daemon thinks */
	double heard;      /* monotonic: last sign of the peer */
	bool ended;        /* the peer has said all; it may still read */
	bool closing;      /* after `out` is written */
	bool draining;     /* all is written: the peer may finish its words */
};

static void
connection_free(struct mail_connection *c)
{
	struct ev_loop *loop = c->all->loop;

	ev_io_stop(loop, &c->io);
	ev_timer_stop(loop, &c->idle);
	ev_timer_stop(loop, &c->progress);
	close(c->io.fd);
	mail_free(c->mail);
	buffer_free(&c->in);
	buffer_free(&c->out);
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->all->n--;
	free(c);
}

static void
connection_close(struct mail_connection *c)
{
	struct mail_connections *all = c->all;

	connection_free(c);
	all->closed(all);
}

static void
connection_break(struct mail_connection *c, const char *why)
{
	log_warnx("%s: %s connection closed: %s", c->all->handler->name,
	    c->mail->protocol->name, why);
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
watch(struct mail_connection *c, int events)
{
	if ((c->io.events & (EV_READ | EV_WRITE)) == events)
		return;
	ev_io_stop(c->all->loop, &c->io);
	ev_io_set(&c->io, c->io.fd, events);
	ev_io_start(c->all->loop, &c->io);
}

/* 0, -1: the connection is gone. */
static int
write_out(struct mail_connection *c)
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
 * A peer that is cut off in the middle of its words would lose our last ones
 * with them (TCP resets): it may say the rest, for a while.
 */
static int
drain(struct mail_connection *c)
{
	if (c->ended || !c->mail->protocol->half_close || c->all->stopping ||
	    shutdown(c->io.fd, SHUT_WR) == -1) {
		connection_close(c);
		return -1;
	}
	c->draining = true;
	ev_timer_stop(c->all->loop, &c->idle);
	ev_timer_set(&c->idle, drain_seconds, 0.);
	ev_timer_start(c->all->loop, &c->idle);
	watch(c, EV_READ);
	return 0;
}

/* What to wait for. A peer that does not read its answers, or says more than
   may wait here, is not read from. */
static int
wanted(const struct mail_connection *c)
{
	int events = c->out.len > 0 ? EV_WRITE : 0;

	if (c->out.len < OUT_MOST && c->in.len < IN_MOST && !c->closing &&
	    !c->ended)
		events |= EV_READ;
	return events;
}

/* Writes what there is. 0, -1: the connection is gone. */
static int
flush(struct mail_connection *c)
{
	if (write_out(c) == -1)
		return -1;
	if (c->out.len == 0 && c->closing)
		return drain(c);
	if (c->out.len == 0 && c->all->stopping && !mail_busy(c->mail)) {
		connection_close(c);
		return -1;
	}
	watch(c, wanted(c));
	return 0;
}

/* Progress is due only while the daemon thinks. */
static void
pace(struct mail_connection *c)
{
	if (!c->mail->waiting || c->mail->protocol->progress == NULL)
		ev_timer_stop(c->all->loop, &c->progress);
	else if (!ev_is_active(&c->progress))
		ev_timer_again(c->all->loop, &c->progress);
}

/*
 * The pieces read so far. 0; 1: there may be more, to be taken when answers
 * have gone out; -1: the connection is gone.
 */
static int
take_pieces(struct mail_connection *c)
{
	enum mail_next next = MAIL_NEXT_AGAIN;
	const char *why = NULL;

	if (c->mail->broken) {
		connection_break(c, "out of memory");
		return -1;
	}
	while (next == MAIL_NEXT_AGAIN && !c->closing && c->out.len < OUT_MOST)
		next = mail_input(c->mail, &c->in, c->heard, &why);
	if (next == MAIL_NEXT_BROKEN) {
		connection_break(c, why);
		return -1;
	}
	if (why != NULL)
		log_warnx("%s: %s connection is being closed: %s",
		    c->all->handler->name, c->mail->protocol->name, why);
	pace(c);
	c->closing = c->closing || next == MAIL_NEXT_CLOSE ||
	    (c->ended && next == MAIL_NEXT_READ && !c->mail->waiting);
	buffer_trim(&c->in);
	return c->out.len >= OUT_MOST;
}

/* 0; -1: the connection is gone. */
static int
read_in(struct mail_connection *c)
{
	ssize_t n = buffer_read(&c->in, c->io.fd, READ_MOST);

	if (n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR)))
		return 0;
	if (n == 0 && c->mail->protocol->half_close && !c->draining) {
		c->ended = true;
		return 0;
	}
	connection_close(c);
	return -1;
}

/* A connection that only waits for the peer's end. */
static void
discard(struct mail_connection *c)
{
	buffer_clear(&c->in);
	if (c->all->stopping)
		connection_close(c);
	else
		read_in(c);
}

static void
on_io(struct ev_loop *loop, ev_io *w, int events)
{
	struct mail_connection *c = w->data;
	int more;

	(void)loop;
	if (c->draining) {
		discard(c);
		return;
	}
	c->heard = monotonic_now();
	if ((events & EV_READ) && !c->ended && read_in(c) == -1)
		return;
	do {
		more = take_pieces(c);
		if (more == -1 || flush(c) == -1)
			return;
	} while (more == 1 && c->out.len < OUT_MOST);
}

/* The daemon may be anywhere now, so the answer leaves from the loop. */
static void
on_finish(void *arg)
{
	struct mail_connection *c = arg;

	ev_timer_stop(c->all->loop, &c->progress);
	ev_feed_event(c->all->loop, &c->io, EV_CUSTOM);
}

/* ---- time ---- */

static void
on_progress(struct ev_loop *loop, ev_timer *w, int events)
{
	struct mail_connection *c = w->data;

	(void)loop;
	(void)events;
	if (c->out.len == 0 && c->mail->protocol->progress(&c->out) == 0)
		flush(c);
}

/*
 * A packet only notes its time; the timer fires seldom and looks at it. The
 * time that the daemon takes is not the peer's silence.
 */
static void
on_idle(struct ev_loop *loop, ev_timer *w, int events)
{
	struct mail_connection *c = w->data;
	double now = monotonic_now(), left;

	(void)events;
	if (c->mail->waiting)
		c->heard = now;
	left = c->heard + c->all->limits.idle - now;
	if (left <= 0 || c->draining) {
		log_debug("%s: %s connection closed: idle",
		    c->all->handler->name, c->mail->protocol->name);
		connection_close(c);
		return;
	}
	ev_timer_set(w, left, 0.);
	ev_timer_start(loop, w);
}

/* ---- begin and end ---- */

static void
start_watchers(struct mail_connection *c, int fd)
{
	const struct mail_server_limits *limits = &c->all->limits;

	ev_io_init(&c->io, on_io, fd, EV_READ);
	ev_timer_init(&c->idle, on_idle, limits->idle, 0.);
	ev_timer_init(&c->progress, on_progress, 0., limits->progress);
	c->io.data = c->idle.data = c->progress.data = c;
	c->heard = monotonic_now();
	ev_io_start(c->all->loop, &c->io);
	ev_timer_start(c->all->loop, &c->idle);
}

static struct mail_connection *
connection_alloc(
    struct mail_connections *all, const struct mail_protocol *protocol)
{
	struct mail_connection *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->all = all;
	c->mail = protocol->open(all->handler, &c->out);
	if (c->mail == NULL) {
		free(c);
		return NULL;
	}
	mail_on_finish(c->mail, on_finish, c);
	return c;
}

int
mail_connection_new(
    struct mail_connections *all, const struct mail_protocol *protocol, int fd)
{
	struct mail_connection *c = connection_alloc(all, protocol);
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
mail_connections_drain(struct mail_connections *all)
{
	struct mail_connection *c, *next;

	for (c = all->first; c != NULL; c = next) {
		next = c->next;
		on_io(all->loop, &c->io, EV_READ);
	}
}

void
mail_connections_free(struct mail_connections *all)
{
	while (all->first != NULL)
		connection_free(all->first);
}
