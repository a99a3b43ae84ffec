/*
 * The sections that belong to no daemon, and the list of all. The first is
 * the file itself.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "publishd/config.h"
#include "reaperd/config.h"
#include "signerd/config.h"
#include "verifyd/config.h"

enum {
	HOST_NAME_BYTES = 256,
	/* A socket's path has 107 octets, and "/publishd/publish.ipc" is
	   behind this. */
	RUN_DIR_BYTES = 80,
};

/* ---- the file itself ---- */

static const char *const log_words[] = {
	[LOG_TO_STDERR] = "stderr",
	[LOG_TO_SYSLOG] = "syslog",
	NULL,
};
static const char *const log_addresses_words[] = {
	[LOG_ADDRESSES_YES] = "yes",
	[LOG_ADDRESSES_HASH] = "hash",
	[LOG_ADDRESSES_NO] = "no",
	NULL,
};

#define OPTION(field) offsetof(struct config_global, field)
static const struct config_option global_options[] = {
	{ "authserv-id", CONFIG_DOMAIN, OPTION(authserv_id), "", 0, 0, NULL },
	{ "run-dir", CONFIG_STRING, OPTION(run_dir), "/run/dnsmail", 1,
	    RUN_DIR_BYTES, NULL },
	{ "group", CONFIG_STRING, OPTION(group), "dnsmail", 0, 0, NULL },
	{ "log", CONFIG_WORD, OPTION(log), "stderr", 0, 0, log_words },
	{ "log-addresses", CONFIG_WORD, OPTION(log_addresses), "yes", 0, 0,
	    log_addresses_words },
};
#undef OPTION

static const char *
global_check(void *section, const struct config *config)
{
	struct config_global *g = section;
	char host[HOST_NAME_BYTES];

	(void)config;
	if (g->run_dir[0] != '/')
		return "run-dir: is not an absolute path";
	if (g->authserv_id[0] != '\0')
		return NULL;
	if (gethostname(host, sizeof(host)) == -1)
		return "authserv-id: is not given, and the host has no name";
	free(g->authserv_id);
	g->authserv_id = strndup(host, sizeof(host) - 1);
	return g->authserv_id != NULL ? NULL : "authserv-id: out of memory";
}

static const struct config_section global_section = {
	.name = "",
	.options = global_options,
	.n_options = sizeof(global_options) / sizeof(global_options[0]),
	.size = sizeof(struct config_global),
	.check = global_check,
};

/* ---- domain ---- */

#define OPTION(field) offsetof(struct config_domain, field)
static const struct config_option domain_options[] = {
	{ "primary", CONFIG_SERVERS, OPTION(primaries), NULL, 0, 0, NULL },
	{ "servers", CONFIG_SERVERS, OPTION(servers), "", 0, 0, NULL },
	{ "zone", CONFIG_DOMAIN, OPTION(zone), "", 0, 0, NULL },
	{ "ttl", CONFIG_INT, OPTION(ttl), "60", 0, 3600, NULL },
	{ "lifetime", CONFIG_DURATION, OPTION(lifetime), "7d", 1000,
	    366LL * 24 * 60 * 60 * 1000, NULL },
};
#undef OPTION

/* Is `name` the zone or below it? Both are A-labels. */
static bool
is_in_zone(const char *name, const char *zone)
{
	size_t name_len = strlen(name), zone_len = strlen(zone);

	if (name_len < zone_len)
		return false;
	name += name_len - zone_len;
	return strcmp(name, zone) == 0 &&
	    (name_len == zone_len || name[-1] == '.');
}

/* NULL, or what is wrong with them. */
static const char *
primaries_check(const struct net_addresses *primaries)
{
	if (primaries->n == 0)
		return "primary: is empty";
	if (primaries->n > CONFIG_PRIMARIES_MAX)
		return "primary: has more than 8 servers";
	for (size_t i = 1; i < primaries->n; i++)
		for (size_t k = 0; k < i; k++)
			if (net_address_equal(
				&primaries->v[i], &primaries->v[k]))
				return "primary: has a server twice";
	return NULL;
}

/* All primaries: whoever asks one of them must see the record. */
static const char *
servers_default(struct config_domain *d)
{
	free(d->servers.v);
	d->servers.v = calloc(d->primaries.n, sizeof(*d->servers.v));
	if (d->servers.v == NULL)
		return "servers: out of memory";
	memcpy(d->servers.v, d->primaries.v,
	    d->primaries.n * sizeof(*d->servers.v));
	d->servers.n = d->primaries.n;
	return NULL;
}

static const char *
domain_check(void *section, const struct config *config)
{
	struct config_domain *d = section;
	const char *wrong;

	(void)config;
	if (d->zone[0] == '\0') {
		free(d->zone);
		d->zone = strdup(d->name);
		if (d->zone == NULL)
			return "zone: out of memory";
	}
	if (!is_in_zone(d->name, d->zone))
		return "zone: is neither the domain nor above it";
	if ((wrong = primaries_check(&d->primaries)) != NULL)
		return wrong;
	return d->servers.n > 0 ? NULL : servers_default(d);
}

static const struct config_section domain_section = {
	.name = "domain",
	.options = domain_options,
	.n_options = sizeof(domain_options) / sizeof(domain_options[0]),
	.size = sizeof(struct config_domain),
	.titled = true,
	.title_offset = offsetof(struct config_domain, name),
	.check = domain_check,
};

const struct config_section *const config_sections[] = {
	&global_section,
	&domain_section,
	&signerd_section,
	&publishd_section,
	&verifyd_section,
	&reaperd_section,
	NULL,
};
