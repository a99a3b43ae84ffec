/*
 * Owns reading what stands in a certificate. Must not know whom to believe, nor
 * who may do what.
 */
#include "tls_certificate.h"

#include <openssl/x509v3.h>
#include <stdio.h>

enum { NAMES_MAX = 64 };

/* ---- names ----------------------------------------------------------------
 */

/* One more name; what a name must not have makes it none. */
static void
add_name(FILE *out, const ASN1_STRING *s)
{
	const unsigned char *text = ASN1_STRING_get0_data(s);
	int n = ASN1_STRING_length(s);

	for (int i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return;
	if (n > 0 && n <= 255)
		fprintf(out, "%s%.*s", ftell(out) > 0 ? " " : "", n, text);
}

static void
add_names(FILE *out, X509 *cert)
{
	int critical; /* -1: it has none; else it may be spoilt */
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, &critical, NULL);
	X509_NAME *subject = X509_get_subject_name(cert);
	int cn = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && i < NAMES_MAX; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DNS)
			add_name(out, name->d.dNSName);
	}
	if (names == NULL && critical == -1 && cn != -1)
		add_name(out,
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, cn)));
	GENERAL_NAMES_free(names);
}

char *
tls_cert_names(X509 *cert)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	if (cert == NULL || (out = open_memstream(&text, &size)) == NULL)
		return NULL;
	add_names(out, cert);
	fclose(out);
	return text;
}

char *
tls_names(SSL *ssl)
{
	return tls_cert_names(SSL_get0_peer_certificate(ssl));
}

/* ---- time -----------------------------------------------------------------
 */

/* 0 for what is no time: it has been over for long. */
time_t
tls_not_after(const X509 *cert)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) != 1)
		return 0;
	return timegm(&tm);
}

time_t
tls_chain_until(STACK_OF(X509) * chain)
{
	time_t first = 0;

	for (int i = 0; i < sk_X509_num(chain); i++) {
		time_t at = tls_not_after(sk_X509_value(chain, i));

		if (i == 0 || at < first)
			first = at;
	}
	return first;
}

time_t
tls_until(SSL *ssl)
{
	return tls_chain_until(SSL_get0_verified_chain(ssl));
}
