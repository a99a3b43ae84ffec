/* The mail server of this host: as whom it connects, and where. */
#ifndef DNSMAIL_CHECK_MTA_H
#define DNSMAIL_CHECK_MTA_H

#include <stdbool.h>
#include <stddef.h>

/* A socket that a service of Postfix is to ask. */
struct mta_socket {
	char *service; /* "smtp/inet" */
	char *path;    /* as configured, without "unix:" */
	bool chroot;
};

struct mta {
	const char *name; /* "Postfix"; NULL: none was found */
	char *user;
	char *queue; /* Postfix's queue directory, or NULL */
	bool lines;  /* it knows no milters, and asks by the line protocol */
	struct mta_socket *sockets;
	size_t n;
};

/*
 * Looks for it as dnsmail-setup does, and asks postconf(1), each time for at
 * most `seconds`. Before nng is used: it forks.
 */
void mta_find(struct mta *, double seconds);
void mta_free(struct mta *);

/*
 * Pure: what "postconf -h smtpd_milters", "postconf -P" and "postconf -F" say
 * together, of services that run smtpd.
 */
void mta_postfix_read(struct mta *, const char *global, const char *overrides,
    const char *fields);

/*
 * Where a socket lies outside of any chroot; malloc'd. Postfix runs in its
 * queue directory.
 */
char *mta_socket_path(const struct mta *, const struct mta_socket *);

#endif
