/*
 * tls+tcp://HOST:PORT; HOST is a name (A-labels, no dot at its end: it is
 * compared with a certificate), an IPv4 address, or [IPv6]. Pure.
 */
#ifndef DNSMAIL_TLS_URL_H
#define DNSMAIL_TLS_URL_H

#include <stdbool.h>

#include "config.h"

struct tls_url {
	char host[256]; /* without brackets; "*" only to listen */
	char port[6];
};

bool tls_url_is(const char *url);
/* 0, or -1: *why_r. */
int tls_url_parse(struct tls_url *, const char *url, const char **why_r);

/* Is one of them such an url? */
bool tls_urls_any(const struct strings *urls);
/*
 * For the check of a section: "OPTION: what is wrong" in a static buffer, or
 * NULL; the rest may be ipc:// only.
 */
const char *tls_urls_check(const char *option, const struct strings *urls);

#endif
