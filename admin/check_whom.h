/* The name servers of a domain, as the configuration has them. Pure. */
#ifndef DNSMAIL_CHECK_WHOM_H
#define DNSMAIL_CHECK_WHOM_H

#include <stdbool.h>
#include <stddef.h>

#include "common/config.h"

bool check_is_primary(const struct config_domain *, const struct net_address *);
bool check_is_listed(const struct config_domain *, const struct net_address *);

/* The primaries, then the listed ones, each once. malloc'd; NULL: no memory. */
struct net_address *check_servers_of(const struct config_domain *, size_t *n_r);

#endif
