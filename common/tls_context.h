/*
 * Our certificate and key, and the authority that must have signed a peer's.
 * OpenSSL, TLS 1.2 and 1.3; who has no certificate of that authority that is
 * valid now gets no further, in either direction.
 */
#ifndef DNSMAIL_TLS_CONTEXT_H
#define DNSMAIL_TLS_CONTEXT_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "tls_files.h"

/*
 * NULL: `why` says which file and what; errno EACCES: it may not be read. A
 * key that group or others may read is refused. Counted: connections go on with
 * what they began with.
 */
struct tls_context *tls_context_new(
    const struct tls_files *, char *why, size_t size);
struct tls_context *tls_context_ref(struct tls_context *);
void tls_context_unref(struct tls_context *); /* NULL is fine */

/*
 * For one connection: a server's (host NULL), or a client's to a server whose
 * certificate must be for that host, a name or an address among its alternative
 * names (RFC 9525; the common name does not count). NULL: no memory.
 */
SSL *tls_context_open(struct tls_context *, const char *host);

/*
 * After SSL_ERROR_*: what went wrong, in words, also of the peer's certificate.
 * In buf; returns buf.
 */
const char *tls_why(SSL *, int result, char *buf, size_t size);

/* Would the other side's certificate be taken now, by these files? After the
   handshake. */
bool tls_context_vouches(struct tls_context *, SSL *);

/* Our own certificate, as who has our tls-ca sees it. */
struct tls_own {
	time_t until; /* the last second of all that vouch for it, or, where
			 nobody does, of what was found */
	bool timely;  /* none of these has expired or not begun */
};
/* NULL: it is believed of who answers, or asks; or why it is not. */
const char *tls_context_judge(
    const struct tls_context *, bool as_server, struct tls_own *);
/* The same `until`; NULL: 0. */
time_t tls_context_until(const struct tls_context *, bool as_server);
char *tls_context_names(const struct tls_context *); /* tls_cert_names() */

#endif
