/*
 * How a connection of an MTA begins and ends, and the limits of its time and of
 * the memory of all. Knows nothing of its octets.
 *
 * Measured: a connection without a message costs some 900 octets.
 */
#include "mail_connection_life.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "heap.h"
#include "log.h"
#include "metrics.h"
#include "monotonic.h"

/*
 * While we stop, where nobody keeps connections. An MTA that has connected is
 * about to bring a message, and must put it off if the connection ends before:
 * so each may finish, until it says nothing for a while, or for so long that it
 * seems to have many.
 */
static const double quiet_seconds = 3, linger_seconds = 6;

/* And where somebody does, but has no room for one more at the moment. */
static const double again_seconds = 0.02;

/* Seconds from the first memory given back until the system gets it. */
static const double tidy_seconds = 5;

static void
on_tidy(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop, (void)w, (void)events;
	heap_give_back();
}

/* Once in that time, however much mail there is. */
static void
tidy_later(struct mail_connections *all)
{
	if (ev_is_active(&all->tidy))
		return;
	ev_timer_init(&all->tidy, on_tidy, tidy_seconds, 0.);
	ev_timer_start(all->loop, &all->tidy);
}

static void
holds(struct mail_connection *c, size_t octets)
{
	int64_t before = (int64_t)c->place.octets;

	if (octets < c->place.octets)
		tidy_later(c->all);
	mail_room_holds(&c->all->room, &c->place, octets);
	mail_connections_count(
	    c->all, MAIL_COUNT_MEMORY, (int64_t)octets - before);
}

static void
connection_free(struct mail_connection *c)
{
	struct ev_loop *loop = c->all->loop;

	ev_io_stop(loop, &c->io);
	ev_timer_stop(loop, &c->idle);
	ev_timer_stop(loop, &c->progress);
	close(c->io.fd);
	holds(c, 0);
	mail_room_leave(&c->all->room, &c->place);
	mail_connections_count(c->all, MAIL_COUNT_OPEN, -1);
	mail_free(c->mail);
	buffer_free(&c->in);
	buffer_free(&c->out);
	tidy_later(c->all);
	*c->prev = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->all->n--;
	free(c);
}

void
mail_connection_close(struct mail_connection *c)
{
	struct mail_connections *all = c->all;

	connection_free(c);
	all->closed(all);
}

void
mail_connection_break(struct mail_connection *c, const char *why)
{
	log_warnx("%s: %s connection closed: %s", c->all->handler->name,
	    c->mail->protocol->name, why);
	mail_connection_close(c);
}

/* It gives up its place. */
static void
expel(struct mail_connection *c)
{
	log_debug("%s: %s connection closed for others", c->all->handler->name,
	    c->mail->protocol->name);
	mail_connections_count(c->all, MAIL_COUNT_EXPELLED, 1);
	mail_connection_close(c);
}

/* ---- memory ---- */

/* Who is slow gives back first; else this message gets no more. */
void
mail_connection_relieve(struct mail_connection *c)
{
	struct mail_room *room = &c->all->room;
	struct mail_place *p;

	while (mail_room_is_short(room) &&
	    (p = mail_room_first_hoarder(room, &c->place, c->heard)) != NULL)
		expel(p->connection);
	c->mail->kept.no_room = mail_room_is_short(room);
}

/* What is held of memory now; without a message under way that is little. */
static void
take_stock(struct mail_connection *c)
{
	if (!mail_busy(c->mail))
		mail_kept_end(&c->mail->kept);
	holds(c, c->in.cap + c->out.cap + mail_kept_octets(&c->mail->kept));
}

/* Over the bound nothing large may go on growing. */
static void
account(struct mail_connection *c)
{
	take_stock(c);
	if (mail_room_is_short(&c->all->room) &&
	    (c->in.len > MAIL_READ_MOST || c->out.len > MAIL_READ_MOST)) {
		mail_connections_count(c->all, MAIL_COUNT_EXPELLED, 1);
		mail_connection_break(c, "the memory for all is used up");
	}
}

void
mail_connection_settle(struct mail_connection *c)
{
	bool busy = mail_busy(c->mail);
	bool open = (c->in.len > 0 && !c->mail->waiting) || c->out.len > 0;

	c->place.waiting = c->mail->waiting;
	if (c->whole || busy != (c->place.standing == MAIL_BUSY))
		mail_room_said(&c->all->room, &c->place, busy, c->heard);
	if (!open)
		c->stuck = 0;
	else if (c->whole || c->stuck == 0)
		c->stuck = c->heard;
	account(c);
}

/* ---- time ---- */

/* The earlier of the two, where the second has a bound. */
static double
earlier(double left, double since, double bound, double now)
{
	double other = since + bound - now;

	return since > 0 && bound > 0 && other < left ? other : left;
}

/* Seconds that the peer has still; the daemon's are not its silence. */
static double
time_left(struct mail_connection *c, double now)
{
	const struct mail_server_limits *limits = &c->all->limits;
	double left;

	if (c->mail->waiting)
		c->heard = now;
	left = c->heard + limits->idle - now;
	left = earlier(left, c->stuck, limits->piece, now);
	if (mail_busy(c->mail) && !c->mail->waiting)
		left = earlier(left, mail_began(c->mail), limits->message, now);
	return left;
}

