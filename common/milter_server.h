/*
 * Milter connections on libev: listening sockets, octets in and out, time
 * limits, PROGRESS while a daemon thinks. Knows nothing of mail.
 */
#ifndef DNSMAIL_MILTER_SERVER_H
#define DNSMAIL_MILTER_SERVER_H

#include <ev.h>
#include <stddef.h>

#include "milter_session.h"

struct milter_server;

struct milter_server_limits {
	unsigned max_connections; /* over it: accepted and closed, so
				     the MTA tempfails */
	double idle;              /* seconds without a packet */
	double progress;          /* seconds between PROGRESS */
};

/* `handler` must outlive the server; its fields may change (reload). */
struct milter_server *milter_server_new(struct ev_loop *,
    const struct milter_handler *, const struct milter_server_limits *);
/* Takes the descriptor. */
int milter_server_listen(struct milter_server *, int fd);
/* Replace all listening sockets: close those not named again. */
void milter_server_unlisten(struct milter_server *);

/*
 * Stops accepting; connections are closed once they have no message under
 * way; `drained` is called when none is left (maybe at once).
 */
void milter_server_stop(
    struct milter_server *, void (*drained)(void *), void *arg);
size_t milter_server_connections(const struct milter_server *);
void milter_server_free(struct milter_server *);

#endif
