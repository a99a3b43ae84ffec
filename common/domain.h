/*
 * A domain name in the one form that is compared and published: lower-case
 * A-labels without a final dot (protocol.md 2.3).
 */
#ifndef DNSMAIL_DOMAIN_H
#define DNSMAIL_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

enum { DOMAIN_MAX = 254 }; /* with NUL */

/*
 * n octets, a final dot allowed, into out[DOMAIN_MAX]; IDNA2008 (libidn2) for
 * non-ASCII only. Two labels are not required. Underscores are taken
 * (my_isp.net). false: no domain name; out is then not to be used.
 */
bool domain_normal(char *out, const char *domain, size_t n);

/* Lower case, or NUL for an octet that stands in no label of ours. */
char domain_octet(char ch);

#endif