static void
look_in(struct mail_connection *c, double seconds)
{
	ev_timer_stop(c->all->loop, &c->idle);
	ev_timer_set(&c->idle, seconds, 0.);
	ev_timer_start(c->all->loop, &c->idle);
}

static int
linger(struct mail_connection *c)
{
	double quiet = c->heard + quiet_seconds;
	double last = c->all->stopping_since + linger_seconds;
	double left = (quiet < last ? quiet : last) - monotonic_now();

	if (left <= 0) {
		mail_connection_close(c);
		return -1;
	}
	look_in(c, left);
	return 0;
}

enum handed { GONE, REFUSED, NOT_NOW };

/* What has come and is not whole is in no state. */
static enum handed
hand_over(struct mail_connection *c)
{
	struct buffer state = { 0 };
	enum handed result = NOT_NOW;

	if (c->all->keep != NULL && c->in.len == 0 && c->out.len == 0 &&
	    mail_store(c->mail, &state) == 0)
		result = c->all->keep(c->io.fd, state.data, state.len) == 0
		    ? GONE
		    : REFUSED;
	buffer_free(&state);
	if (result == GONE)
		mail_connection_close(c);
	return result;
}

int
mail_connection_leave(struct mail_connection *c)
{
	enum handed handed = hand_over(c);

	if (handed == GONE)
		return -1;
	if (!mail_busy(c->mail) && linger(c) == -1)
		return -1;
	if (handed == REFUSED)
		look_in(c, again_seconds);
	return 0;
}

/*
 * A packet only notes its time; the timer fires seldom and looks at it. It does
 * so as often as a piece may take, since it is not set anew when one begins.
 */
static void
on_idle(struct ev_loop *loop, ev_timer *w, int events)
{
	struct mail_connection *c = w->data;
	double piece = c->all->limits.piece, left;

	(void)events;
	if (c->all->stopping && !c->draining &&
	    (mail_connection_leave(c) == -1 || ev_is_active(w)))
		return;
	left = time_left(c, monotonic_now());
	if (left <= 0 || c->draining) {
		log_debug("%s: %s connection closed: idle or slow",
		    c->all->handler->name, c->mail->protocol->name);
		if (!c->draining)
			mail_connections_count(c->all, MAIL_COUNT_SLOW, 1);
		mail_connection_close(c);
		return;
	}
	ev_timer_set(w, piece > 0 && piece < left ? piece : left, 0.);
	ev_timer_start(loop, w);
}

/* ---- begin and end ---- */

static void
start_watchers(struct mail_connection *c, int fd)
{
	const struct mail_server_limits *limits = &c->all->limits;

	ev_io_init(&c->io, mail_connection_io, fd, EV_READ);
	ev_timer_init(
	    &c->idle, on_idle, earlier(limits->idle, 1, limits->piece, 1), 0.);
	ev_timer_init(
	    &c->progress, mail_connection_progress, 0., limits->progress);
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
	mail_on_finish(c->mail, mail_connection_finished, c);
	return c;
}

/* NULL: out of memory. */
static struct mail_connection *
add(struct mail_connections *all, const struct mail_protocol *protocol, int fd)
{
	struct mail_connection *c = connection_alloc(all, protocol);
	int on = 1;

	if (c == NULL) {
		close(fd);
		return NULL;
	}
	/* Both fail on Unix sockets, which need neither. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	start_watchers(c, fd);
	c->place.connection = c;
	mail_room_enter(&all->room, &c->place, c->heard);
	mail_connections_count(all, MAIL_COUNT_OPEN, 1);
	c->prev = &all->first;
	if ((c->next = all->first) != NULL)
		c->next->prev = &c->next;
	all->first = c;
	all->n++;
	return c;
}

int
mail_connection_new(
    struct mail_connections *all, const struct mail_protocol *protocol, int fd)
{
	return add(all, protocol, fd) != NULL ? 0 : -1;
}

int
mail_connection_resume(struct mail_connections *all,
    const struct mail_protocol *protocol, int fd, const uint8_t *state,
    size_t n)
{
	struct mail_connection *c = add(all, protocol, fd);

	if (c == NULL)
		return -1;
	if (mail_resume(c->mail, c->heard, state, n) == -1) {
		connection_free(c);
		return -1;
	}
	c->whole = true;
	mail_connection_settle(c);
	return 0;
}

int
mail_connections_make_room(struct mail_connections *all)
{
	struct mail_place *p = mail_room_first_out(&all->room);

	if (p == NULL)
		return -1;
	expel(p->connection);
	return 0;
}

void
mail_connections_count(struct mail_connections *all, size_t which, int64_t n)
{
	if (all->metrics != NULL)
		metric_add(all->metrics, all->first_row + which, n);
}

/* From the loop: one that gets its turn may close any other for its memory. */
void
mail_connections_drain(struct mail_connections *all)
{
	all->stopping_since = monotonic_now();
	for (struct mail_connection *c = all->first; c != NULL; c = c->next)
		ev_feed_event(all->loop, &c->io, EV_READ);
}

void
mail_connections_free(struct mail_connections *all)
{
	while (all->first != NULL)
		connection_free(all->first);
	ev_timer_stop(all->loop, &all->tidy);
}
