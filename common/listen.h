/*
 * The MTA's listening sockets of a daemon, of each protocol: opened before the
 * jail, served after it, and made again by a reload.
 */
#ifndef DNSMAIL_LISTEN_H
#define DNSMAIL_LISTEN_H

#include "config.h"
#include "mail_server.h"

struct listen_spec {
	const struct endpoints *milter, *policy;
	mode_t mode;
	const char *group; /* "" or NULL: leave */
};

struct listen_fd {
	int fd;                    /* -1: taken */
	const struct endpoint *at; /* what it was opened for; NULL: passed */
	bool kept;                 /* its file was there before */
	const struct mail_protocol *protocol;
};
struct listen_fds {
	struct listen_fd *v;
	size_t n;
};

/*
 * All of them or none (-1, logged). The caller owns the descriptors. Those that
 * systemd passed under a protocol's name stand for all that the configuration
 * has of it.
 */
int listen_open(const struct listen_spec *, struct listen_fds *);

/* Closes those that nobody took. */
void listen_close(struct listen_fds *);

/* Hands the descriptors to the server. 0, or -1 (logged). */
int listen_serve(struct listen_fds *, struct mail_server *);

/*
 * From the sockets of `old` to those of `next` if they differ: the new ones are
 * open before an old one is closed, and who is in both goes on listening; the
 * files of those that are closed are removed: as they were made before the
 * jail, nobody could tell later whether they are in use. -1 (logged): those of
 * `next` cannot all be had, and nothing has changed.
 */
int listen_again(struct mail_server *, const struct listen_spec *old,
    const struct listen_spec *next);

/*
 * In two steps: the sockets of `next` into `fds`, while those of `old`, `now`,
 * stay; one that both name is the same, with the mode and group of `next`. -1
 * (logged): nothing is changed.
 */
int listen_renew(const struct listen_fds *now, const struct listen_spec *old,
    const struct listen_spec *next, struct listen_fds *fds);
/*
 * And the second: `fds` takes the place of `now` if it is taken; else what
 * listen_renew() opened is closed, and `spec` is in force as before.
 */
void listen_settle(struct listen_fds *now, struct listen_fds *fds,
    const struct listen_spec *spec, bool taken);

/* Of the parent alone, before that: removes the files of those that are in
   `now` and not in `next`, which is taken. */
void listen_leave(const struct listen_fds *now, const struct listen_fds *next);

#endif
