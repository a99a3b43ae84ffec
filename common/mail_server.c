/*
 * The listening sockets for MTAs, and the life of their connections as a
 * whole. Knows no protocol.
 */
#include "mail_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "complaint.h"
#include "heap.h"
#include "log.h"
#include "mail_connection.h"
#include "monotonic.h"

enum { ACCEPT_MOST = 64 }; /* per wakeup */

/* Seconds that accepting pauses when descriptors or memory are out. */
static const double accept_pause = 0.2;

struct listener {
	struct listener *next;
	struct mail_server *server;
	const struct mail_protocol *protocol;
	ev_io io;
};

struct mail_server {
	struct mail_connections connections; /* first: see on_closed() */
	struct listener *listeners;
	ev_timer pause; /* active: accepting is suspended */
	ev_timer ended; /* never started, only fed: calls `drained` */
	bool shared;    /* other processes accept, too */
	bool retired;   /* takes no more connections */
	struct complaint full;
	bool short_of; /* the log knows that accepting fails */
	void (*drained)(void *);
	void *drained_arg;
};

static const char *
name(const struct mail_server *server)
{
	return server->connections.handler->name;
}

/* Who comes and goes at the limit meets it again and again. */
static void
tell_full(struct mail_server *server, unsigned most)
{
	char text[COMPLAINT_TEXT_MAX];

	snprintf(text, sizeof(text),
	    "%s: %u connections are open (max-connections): "
	    "who is idle for longest is closed for others",
	    name(server), most);
	complaint_log(&server->full, text, monotonic_now());
}

static void
take_connection(const struct listener *l, int fd)
{
	struct mail_server *server = l->server;
	unsigned most = server->connections.limits.max_connections;
	bool full = server->connections.n >= most;

	if (full)
		tell_full(server, most);
	if (full && mail_connections_make_room(&server->connections) == -1) {
		mail_connections_count(
		    &server->connections, MAIL_COUNT_REFUSED, 1);
		close(fd);
	} else if (mail_connection_new(&server->connections, l->protocol, fd) ==
	    -1) {
		log_warnx("%s: %s connection refused: out of memory",
		    name(server), l->protocol->name);
	}
}

void
mail_server_resume(struct mail_server *server,
    const struct mail_protocol *protocol, int fd, const uint8_t *state,
    size_t n)
{
	if (mail_connection_resume(
		&server->connections, protocol, fd, state, n) == -1)
		log_warnx("%s: a %s connection of the process before is closed",
		    name(server), protocol->name);
}

void
mail_server_keep(struct mail_server *server, mail_keep_fn *keep)
{
	server->connections.keep = keep;
}

static void
watch_listeners(struct mail_server *server, bool on)
{
	for (struct listener *l = server->listeners; l != NULL; l = l->next)
		if (on)
			ev_io_start(server->connections.loop, &l->io);
		else
			ev_io_stop(server->connections.loop, &l->io);
}

/*
 * Out of descriptors the connection stays in the backlog and the listener
 * readable: without a pause that is a busy loop.
 */
static void
pause_accepting(struct mail_server *server)
{
	if (!server->short_of)
		log_warn(
		    "%s: connections are not accepted for now", name(server));
	server->short_of = true;
	watch_listeners(server, false);
	ev_timer_set(&server->pause, accept_pause, 0.);
	ev_timer_start(server->connections.loop, &server->pause);
}

static void
on_accept(struct ev_loop *loop, ev_io *w, int events)
{
	const struct listener *l = w->data;
	struct mail_server *server = l->server;
	int fd = 0;

	(void)loop;
	(void)events;
	for (int i = 0; i < (server->shared ? 1 : ACCEPT_MOST); i++) {
		fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd == -1)
			break;
		server->short_of = false;
		take_connection(l, fd);
	}
	if (fd == -1 && errno != EAGAIN && errno != EINTR &&
	    errno != ECONNABORTED)
		pause_accepting(server);
}

static void
on_pause_over(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	watch_listeners(w->data, true);
}

int
mail_server_listen(
    struct mail_server *server, const struct mail_protocol *protocol, int fd)
{
	struct listener *l = calloc(1, sizeof(*l));
	int flags = fcntl(fd, F_GETFL);

