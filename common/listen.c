/*
 * Opens, compares and exchanges the sockets that the configuration names.
 */
#include "listen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "milter_session.h"
#include "policy_session.h"
#include "systemd.h"

/* ---- those of one protocol, into a list that has room ---- */

static bool
is_at(int fd, const struct endpoint *e)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	return getsockname(fd, (struct sockaddr *)&sa, &len) == 0 &&
	    len == e->sa_len && memcmp(&sa, &e->sa, len) == 0;
}

/* An administrator who changed only one of the two shall hear of it. */
static void
tell_of_others(const struct endpoints *e, const char *protocol,
    const struct listen_fd *passed, size_t n)
{
	for (size_t i = 0; i < e->n; i++) {
		size_t k = 0;

		while (k < n && !is_at(passed[k].fd, &e->v[i]))
			k++;
		if (k == n)
			log_warnx("%s: %s is not opened, since systemd's "
				  "socket units say where to listen",
			    protocol, e->v[i].text);
	}
}

/* How many systemd passed. If any, they stand for the configured ones. */
static size_t
take_passed(const struct mail_protocol *protocol, const struct endpoints *e,
    struct listen_fds *fds)
{
	struct listen_fd *first = fds->v + fds->n;
	size_t n = 0;

	for (int fd; (fd = systemd_fd(protocol->name, n)) != -1; n++)
		first[n] = (struct listen_fd){ fd, protocol };
	if (n > 0)
		tell_of_others(e, protocol->name, first, n);
	fds->n += n;
	return n;
}

static int
open_each(const struct listen_spec *spec, const struct mail_protocol *protocol,
    const struct endpoints *e, struct listen_fds *fds)
{
	if (take_passed(protocol, e, fds) > 0)
		return 0;
	for (size_t i = 0; i < e->n; i++) {
		int fd = endpoint_listen(&e->v[i], spec->mode, spec->group);

		if (fd == -1)
			return -1;
		fds->v[fds->n++] = (struct listen_fd){ fd, protocol };
	}
	return 0;
}

/* ---- all of them ---- */

int
listen_open(const struct listen_spec *spec, struct listen_fds *fds)
{
	fds->n = 0;
	fds->v = calloc(spec->milter->n + spec->policy->n + SYSTEMD_FDS_MAX,
	    sizeof(*fds->v));
	if (fds->v == NULL) {
		log_warn("listening sockets");
		return -1;
	}
	if (open_each(spec, &milter_protocol, spec->milter, fds) != 0 ||
	    open_each(spec, &policy_protocol, spec->policy, fds) != 0) {
		listen_close(fds);
		return -1;
	}
	return 0;
}

void
listen_close(struct listen_fds *fds)
{
	for (size_t i = 0; i < fds->n; i++)
		if (fds->v[i].fd != -1)
			close(fds->v[i].fd);
	free(fds->v);
	fds->v = NULL;
	fds->n = 0;
}

int
listen_serve(struct listen_fds *fds, struct mail_server *server)
{
	for (size_t i = 0; i < fds->n; i++) {
		struct listen_fd l = fds->v[i];

		fds->v[i].fd = -1;
		if (mail_server_listen(server, l.protocol, l.fd) != 0) {
			log_warn("listening sockets");
			return -1;
		}
	}
	listen_close(fds);
	return 0;
}

static bool
are_same(const struct endpoints *x, const struct endpoints *y)
{
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->v[i].text, y->v[i].text) != 0)
			return false;
	return true;
}

static bool
is_same(const struct listen_spec *a, const struct listen_spec *b)
{
	return a->mode == b->mode && strcmp(a->group, b->group) == 0 &&
	    are_same(a->milter, b->milter) && are_same(a->policy, b->policy);
}

static int
open_and_serve(struct mail_server *server, const struct listen_spec *spec)
{
	struct listen_fds fds;
	int result;

	if (listen_open(spec, &fds) != 0)
		return -1;
	result = listen_serve(&fds, server);
	listen_close(&fds);
	return result;
}

int
listen_again(struct mail_server *server, const struct listen_spec *old,
    const struct listen_spec *next)
{
	if (is_same(old, next))
		return 0;
	mail_server_unlisten(server);
	if (open_and_serve(server, next) == 0)
		return 0;
	mail_server_unlisten(server);
	open_and_serve(server, old);
	return -1;
}
