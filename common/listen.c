/*
 * Opens, compares and exchanges the sockets that the configuration names.
 */
#include "listen.h"

#include <fcntl.h>
#include <stdint.h>
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
		first[n] = (struct listen_fd){ .fd = fd, .protocol = protocol };
	if (n > 0)
		tell_of_others(e, protocol->name, first, n);
	fds->n += n;
	return n;
}

/* What listens already: a server's, or those in a list; both NULL: none. */
struct listening {
	const struct mail_server *server;
	const struct listen_fds *fds;
};

/* Another descriptor of one that listens there already, or -1. */
static int
open_kept(const struct listening *have, const struct endpoint *e)
{
	int fd = have->server != NULL
	    ? mail_server_at(have->server, &e->sa, e->sa_len)
	    : -1;

	for (size_t i = 0; have->fds != NULL && i < have->fds->n; i++)
		if (is_at(have->fds->v[i].fd, e))
			fd = have->fds->v[i].fd;
	return fd != -1 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
}

static int
open_each(const struct listen_spec *spec, const struct mail_protocol *protocol,
    const struct endpoints *e, const struct listening *have,
    struct listen_fds *fds)
{
	if (take_passed(protocol, e, fds) > 0)
		return 0;
	for (size_t i = 0; i < e->n; i++) {
		int fd = open_kept(have, &e->v[i]);
		bool kept = fd != -1;

		if (!kept)
			fd = endpoint_listen(&e->v[i], spec->mode, spec->group);
		if (fd == -1)
			return -1;
		fds->v[fds->n++] =
		    (struct listen_fd){ fd, &e->v[i], kept, protocol };
	}
	return 0;
}

/* ---- all of them ---- */

/* Those that were opened in vain, and their files. */
static void
discard(struct listen_fds *fds)
{
	for (size_t i = 0; i < fds->n; i++)
		if (fds->v[i].at != NULL && !fds->v[i].kept)
			endpoint_remove(fds->v[i].at);
	listen_close(fds);
}

static int
open_all(const struct listen_spec *spec, const struct listening *have,
    struct listen_fds *fds)
{
	fds->n = 0;
	fds->v = calloc(spec->milter->n + spec->policy->n + SYSTEMD_FDS_MAX,
	    sizeof(*fds->v));
	if (fds->v == NULL) {
		log_warn("listening sockets");
		return -1;
	}
	if (open_each(spec, &milter_protocol, spec->milter, have, fds) != 0 ||
	    open_each(spec, &policy_protocol, spec->policy, have, fds) != 0) {
		discard(fds);
		return -1;
	}
	return 0;
}

int
listen_open(const struct listen_spec *spec, struct listen_fds *fds)
{
	const struct listening none = { NULL, NULL };

	return open_all(spec, &none, fds);
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

/* The server closes what it could not take. */
static int
serve(struct mail_server *server, struct listen_fd *l)
{
	int fd = l->fd;

	l->fd = -1;
	if (mail_server_listen(server, l->protocol, fd) == 0)
		return 0;
	log_warn("listening sockets");
	return -1;
}

int
listen_serve(struct listen_fds *fds, struct mail_server *server)
{
	for (size_t i = 0; i < fds->n; i++)
		if (serve(server, &fds->v[i]) != 0)
			return -1;
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
is_owned_alike(const struct listen_spec *a, const struct listen_spec *b)
{
	return a->mode == b->mode && strcmp(a->group, b->group) == 0;
}

static bool
is_same(const struct listen_spec *a, const struct listen_spec *b)
{
	return is_owned_alike(a, b) && are_same(a->milter, b->milter) &&
	    are_same(a->policy, b->policy);
}

/* The files of sockets that go on listening. */
static int
own_kept(const struct listen_fds *fds, const struct listen_spec *spec)
{
	int result = 0;

	for (size_t i = 0; i < fds->n; i++) {
		const struct endpoint *e = fds->v[i].at;

		if (fds->v[i].kept && e->sa.ss_family == AF_UNIX &&
		    endpoint_own(e, spec->mode, spec->group) != 0)
			result = -1;
	}
	return result;
}

/* ---- the files of those that are no more ---- */

static void
leave(const struct endpoint *e, const struct listen_fds *next)
{
	for (size_t i = 0; i < next->n; i++) {
		const struct endpoint *at = next->v[i].at;

		if (at != NULL && at->sa_len == e->sa_len &&
		    memcmp(&at->sa, &e->sa, e->sa_len) == 0)
			return;
	}
	endpoint_remove(e);
}

/* Where systemd passed some, none of the configuration was opened. */
static void
leave_all(const struct endpoints *old, const struct mail_protocol *protocol,
    const struct listen_fds *next)
{
	for (size_t i = 0; i < next->n; i++)
		if (next->v[i].protocol == protocol && next->v[i].at == NULL)
			return;
	for (size_t i = 0; i < old->n; i++)
		leave(&old->v[i], next);
}

void
listen_leave(const struct listen_fds *now, const struct listen_fds *next)
{
	for (size_t i = 0; i < now->n; i++)
		if (now->v[i].at != NULL)
			leave(now->v[i].at, next);
}

/* ---- again ---- */

/* In this order, what fails first leaves all as it was. */
static int
exchange(struct mail_server *server, struct listen_fds *fds,
    const struct listen_spec *old, const struct listen_spec *next)
{
	size_t n = fds->n, served = 0;
	bool alike = is_owned_alike(old, next);

	if (!alike && own_kept(fds, next) != 0) {
		own_kept(fds, old);
		return -1;
	}
	for (; served < n; served++)
		if (serve(server, &fds->v[served]) != 0)
			break;
	if (served == n) {
		mail_server_unlisten(server, n, SIZE_MAX);
		return 0;
	}
	mail_server_unlisten(server, 0, served);
	if (!alike)
		own_kept(fds, old);
	return -1;
}

int
listen_again(struct mail_server *server, const struct listen_spec *old,
    const struct listen_spec *next)
{
	const struct listening have = { server, NULL };
	struct listen_fds fds;

	if (is_same(old, next))
		return 0;
	if (open_all(next, &have, &fds) != 0)
		return -1;
	if (exchange(server, &fds, old, next) != 0) {
		discard(&fds);
		return -1;
	}
	leave_all(old->milter, &milter_protocol, &fds);
	leave_all(old->policy, &policy_protocol, &fds);
	listen_close(&fds);
	return 0;
}

/* Back. */
static void
restore(struct listen_fds *fds, const struct listen_spec *old)
{
	own_kept(fds, old);
	discard(fds);
}

int
listen_renew(const struct listen_fds *now, const struct listen_spec *old,
    const struct listen_spec *next, struct listen_fds *fds)
{
	const struct listening have = { NULL, now };

	if (open_all(next, &have, fds) != 0)
		return -1;
	if (is_owned_alike(old, next) || own_kept(fds, next) == 0)
		return 0;
	restore(fds, old);
	return -1;
}

void
listen_settle(struct listen_fds *now, struct listen_fds *next,
    const struct listen_spec *spec, bool taken)
{
	if (!taken) {
		restore(next, spec);
		return;
	}
	listen_close(now);
	*now = *next;
	*next = (struct listen_fds){ 0 };
}
