/* The table of signerd's options, and what must fit together. */
#include "signerd/config.h"

#include <stddef.h>

#include "common/tls_url.h"

static const char *const login_match_words[] = {
	[LOGIN_MATCH_NONE] = "none",
	[LOGIN_MATCH_DOMAIN] = "domain",
	[LOGIN_MATCH_ADDRESS] = "address",
	NULL,
};
static const char *const on_error_words[] = {
	[ON_ERROR_TEMPFAIL] = "tempfail",
	[ON_ERROR_UNSIGNED] = "unsigned",
	NULL,
};
static const char *const private_words[] = {
	[PRIVATE_BLIND] = "blind",
	[PRIVATE_ALL] = "all",
	[PRIVATE_NONE] = "none",
	NULL,
};

#define OPTION(field) offsetof(struct signerd_config, field)
static const struct config_option options[] = {
	{ "user", CONFIG_STRING, OPTION(user), "dnsmail-sign", 1, 0, NULL },
	{ "milter", CONFIG_ENDPOINTS, OPTION(milter),
	    "unix:/run/dnsmail/signerd/milter.sock", 0, 0, NULL },
	{ "policy", CONFIG_ENDPOINTS, OPTION(policy), "", 0, 0, NULL },
	{ "socket-mode", CONFIG_MODE, OPTION(socket_mode), "0660", 0, 0, NULL },
	{ "socket-group", CONFIG_STRING, OPTION(socket_group), "", 0, 0, NULL },
	{ "trusted", CONFIG_NETWORKS, OPTION(trusted), "127.0.0.0/8 ::1/128", 0,
	    0, NULL },
	{ "require-login", CONFIG_BOOL, OPTION(require_login), "false", 0, 0,
	    NULL },
	{ "login-match", CONFIG_WORD, OPTION(login_match), "none", 0, 0,
	    login_match_words },
	{ "forward", CONFIG_BOOL, OPTION(forward), "true", 0, 0, NULL },
	{ "forward-domain", CONFIG_DOMAIN, OPTION(forward_domain), "", 0, 0,
	    NULL },
	{ "publishers", CONFIG_STRINGS, OPTION(publishers),
	    "ipc:///run/dnsmail/publishd/publish.ipc", 0, 0, NULL },
	{ "tls-ca", CONFIG_STRING, OPTION(tls.ca), TLS_CA_FILE, 1, 0, NULL },
	{ "tls-cert", CONFIG_STRING, OPTION(tls.cert), TLS_CERT_FILE, 1, 0,
	    NULL },
	{ "tls-key", CONFIG_STRING, OPTION(tls.key), TLS_KEY_FILE, 1, 0, NULL },
	{ "on-error", CONFIG_WORD, OPTION(on_error), "tempfail", 0, 0,
	    on_error_words },
	{ "timeout", CONFIG_DURATION, OPTION(timeout), "10s", 100,
	    5 * 60 * 1000, NULL },
	{ "bind", CONFIG_BOOL, OPTION(bind), "true", 0, 0, NULL },
	{ "private", CONFIG_WORD, OPTION(private), "blind", 0, 0,
	    private_words },
	{ "max-recipients", CONFIG_INT, OPTION(max_recipients), "1000", 1,
	    100000, NULL },
	{ "max-connections", CONFIG_INT, OPTION(max_connections), "4096", 16,
	    1000000, NULL },
	{ "max-memory", CONFIG_INT, OPTION(max_memory), "256", 16, 1048576,
	    NULL },
	{ "workers", CONFIG_INT, OPTION(workers), "1", 1, 64, NULL },
};
#undef OPTION

static const char *
check(void *section, const struct config *config)
{
	const struct signerd_config *c = section;

	if (c->publishers.n == 0)
		return "publishers: is empty";
	if (c->forward_domain[0] != '\0' &&
	    config_domain(config, c->forward_domain) == NULL)
		return "forward-domain: is no domain of this file";
	return tls_urls_check("publishers", &c->publishers);
}

const struct config_section signerd_section = {
	.name = "signerd",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct signerd_config),
	.check = check,
};
