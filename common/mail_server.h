/*
 * An MTA's connections on libev, of any protocol: listening sockets, octets
 * in and out, time limits, signs of life while a daemon thinks.
 */
#ifndef DNSMAIL_MAIL_SERVER_H
#define DNSMAIL_MAIL_SERVER_H

#include <ev.h>
#include <stddef.h>

#include "mail_protocol.h"

struct mail_server;

struct mail_server_limits {
	unsigned max_connections; /* over it: accepted and closed, so
				     the MTA tempfails */
	double idle;              /* seconds without an octet */
	double progress;          /* seconds between signs of life */
};

/* `handler` must outlive the server; its fields may change (reload). */
struct mail_server *mail_server_new(struct ev_loop *,
    const struct mail_handler *, const struct mail_server_limits *);
/* Takes the descriptor. */
int mail_server_listen(
    struct mail_server *, const struct mail_protocol *, int fd);
/* Replace all listening sockets: close those not named again. */
void mail_server_unlisten(struct mail_server *);

/*
 * Stops accepting; connections are closed once they have no message under
 * way; `drained` is called when none is left (maybe at once).
 */
void mail_server_stop(struct mail_server *, void (*drained)(void *), void *arg);
size_t mail_server_connections(const struct mail_server *);
void mail_server_free(struct mail_server *);

#endif
