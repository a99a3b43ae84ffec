/* Owns the form of tls:NAME. Must not know who may do what. */
#include "tls_user.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "domain.h"

#define TLS "tls:"

const char *
tls_user_name(const char *user)
{
	return strncmp(user, TLS, strlen(TLS)) == 0 ? user + strlen(TLS) : NULL;
}

bool
tls_users_any(const struct strings *users)
{
	for (size_t i = 0; i < users->n; i++)
		if (tls_user_name(users->v[i]) != NULL)
			return true;
	return false;
}

static bool
is_address(const char *name)
{
	unsigned char address[16];

	return inet_pton(AF_INET, name, address) == 1 ||
	    inet_pton(AF_INET6, name, address) == 1;
}

static bool
is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

/* NULL: it is well. domain: its normal form, if that is to be written. */
static const char *
wrong_with(const char *name, char domain[DOMAIN_MAX])
{
	size_t n = strlen(name);

	domain[0] = '\0';
	if (strchr(name, '*') != NULL)
		return "a wildcard names no machine; give each its name";
	if (is_address(name))
		return "an address is no name of a certificate";
	if (!domain_normal(domain, name, n)) {
		domain[0] = '\0';
		return "it is no DNS name";
	}
	if (!is_ascii(name) || name[n - 1] == '.')
		return "write it as certificates do: " TLS;
	domain[0] = '\0';
	return NULL;
}

const char *
tls_users_check(const char *option, const struct strings *users, bool allowed)
{
	static char text[800];
	char domain[DOMAIN_MAX] = "";

	for (size_t i = 0; i < users->n; i++) {
		const char *user = users->v[i], *name = tls_user_name(user);
		const char *why;

		if (name == NULL)
			continue;
		why = allowed ? wrong_with(name, domain)
			      : "who comes by TLS can be none of them";
		if (why == NULL)
			continue;
		snprintf(text, sizeof(text), "%s: \"%.300s\": %s%s", option,
		    user, why, domain);
		return text;
	}
	return NULL;
}
