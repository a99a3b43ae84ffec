#include "tests/unit/tls_certs.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static EVP_PKEY *key;

EVP_PKEY *
tls_certs_key(void)
{
	if (key == NULL)
		key = EVP_EC_gen("P-256");
	assert_non_null(key);
	return key;
}

void
tls_certs_end(void)
{
	EVP_PKEY_free(key);
	key = NULL;
}

static void
extend(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e;

	if (value == NULL)
		return;
	e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

static void
extend_raw(X509 *x, int nid, const void *der, size_t n)
{
	ASN1_OCTET_STRING *octets;
	X509_EXTENSION *e;

	if (der == NULL)
		return;
	octets = ASN1_OCTET_STRING_new();
	assert_int_equal(ASN1_OCTET_STRING_set(octets, der, (int)n), 1);
	e = X509_EXTENSION_create_by_NID(NULL, nid, 0, octets);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(octets);
}

static void
name_it(X509 *x, const struct tls_cert *c, X509 *issuer)
{
	X509_NAME *name = X509_get_subject_name(x);

	if (c->cn != NULL)
		assert_int_equal(
		    X509_NAME_add_entry_by_NID(name, NID_commonName,
			MBSTRING_UTF8, (const unsigned char *)c->cn, -1, -1, 0),
		    1);
	X509_set_issuer_name(
	    x, issuer != NULL ? X509_get_subject_name(issuer) : name);
}

X509 *
tls_cert_make(const struct tls_cert *c, X509 *issuer)
{
	static long serial = 1;
	X509 *x = X509_new();

	assert_non_null(x);
	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
	X509_gmtime_adj(X509_getm_notBefore(x), c->begins);
	X509_gmtime_adj(X509_getm_notAfter(x), c->ends);
	X509_set_pubkey(x, tls_certs_key());
	name_it(x, c, issuer);
	extend(x, NID_basic_constraints,
	    c->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	extend(x, NID_subject_alt_name, c->san);
	extend_raw(x, NID_subject_alt_name, c->der, c->n_der);
	extend(x, NID_ext_key_usage, c->usage);
	assert_true(X509_sign(x, tls_certs_key(), EVP_sha256()) > 0);
	return x;
}

static void
write_cert(const char *path, X509 *x)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(PEM_write_X509(f, x), 1);
	assert_int_equal(fclose(f), 0);
}

static void
write_key(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	FILE *f = fdopen(fd, "w");

	assert_non_null(f);
	assert_int_equal(
	    PEM_write_PrivateKey(f, tls_certs_key(), NULL, NULL, 0, NULL, NULL),
	    1);
	assert_int_equal(fclose(f), 0);
}

struct tls_context *
tls_certs_context(const struct tls_cert *c, X509 *issuer, X509 *ca)
{
	char dir[] = "/tmp/tls_certs.XXXXXX", why[300];
	char paths[3][64];
	struct tls_files files = { paths[0], paths[1], paths[2] };
	X509 *x = tls_cert_make(c, issuer);
	struct tls_context *context;

	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < 3; i++)
		snprintf(paths[i], sizeof(paths[i]), "%s/%d", dir, i);
	write_cert(files.ca, ca);
	write_cert(files.cert, x);
	write_key(files.key);
	X509_free(x);
	context = tls_context_new(&files, why, sizeof(why));
	for (int i = 0; i < 3; i++)
		unlink(paths[i]);
	rmdir(dir);
	if (context == NULL)
		fail_msg("%s", why);
	return context;
}
