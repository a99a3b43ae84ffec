/*
 * Opens, compares and exchanges the sockets that the configuration names.
 */
#include "listen.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "milter_session.h"
#include "policy_session.h"

/* Those of one protocol, into a list that has room. */
static int
open_each(struct daemon *d, const struct listen_spec *spec,
    const struct mail_protocol *protocol, const struct endpoints *e,
    struct listen_fds *fds)
{
	for (size_t i = 0; i < e->n; i++) {
		int fd = daemon_listen(
		    d, protocol->name, &e->v[i], spec->mode, spec->group);

		if (fd == -1)
			return -1;
		fds->v[fds->n++] = (struct listen_fd){ fd, protocol };
	}
	return 0;
}

int
listen_open(
    struct daemon *d, const struct listen_spec *spec, struct listen_fds *fds)
{
	fds->n = 0;
	fds->v = calloc(spec->milter->n + spec->policy->n + 1, sizeof(*fds->v));
	if (fds->v == NULL) {
		log_warn("listening sockets");
		return -1;
	}
	if (open_each(d, spec, &milter_protocol, spec->milter, fds) != 0 ||
	    open_each(d, spec, &policy_protocol, spec->policy, fds) != 0) {
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
open_and_serve(struct daemon *d, struct mail_server *server,
    const struct listen_spec *spec)
{
	struct listen_fds fds;
	int result;

	if (listen_open(d, spec, &fds) != 0)
		return -1;
	result = listen_serve(&fds, server);
	listen_close(&fds);
	return result;
}

int
listen_again(struct daemon *d, struct mail_server *server,
    const struct listen_spec *old, const struct listen_spec *next)
{
	if (is_same(old, next))
		return 0;
	mail_server_unlisten(server);
	if (open_and_serve(d, server, next) == 0)
		return 0;
	mail_server_unlisten(server);
	open_and_serve(d, server, old);
	return -1;
}
