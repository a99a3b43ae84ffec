/*
 * Opens and compares the sockets that the configuration names.
 */
#include "verifyd/listen_in.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"

int
listen_open(
    struct daemon *d, const struct verifyd_config *c, struct listen_fds *fds)
{
	fds->n = 0;
	fds->v = calloc(c->milter.n + 1, sizeof(*fds->v));
	if (fds->v == NULL) {
		log_warn("listening sockets");
		return -1;
	}
	for (; fds->n < c->milter.n; fds->n++) {
		fds->v[fds->n] = daemon_listen(d, "milter",
		    &c->milter.v[fds->n], c->socket_mode, c->socket_group);
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

bool
listen_same(const struct verifyd_config *a, const struct verifyd_config *b)
{
	if (a->milter.n != b->milter.n || a->socket_mode != b->socket_mode ||
	    strcmp(a->socket_group, b->socket_group) != 0)
		return false;
	for (size_t i = 0; i < a->milter.n; i++)
		if (strcmp(a->milter.v[i].text, b->milter.v[i].text) != 0)
			return false;
	return true;
}
