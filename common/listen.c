/*
 * Opens, compares and exchanges the sockets that the configuration names.
 */
#include "listen.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

int
listen_open(
    struct daemon *d, const struct listen_spec *spec, struct listen_fds *fds)
{
	const struct endpoints *e = spec->endpoints;

	fds->n = 0;
	fds->v = calloc(e->n + 1, sizeof(*fds->v));
	if (fds->v == NULL) {
		log_warn("listening sockets");
		return -1;
	}
	for (; fds->n < e->n; fds->n++) {
		fds->v[fds->n] = daemon_listen(
		    d, "milter", &e->v[fds->n], spec->mode, spec->group);
		if (fds->v[fds->n] == -1) {
			listen_close(fds);
			return -1;
		}
	}
	return 0;
}

void
listen_close(struct listen_fds *fds)
{
	for (size_t i = 0; i < fds->n; i++)
		if (fds->v[i] != -1)
			close(fds->v[i]);
	free(fds->v);
	fds->v = NULL;
	fds->n = 0;
}

int
listen_serve(struct listen_fds *fds, struct milter_server *server)
{
	for (size_t i = 0; i < fds->n; i++) {
		int fd = fds->v[i];

		fds->v[i] = -1;
		if (milter_server_listen(server, fd) != 0) {
			log_warn("listening sockets");
			return -1;
		}
	}
	listen_close(fds);
	return 0;
}

static bool
is_same(const struct listen_spec *a, const struct listen_spec *b)
{
	const struct endpoints *x = a->endpoints, *y = b->endpoints;

	if (x->n != y->n || a->mode != b->mode ||
	    strcmp(a->group, b->group) != 0)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->v[i].text, y->v[i].text) != 0)
			return false;
	return true;
}

static int
open_and_serve(struct daemon *d, struct milter_server *server,
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
listen_again(struct daemon *d, struct milter_server *server,
    const struct listen_spec *old, const struct listen_spec *next)
{
	if (is_same(old, next))
		return 0;
	milter_server_unlisten(server);
	if (open_and_serve(d, server, next) == 0)
		return 0;
	milter_server_unlisten(server);
	open_and_serve(d, server, old);
	return -1;
}
