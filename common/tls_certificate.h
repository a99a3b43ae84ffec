/* What stands in certificates: names, and until when they hold. */
#ifndef DNSMAIL_TLS_CERTIFICATE_H
#define DNSMAIL_TLS_CERTIFICATE_H

#include <openssl/ssl.h>
#include <time.h>

/* A certificate's DNS names, or where it has no SAN its CN, without NULs; blank
   separated, malloc'd. NULL: it is NULL, or no memory. */
char *tls_cert_names(X509 *);
char *tls_names(SSL *); /* of the peer's */

/* The last second of a certificate, and of the first of several that ends. */
time_t tls_not_after(const X509 *);
time_t tls_chain_until(STACK_OF(X509) *);
/* ... of all that vouch for the peer, its own and its authority's among them.
   After the handshake. */
time_t tls_until(SSL *);

#endif