	if (l == NULL || flags == -1 ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
		free(l);
		close(fd);
		return -1;
	}
	l->server = server;
	l->protocol = protocol;
	l->next = server->listeners;
	server->listeners = l;
	ev_io_init(&l->io, on_accept, fd, EV_READ);
	l->io.data = l;
	ev_io_start(server->connections.loop, &l->io);
	return 0;
}

int
mail_server_at(const struct mail_server *server,
    const struct sockaddr_storage *where, socklen_t len)
{
	for (const struct listener *l = server->listeners; l != NULL;
	     l = l->next) {
		struct sockaddr_storage sa;
		socklen_t n = sizeof(sa);

		if (getsockname(l->io.fd, (struct sockaddr *)&sa, &n) == 0 &&
		    n == len && memcmp(&sa, where, n) == 0)
			return l->io.fd;
	}
	return -1;
}

void
mail_server_unlisten(struct mail_server *server, size_t newest, size_t n)
{
	struct listener **at = &server->listeners, *l;

	for (; newest > 0 && *at != NULL; newest--)
		at = &(*at)->next;
	for (; n > 0 && (l = *at) != NULL; n--) {
		*at = l->next;
		ev_io_stop(server->connections.loop, &l->io);
		close(l->io.fd);
		free(l);
	}
}

/* ---- its life ---- */

/* `drained` may free the server, so it runs from the loop, not from here. */
static void
on_closed(struct mail_connections *connections)
{
	struct mail_server *server = (struct mail_server *)connections;

	if ((connections->stopping || server->retired) && connections->n == 0)
		ev_feed_event(connections->loop, &server->ended, EV_CUSTOM);
}

static void
on_ended(struct ev_loop *loop, ev_timer *w, int events)
{
	struct mail_server *server = w->data;

	(void)loop;
	(void)events;
	server->drained(server->drained_arg);
}

void
mail_server_limit(struct mail_server *server, struct mail_server_limits limits)
{
	server->connections.limits = limits;
	server->connections.room.max_octets = limits.max_memory;
}

struct mail_server_limits
mail_server_limits(unsigned max_connections, size_t max_memory_mib)
{
	return (struct mail_server_limits){
		.max_connections = max_connections,
		.max_memory = max_memory_mib * 1024 * 1024,
		.idle = 900, /* Postfix's own limits end a session earlier */
		.piece = 60, /* it is written in one go */
		.message = 3600,
		.progress = 5,
	};
}

void
mail_server_meter(struct mail_server *server, struct metrics *m, size_t first)
{
	server->connections.metrics = m;
	server->connections.first_row = first;
}

struct mail_server *
mail_server_new(struct ev_loop *loop, const struct mail_handler *handler)
{
	struct mail_server *server = calloc(1, sizeof(*server));

	if (server == NULL)
		return NULL;
	server->connections.loop = loop;
	server->connections.handler = handler;
	server->connections.closed = on_closed;
	heap_keep();
	mail_room_init(&server->connections.room);
	ev_timer_init(&server->pause, on_pause_over, accept_pause, 0.);
	ev_timer_init(&server->ended, on_ended, 0., 0.);
	server->pause.data = server->ended.data = server;
	return server;
}

void
mail_server_stop(struct mail_server *server, void (*drained)(void *), void *arg)
{
	mail_server_unlisten(server, 0, SIZE_MAX);
	ev_timer_stop(server->connections.loop, &server->pause);
	server->connections.stopping = true;
	server->drained = drained;
	server->drained_arg = arg;
	if (server->connections.n == 0)
		drained(arg);
	else
		mail_connections_drain(&server->connections);
}

void
mail_server_retire(
    struct mail_server *server, void (*drained)(void *), void *arg)
{
	mail_server_unlisten(server, 0, SIZE_MAX);
	ev_timer_stop(server->connections.loop, &server->pause);
	server->retired = true;
	server->drained = drained;
	server->drained_arg = arg;
	if (server->connections.n == 0)
		drained(arg);
}

void
mail_server_share(struct mail_server *server)
{
	server->shared = true;
}

size_t
mail_server_connections(const struct mail_server *server)
{
	return server->connections.n;
}

void
mail_server_free(struct mail_server *server)
{
	if (server == NULL)
		return;
	mail_server_unlisten(server, 0, SIZE_MAX);
	ev_timer_stop(server->connections.loop, &server->pause);
	ev_clear_pending(server->connections.loop, &server->ended);
	mail_connections_free(&server->connections);
	free(server);
}
