/* verifyd's listening sockets. */
#ifndef DNSMAIL_VERIFYD_LISTEN_IN_H
#define DNSMAIL_VERIFYD_LISTEN_IN_H

#include "common/daemon.h"
#include "verifyd/config.h"

struct listen_fds {
	int *v;
	size_t n;
};

/* All of them or none (-1, logged). The caller owns the descriptors. */
int listen_open(
    struct daemon *, const struct verifyd_config *, struct listen_fds *);
/* Closes those that nobody took (-1: taken). */
void listen_close(struct listen_fds *);

/* Do both name the same sockets with the same rights? */
bool listen_same(const struct verifyd_config *, const struct verifyd_config *);

#endif
