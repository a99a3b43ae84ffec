/* Owns the form of the urls. Must not know sockets. */
#include "tls_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME "tls+tcp://"
#define LOCAL "ipc://"

bool
tls_url_is(const char *url)
{
	return strncmp(url, SCHEME, strlen(SCHEME)) == 0;
}

static int
wrong(const char *why, const char **why_r)
{
	*why_r = why;
	return -1;
}

/* 1..65535, digits only. */
static bool
is_port(const char *s)
{
	size_t n = strspn(s, "0123456789");
	long v = n > 0 && n < 6 ? strtol(s, NULL, 10) : 0;

	return s[n] == '\0' && v > 0 && v <= 65535;
}

int
tls_url_parse(struct tls_url *u, const char *url, const char **why_r)
{
	const char *host = url + strlen(SCHEME), *end, *port;

	if (!tls_url_is(url))
		return wrong("it is no tls+tcp://HOST:PORT", why_r);
	if (*host == '[') {
		end = strchr(++host, ']');
		port = end != NULL && end[1] == ':' ? end + 2 : NULL;
	} else {
		end = strrchr(host, ':');
		port = end != NULL ? end + 1 : NULL;
	}
	if (port == NULL || !is_port(port))
		return wrong("it has no port, tls+tcp://HOST:PORT", why_r);
	if (end == host || (size_t)(end - host) >= sizeof(u->host) ||
	    strcspn(host, "/?#@ \t") < (size_t)(end - host))
		return wrong("its host is none", why_r);
	snprintf(u->host, sizeof(u->host), "%.*s", (int)(end - host), host);
	snprintf(u->port, sizeof(u->port), "%s", port);
	return 0;
}

bool
tls_urls_any(const struct strings *urls)
{
	for (size_t i = 0; i < urls->n; i++)
		if (tls_url_is(urls->v[i]))
			return true;
	return false;
}

const char *
tls_urls_check(const char *option, const struct strings *urls)
{
	static char text[400];
	const char *why;
	struct tls_url u;

	for (size_t i = 0; i < urls->n; i++) {
		const char *url = urls->v[i];

		if (strncmp(url, LOCAL, strlen(LOCAL)) == 0)
			why = url[strlen(LOCAL)] == '/' ? NULL : "no path";
		else if (tls_url_parse(&u, url, &why) == 0)
			why = NULL;
		if (why == NULL)
			continue;
		snprintf(text, sizeof(text), "%s: \"%.200s\": %s", option, url,
		    why);
		return text;
	}
	return NULL;
}
