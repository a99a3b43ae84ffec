/*
 * The octets of one connection of an MTA, in and out. What they mean is its
 * protocol's; how it begins and ends is mail_connection_life's.
 */
#include "mail_connection_life.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "monotonic.h"

enum {
	READ_MOST = MAIL_READ_MOST,
	OUT_MOST = 256 * 1024, /* unsent replies before we stop reading */
	IN_MOST = MAIL_PIECE_MAX + READ_MOST,
	KEEP_MOST =
	    2 * READ_MOST, /* larger buffers are given back when empty */
};

/* How long a peer may go on after our last words. */
static const double drain_seconds = 5;

/* ---- octets ---- */

/* What is idle shall cost little. */
static void
buffer_trim(const struct mail_connection *c, struct buffer *b)
{
	if (b->len == 0 && (b->cap > KEEP_MOST || !mail_busy(c->mail)))
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
		mail_connection_close(c);
		return -1;
	}
	buffer_trim(c, &c->out);
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
		mail_connection_close(c);
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
	if (c->out.len == 0 && c->all->stopping &&
	    mail_connection_leave(c) == -1)
		return -1;
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
		mail_connection_break(c, "out of memory");
		return -1;
	}
	while (
	    next == MAIL_NEXT_AGAIN && !c->closing && c->out.len < OUT_MOST) {
		next = mail_input(c->mail, &c->in, c->heard, &why);
		c->whole = c->whole || next == MAIL_NEXT_AGAIN;
	}
	if (next == MAIL_NEXT_BROKEN) {
		mail_connection_break(c, why);
		return -1;
	}
	if (why != NULL)
		log_warnx("%s: %s connection is being closed: %s",
		    c->all->handler->name, c->mail->protocol->name, why);
	pace(c);
	c->closing = c->closing || next == MAIL_NEXT_CLOSE ||
	    (c->ended && next == MAIL_NEXT_READ && !c->mail->waiting);
	buffer_trim(c, &c->in);
	return c->out.len >= OUT_MOST;
}

/* Of who has no message under way only what came is held. */
static ssize_t
read_some(struct mail_connection *c)
{
	ssize_t n;

	if (mail_busy(c->mail))
		return buffer_read(&c->in, c->io.fd, READ_MOST);
	n = read(c->io.fd, c->all->scratch, READ_MOST);
	if (n > 0 && buffer_append(&c->in, c->all->scratch, (size_t)n) == -1) {
		errno = ENOMEM;
		return -1;
	}
	return n;
}

/* 0; -1: the connection is gone. */
static int
read_in(struct mail_connection *c)
{
	ssize_t n = read_some(c);

	if (n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR)))
		return 0;
	if (n == 0 && c->mail->protocol->half_close && !c->draining) {
		c->ended = true;
		return 0;
	}
	mail_connection_close(c);
	return -1;
}

/* A connection that only waits for the peer's end. */
static void
discard(struct mail_connection *c)
{
	buffer_clear(&c->in);
	if (c->all->stopping)
		mail_connection_close(c);
	else
		read_in(c);
}

void
mail_connection_io(struct ev_loop *loop, ev_io *w, int events)
{
	struct mail_connection *c = w->data;
	int more;

	(void)loop;
	if (c->draining) {
		discard(c);
		return;
	}
	c->heard = monotonic_now();
	c->whole = false;
	mail_connection_relieve(c);
	if ((events & EV_READ) && !c->ended && read_in(c) == -1)
		return;
	do {
		more = take_pieces(c);
		if (more == -1 || flush(c) == -1)
			return;
	} while (more == 1 && c->out.len < OUT_MOST);
	mail_connection_settle(c);
}

/* The daemon may be anywhere now, so the answer leaves from the loop. */
void
mail_connection_finished(void *arg)
{
	struct mail_connection *c = arg;

	ev_timer_stop(c->all->loop, &c->progress);
	ev_feed_event(c->all->loop, &c->io, EV_CUSTOM);
}

void
mail_connection_progress(struct ev_loop *loop, ev_timer *w, int events)
{
	struct mail_connection *c = w->data;

	(void)loop;
	(void)events;
	if (c->out.len == 0 && c->mail->protocol->progress(&c->out) == 0)
		flush(c);
}
