/*
 * What verifyd learns of the host it runs on, once, at its start: the name
 * servers of /etc/resolv.conf and the addresses of its interfaces.
 */
#ifndef DNSMAIL_VERIFYD_SURROUNDINGS_IN_H
#define DNSMAIL_VERIFYD_SURROUNDINGS_IN_H

#include <stdbool.h>

#include "common/net_address.h"

struct surroundings {
	struct net_addresses resolvers; /* never empty: 127.0.0.1 */
	struct net_addresses own;       /* the port in them means nothing */
	bool have_ipv6;                 /* an address beyond link and host */
};

int surroundings_read(struct surroundings *); /* -1: logged */
void surroundings_free(struct surroundings *);

#endif
