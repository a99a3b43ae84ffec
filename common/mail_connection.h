/*
 * One connection of an MTA on libev: octets in and out, its time limits. For
 * mail_server alone.
 */
#ifndef DNSMAIL_MAIL_CONNECTION_H
#define DNSMAIL_MAIL_CONNECTION_H

#include <ev.h>
#include <stdbool.h>

#include "mail_protocol.h"
#include "mail_server.h"

struct mail_connection;

/* What the connections of one server share; the server owns it. */
struct mail_connections {
	struct ev_loop *loop;
	const struct mail_handler *handler;
	struct mail_server_limits limits;
	struct mail_connection *first;
	size_t n;
	bool stopping;
	void (*closed)(struct mail_connections *); /* after each end */
};

/* Takes the descriptor, which does not block; -1: out of memory, closed. */
int mail_connection_new(
    struct mail_connections *, const struct mail_protocol *, int fd);

/*
 * `stopping` was set: ends those without a message under way. A message whose
 * MAIL has arrived is under way.
 */
void mail_connections_drain(struct mail_connections *);
/* Ends all, without `closed`. */
void mail_connections_free(struct mail_connections *);

#endif
