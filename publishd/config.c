/* The table of publishd's options, and what must fit together. */
#include "publishd/config.h"

#include <stddef.h>

#include "common/tls_url.h"
#include "common/tls_user.h"

#define OPTION(field) offsetof(struct publishd_config, field)
static const struct config_option options[] = {
	{ "user", CONFIG_STRING, OPTION(user), "dnsmail-publish", 1, 0, NULL },
	{ "listen", CONFIG_STRINGS, OPTION(listen),
	    "ipc:///run/dnsmail/publishd/publish.ipc", 0, 0, NULL },
	{ "tls-ca", CONFIG_STRING, OPTION(tls.ca), TLS_CA_FILE, 1, 0, NULL },
	{ "tls-cert", CONFIG_STRING, OPTION(tls.cert), TLS_CERT_FILE, 1, 0,
	    NULL },
	{ "tls-key", CONFIG_STRING, OPTION(tls.key), TLS_KEY_FILE, 1, 0, NULL },
	{ "key-file", CONFIG_STRING, OPTION(key_file), PUBLISHD_KEY_FILE, 1, 0,
	    NULL },
	{ "max-batch", CONFIG_INT, OPTION(max_batch), "500", 1, 2000, NULL },
	{ "max-pending", CONFIG_INT, OPTION(max_pending), "20000", 1, 1000000,
	    NULL },
	{ "max-connections", CONFIG_INT, OPTION(max_connections), "256", 2,
	    10000, NULL },
	{ "timeout", CONFIG_DURATION, OPTION(timeout), "8s", 100, 5 * 60 * 1000,
	    NULL },
	{ "signers", CONFIG_STRINGS, OPTION(signers), "dnsmail-sign", 0, 0,
	    NULL },
	{ "removers", CONFIG_STRINGS, OPTION(removers), "dnsmail-reap", 0, 0,
	    NULL },
	{ "admins", CONFIG_STRINGS, OPTION(admins), "%dnsmail-admin", 0, 0,
	    NULL },
};
#undef OPTION

static const char *
check(void *section, const struct config *config)
{
	const struct publishd_config *c = section;
	const char *wrong;

	(void)config;
	if (c->listen.n == 0)
		return "listen: is empty";
	wrong = tls_urls_check("listen", &c->listen);
	if (wrong == NULL)
		wrong = tls_users_check("signers", &c->signers, true);
	if (wrong == NULL)
		wrong = tls_users_check("removers", &c->removers, true);
	return wrong != NULL ? wrong
			     : tls_users_check("admins", &c->admins, false);
}

const struct config_section publishd_section = {
	.name = "publishd",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct publishd_config),
	.check = check,
};
