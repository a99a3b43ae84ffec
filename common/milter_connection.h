/*
 * One milter connection on libev: octets in and out, its time limits. For
 * milter_server alone.
 */
#ifndef DNSMAIL_MILTER_CONNECTION_H
#define DNSMAIL_MILTER_CONNECTION_H

#include <ev.h>
#include <stdbool.h>

#include "milter_server.h"

struct milter_connection;

/* What the connections of one server share; the server owns it. */
struct milter_connections {
	struct ev_loop *loop;
	const struct milter_handler *handler;
	struct milter_server_limits limits;
	struct milter_connection *first;
	size_t n;
	bool stopping;
	void (*closed)(struct milter_connections *); /* after each end */
};

/* Takes the descriptor, which does not block; -1: out of memory, closed. */
int milter_connection_new(struct milter_connections *, int fd);

/*
 * `stopping` was set: ends those without a message under way. A message whose
 * MAIL has arrived is under way.
 */
void milter_connections_drain(struct milter_connections *);
/* Ends all, without `closed`. */
void milter_connections_free(struct milter_connections *);

#endif
