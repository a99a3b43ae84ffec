/* Owns the form of the urls. Must not know sockets. */
#include "tls_url.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEME "tls+tcp://"
#define LOCAL  "ipc://"

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

/* Letters, digits, "-", "_": labels, none of them empty. IPv4 is such a one. */
static bool
is_name(const char *s)
{
	static const char label[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t n;

	while ((n = strspn(s, label)) > 0 && s[n] == '.')
		s += n + 1;
	return n > 0 && s[n] == '\0';
}

static bool
is_host(const char *s, bool brackets)
{
	unsigned char address[16];

	return brackets ? inet_pton(AF_INET6, s, address) == 1
			: strcmp(s, "*") == 0 || is_name(s);
}

int
tls_url_parse(struct tls_url *u, const char *url, const char **why_r)
{
	const char *host = url + strlen(SCHEME), *end, *port;
	bool brackets;
	size_t n;

	if (!tls_url_is(url))
		return wrong("it is no tls+tcp://HOST:PORT", why_r);
	brackets = *host == '[';
	end = brackets ? strchr(++host, ']') : strrchr(host, ':');
	port = end == NULL ? "" : end + brackets;
	if (*port != ':' || !is_port(port + 1))
		return wrong("it has no port, tls+tcp://HOST:PORT", why_r);
	n = (size_t)(end - host);
	snprintf(u->host, sizeof(u->host), "%.*s", (int)n, host);
	if (n >= sizeof(u->host) || !is_host(u->host, brackets))
		return wrong(
		    "its host is no name, address or [IPv6 address]", why_r);
	snprintf(u->port, sizeof(u->port), "%s", port + 1);
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
		snprintf(
		    text, sizeof(text), "%s: \"%.200s\": %s", option, url, why);
		return text;
	}
	return NULL;
}
