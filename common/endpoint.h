/*
 * A listening stream socket as mail administrators write it: unix:PATH,
 * inet:PORT@HOST, inet6:PORT@HOST (HOST is an address; PORT may be 0 in tests).
 */
#ifndef DNSMAIL_ENDPOINT_H
#define DNSMAIL_ENDPOINT_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

struct endpoint {
	char *text; /* as configured; owned by the config */
	struct sockaddr_storage sa;
	socklen_t sa_len;
};

struct endpoints {
	struct endpoint *v;
	size_t n;
};

/* sa and sa_len from text; -1 and a reason in words. */
int endpoint_parse(struct endpoint *, const char *text, const char **why_r);

/*
 * A non-blocking close-on-exec listening socket, or -1 (logged). For unix: a
 * stale socket file is replaced, a live one is an error, mode and group (NULL:
 * leave) are set before anyone can connect.
 */
int endpoint_listen(const struct endpoint *, mode_t mode, const char *group);

/* Removes the file that endpoint_listen() made, if it made one. */
void endpoint_remove(const struct endpoint *);

/* Gives a unix socket's file that mode and group (NULL, "": leave). -1: logged
 */
int endpoint_own(const struct endpoint *, mode_t mode, const char *group);

/* A non-blocking connection under way (for tests and tools), or -1. */
int endpoint_connect(const struct endpoint *);

#endif
