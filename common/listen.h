/*
 * The MTA's listening sockets of a daemon: a milter server and what feeds it,
 * opened before the jail, served after it, and made again by a reload.
 */
#ifndef DNSMAIL_LISTEN_H
#define DNSMAIL_LISTEN_H

#include "daemon.h"
#include "milter_server.h"

struct listen_spec {
	const struct endpoints *endpoints;
	mode_t mode;
	const char *group; /* "" or NULL: leave */
};

struct listen_fds {
	int *v;
	size_t n;
};

/* All of them or none (-1, logged). The caller owns the descriptors. */
int listen_open(
    struct daemon *, const struct listen_spec *, struct listen_fds *);

/* Closes those that nobody took (-1: taken). */
void listen_close(struct listen_fds *);

/* Hands the descriptors to the server. 0, or -1 (logged). */
int listen_serve(struct listen_fds *, struct milter_server *);

/*
 * From the sockets of `old` to those of `next` if they differ. -1 (logged):
 * those of `next` cannot be had, and the ones before are open again.
 */
int listen_again(struct daemon *, struct milter_server *,
    const struct listen_spec *old, const struct listen_spec *next);

#endif
