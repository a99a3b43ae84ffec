/* Owns the socket, and accept(2). Must not know who comes. */
#include "publishd/tls_listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/tls_url.h"

enum { BACKLOG = 128, ACCEPTS_MOST = 16 };

/* After accept(2) had no descriptor left. */
#define ACCEPT_PAUSE 0.5

struct tls_listen {
	struct ev_loop *loop;
	tls_come_fn *come;
	void *arg;
	ev_io accept;
	ev_timer again;
};

static int
listen_on(const struct addrinfo *ai)
{
	int on = 1,
	    fd = socket(
		ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

/* No name is looked up: the loop may be running. */
static int
open_at(const char *text)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	const char *why;
	struct tls_url url;
	int fd, error;

	if (tls_url_parse(&url, text, &why) == -1) {
		log_warnx("tls: %s: %s", text, why);
		return -1;
	}
	error = getaddrinfo(strcmp(url.host, "*") == 0 ? NULL : url.host,
	    url.port, &hints, &found);
	if (error != 0) {
		log_warnx(
		    "tls: %s: to listen it must be an address, or *", text);
		return -1;
	}
	fd = listen_on(found);
	if (fd == -1)
		log_warn("tls: cannot listen on %s", text);
	freeaddrinfo(found);
	return fd;
}

static void
on_accept(struct ev_loop *loop, ev_io *w, int revents)
{
	struct tls_listen *l = w->data;

	(void)revents;
	for (int i = 0; i < ACCEPTS_MOST; i++) {
		struct sockaddr_storage sa;
		socklen_t len = sizeof(sa);
		int fd = accept4(w->fd, (struct sockaddr *)&sa, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd != -1) {
			l->come(l->arg, fd, (struct sockaddr *)&sa, len);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
			ev_io_stop(loop, w);
			ev_timer_set(&l->again, ACCEPT_PAUSE, 0.);
			ev_timer_start(loop, &l->again);
		}
		return;
	}
}

static void
accept_again(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct tls_listen *l = w->data;

	(void)revents;
	ev_io_start(loop, &l->accept);
}

struct tls_listen *
tls_listen_new(
    struct ev_loop *loop, const char *url, tls_come_fn *come, void *arg)
{
	struct tls_listen *l = calloc(1, sizeof(*l));
	int fd = l != NULL ? open_at(url) : -1;

	if (fd == -1) {
		free(l);
		return NULL;
	}
	l->loop = loop;
	l->come = come;
	l->arg = arg;
	ev_io_init(&l->accept, on_accept, fd, EV_READ);
	ev_init(&l->again, accept_again);
	l->accept.data = l->again.data = l;
	ev_io_start(loop, &l->accept);
	return l;
}

void
tls_listen_free(struct tls_listen *l)
{
	if (l == NULL)
		return;
	ev_timer_stop(l->loop, &l->again);
	ev_io_stop(l->loop, &l->accept);
	close(l->accept.fd);
	free(l);
}
