/* Certificates for the units of TLS, as odd as one wants them. */
#ifndef DNSMAIL_TESTS_TLS_CERTS_H
#define DNSMAIL_TESTS_TLS_CERTS_H

#include <openssl/x509.h>
#include <stddef.h>

#include "common/tls_context.h"

struct tls_cert {
	const char *cn;  /* NULL: none */
	const char *san; /* as OpenSSL writes it: "DNS:a,IP:::1"; or NULL */
	const void *der; /* octets of a SAN as they are, or NULL */
	size_t n_der;
	const char *usage; /* extended: "serverAuth"; NULL: for anything */
	long begins, ends; /* seconds from now */
	int ca;
};

/* One key for all, which a caller must not free. */
EVP_PKEY *tls_certs_key(void);
void tls_certs_end(void);
/* Signed by issuer, or by itself (NULL). X509_free() it. */
X509 *tls_cert_make(const struct tls_cert *, X509 *issuer);
/* Files with that certificate, our key and that authority, read, and gone
 * again. */
struct tls_context *tls_certs_context(
    const struct tls_cert *, X509 *issuer, X509 *ca);

#endif
