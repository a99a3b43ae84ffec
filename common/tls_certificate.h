/* What the certificates say that a peer has shown, and until when they hold. */
#ifndef DNSMAIL_TLS_CERTIFICATE_H
#define DNSMAIL_TLS_CERTIFICATE_H

#include <openssl/ssl.h>
#include <time.h>

/* The names of the peer's certificate, its DNS names, or where it has no SAN
   its CN, without NULs; blank separated, malloc'd. NULL: none or no memory. */
char *tls_names(SSL *);

/* The last second of a certificate. */
time_t tls_not_after(const X509 *);
/* The last second in which all hold that vouch for the peer, its own and its
   authority's among them. After the handshake. */
time_t tls_until(SSL *);

#endif
