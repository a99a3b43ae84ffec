/* The table of reaperd's options, and what must fit together. */
#include "reaperd/config.h"

#include <stddef.h>

#include "common/tls_url.h"
#include "common/tls_user.h"

#define OPTION(field) offsetof(struct reaperd_config, field)
static const struct config_option options[] = {
	{ "user", CONFIG_STRING, OPTION(user), "dnsmail-reap", 1, 0, NULL },
	{ "key-file", CONFIG_STRING, OPTION(key_file), "", 0, 0, NULL },
	{ "publishers", CONFIG_STRINGS, OPTION(publishers),
	    "ipc:///run/dnsmail/publishd/publish.ipc", 0, 0, NULL },
	{ "tls-ca", CONFIG_STRING, OPTION(tls.ca), TLS_CA_FILE, 1, 0, NULL },
	{ "tls-cert", CONFIG_STRING, OPTION(tls.cert), TLS_CERT_FILE, 1, 0,
	    NULL },
	{ "tls-key", CONFIG_STRING, OPTION(tls.key), TLS_KEY_FILE, 1, 0, NULL },
	{ "poll", CONFIG_DURATION, OPTION(poll), "60s", 100,
	    24 * 60 * 60 * 1000, NULL },
	{ "rate", CONFIG_INT, OPTION(rate), "2000", 1, 1000000, NULL },
	{ "admins", CONFIG_STRINGS, OPTION(admins), "%dnsmail-admin", 0, 0,
	    NULL },
};
#undef OPTION

static const char *
check(void *section, const struct config *config)
{
	const struct reaperd_config *c = section;
	const char *wrong;

	(void)config;
	if (c->publishers.n == 0)
		return "publishers: is empty";
	wrong = tls_urls_check("publishers", &c->publishers);
	return wrong != NULL ? wrong
			     : tls_users_check("admins", &c->admins, false);
}

const struct config_section reaperd_section = {
	.name = "reaperd",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct reaperd_config),
	.check = check,
};
