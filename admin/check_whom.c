#include "admin/check_whom.h"

#include <stdlib.h>

static bool
is_in(const struct net_addresses *a, const struct net_address *server)
{
	for (size_t i = 0; i < a->n; i++)
		if (net_address_equal(server, &a->v[i]))
			return true;
	return false;
}

bool
check_is_primary(
    const struct config_domain *d, const struct net_address *server)
{
	return is_in(&d->primaries, server);
}

bool
check_is_listed(const struct config_domain *d, const struct net_address *server)
{
	return is_in(&d->servers, server);
}

struct net_address *
check_servers_of(const struct config_domain *d, size_t *n_r)
{
	struct net_address *v =
	    calloc(d->primaries.n + d->servers.n, sizeof(*v));

	*n_r = 0;
	if (v == NULL)
		return NULL;
	for (size_t i = 0; i < d->primaries.n; i++)
		v[(*n_r)++] = d->primaries.v[i];
	for (size_t i = 0; i < d->servers.n; i++)
		if (!check_is_primary(d, &d->servers.v[i]))
			v[(*n_r)++] = d->servers.v[i];
	return v;
}
