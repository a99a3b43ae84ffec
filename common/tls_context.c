/*
 * Owns reading of certificates and keys, and what is asked of a peer's. Must
 * not know sockets, nor who may do what.
 *
 * Why not nng's own TLS, which Debian 12 has (1.5.2, mbedTLS; measured): of a
 * peer it tells only that a certificate was verified (NNG_OPT_TLS_VERIFIED),
 * not whose, and tls-peer-cn is "not supported"; a listener that is open goes
 * on with its old certificate, whatever is put into its configuration;
 * connections that say nothing are not bounded (500 stayed); and to close one
 * from our side, which each stranger makes necessary, can hang it for good
 * (ipc_socket.h). The octets on the wire are nng's (sp_frame.h).
 */
#include "tls_context.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "credential.h"
#include "log.h"
#include "tls_certificate.h"

/* RFC 9525, 6: no common name, and in a label a wildcard is all of it. */
#define SERVER_NAMES                           \
	(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | \
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)

enum { EXPIRES_SOON = 14 * 24 * 60 * 60 };

struct tls_context {
	unsigned refs;
	SSL_CTX *ctx;
};

/* ---- files ----------------------------------------------------------------
 */

static int
complain(char *why, size_t size, const char *path, const char *what)
{
	unsigned long e = ERR_peek_last_error();
	const char *reason = e != 0 ? ERR_reason_error_string(e) : NULL;

	snprintf(why, size, "%s: %s%s%s", path, what,
	    reason != NULL ? ": " : "", reason != NULL ? reason : "");
	ERR_clear_error();
	return -1;
}

static int
open_file(const char *path, char *why, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), saved = errno;

	if (fd != -1)
		return fd;
	complain(why, size, path, strerror(saved));
	errno = saved;
	return -1;
}

static bool
is_private(int fd, const char *path)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    !credential_shared(path, st.st_mode);
}

static int
no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

static int
read_key(SSL_CTX *ctx, const char *path, char *why, size_t size)
{
	int fd = open_file(path, why, size), ok;
	EVP_PKEY *key;
	BIO *bio;

	if (fd == -1)
		return -1;
	if (!is_private(fd, path)) {
		close(fd);
		return complain(why, size, path,
		    "group or others may read it (or it is no file)");
	}
	bio = BIO_new_fd(fd, BIO_CLOSE);
	key = bio != NULL
	    ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL)
	    : NULL;
	BIO_free(bio);
	ok = key != NULL && SSL_CTX_use_PrivateKey(ctx, key) == 1;
	EVP_PKEY_free(key);
	return ok ? 0
		  : complain(why, size, path,
			"no private key without a password, for the "
			"certificate of tls-cert");
}

static void
warn_of_age(const char *path, X509 *cert)
{
	time_t soon = time(NULL) + EXPIRES_SOON;

	if (cert == NULL)
		return;
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		log_warnx("tls: %s: the certificate has expired", path);
	else if (X509_cmp_time(X509_get0_notAfter(cert), &soon) < 0)
		log_warnx(
		    "tls: %s: the certificate expires within two weeks", path);
}

static int
may_read(const char *path, char *why, size_t size)
{
	int fd = open_file(path, why, size);

	if (fd == -1)
		return -1;
	close(fd);
	return 0;
}

static int
read_files(SSL_CTX *ctx, const struct tls_files *f, char *why, size_t size)
{
	char credential[4096];
	const char *key = f->key;

	if (strcmp(key, TLS_KEY_FILE) == 0 &&
	    credential_find("tls.key", credential, sizeof(credential)))
		key = credential;
	if (may_read(f->ca, why, size) == -1 ||
	    may_read(f->cert, why, size) == -1)
		return -1;
	if (SSL_CTX_load_verify_file(ctx, f->ca) != 1)
		return complain(why, size, f->ca, "no certificate");
	if (SSL_CTX_use_certificate_chain_file(ctx, f->cert) != 1)
		return complain(why, size, f->cert, "no certificate");
	if (read_key(ctx, key, why, size) == -1)
		return -1;
	warn_of_age(f->cert, SSL_CTX_get0_certificate(ctx));
	return 0;
}

/* ---- life -----------------------------------------------------------------
 */

static SSL_CTX *
context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());

	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
		SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_mode(ctx,
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
		SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(
	    ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return ctx;
}

struct tls_context *
tls_context_new(const struct tls_files *files, char *why, size_t size)
{
	struct tls_context *c = calloc(1, sizeof(*c));
	int saved;

	errno = 0;
	ERR_clear_error();
	if (c == NULL || (c->ctx = context()) == NULL) {
		snprintf(why, size, "out of memory");
		free(c);
		return NULL;
	}
	c->refs = 1;
	if (read_files(c->ctx, files, why, size) == 0)
		return c;
	saved = errno;
	tls_context_unref(c);
	errno = saved;
	return NULL;
}

struct tls_context *
tls_context_ref(struct tls_context *c)
{
	c->refs++;
	return c;
}

void
tls_context_unref(struct tls_context *c)
{
	if (c == NULL || --c->refs > 0)
		return;
	SSL_CTX_free(c->ctx);
	free(c);
}

/* ---- one connection -------------------------------------------------------
 */

static bool
expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	unsigned char address[16];

	if (inet_pton(AF_INET, host, address) == 1 ||
	    inet_pton(AF_INET6, host, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
	SSL_set_hostflags(ssl, SERVER_NAMES);
	return SSL_set1_host(ssl, host) == 1 &&
	    SSL_set_tlsext_host_name(ssl, host) == 1;
}

SSL *
tls_context_open(struct tls_context *c, const char *host)
{
	SSL *ssl = SSL_new(c->ctx);

	if (ssl == NULL)
		return NULL;
	if (host == NULL)
		SSL_set_accept_state(ssl);
	else if (expect_host(ssl, host))
		SSL_set_connect_state(ssl);
	else {
		SSL_free(ssl);
		return NULL;
	}
	return ssl;
}

const char *
tls_why(SSL *ssl, int result, char *buf, size_t size)
{
	long verified = SSL_get_verify_result(ssl);
	int kind = SSL_get_error(ssl, result), saved = errno;
	unsigned long e = ERR_peek_error();
	const char *reason = e != 0 ? ERR_reason_error_string(e) : NULL;

	if (verified != X509_V_OK)
		snprintf(buf, size, "its certificate: %s",
		    X509_verify_cert_error_string(verified));
	else if (reason != NULL)
		snprintf(buf, size, "TLS: %s", reason);
	else if (kind == SSL_ERROR_SYSCALL && saved != 0)
		snprintf(buf, size, "%s", strerror(saved));
	else
		snprintf(buf, size, "the other side closed the connection");
	ERR_clear_error();
	return buf;
}

/* ---- what vouches for what ----------------------------------------------
 */

/* X509_V_OK, or what is wrong. What vouches for it, if anything: *until_r. */
static int
verify(const struct tls_context *c, X509 *cert, STACK_OF(X509) * others,
    bool as_server, time_t *until_r)
{
	X509_STORE_CTX *check = X509_STORE_CTX_new();
	int result = X509_V_ERR_OUT_OF_MEM;

	if (check != NULL &&
	    X509_STORE_CTX_init(
		check, SSL_CTX_get_cert_store(c->ctx), cert, others) == 1 &&
	    X509_STORE_CTX_set_default(
		check, as_server ? "ssl_server" : "ssl_client") == 1) {
		X509_verify_cert(check);
		result = X509_STORE_CTX_get_error(check);
		*until_r = tls_chain_until(X509_STORE_CTX_get0_chain(check));
	}
	X509_STORE_CTX_free(check);
	ERR_clear_error();
	return result;
}

bool
tls_context_vouches(struct tls_context *c, SSL *ssl)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);
	time_t until;

	return cert != NULL &&
	    verify(c, cert, SSL_get_peer_cert_chain(ssl), !SSL_is_server(ssl),
		&until) == X509_V_OK;
}

const char *
tls_context_judge(
    const struct tls_context *c, bool as_server, struct tls_own *own)
{
	X509 *cert = SSL_CTX_get0_certificate(c->ctx);
	STACK_OF(X509) *others = NULL;
	int result;

	*own = (struct tls_own){ .until = tls_not_after(cert) };
	SSL_CTX_get0_chain_certs(c->ctx, &others);
	result = verify(c, cert, others, as_server, &own->until);
	own->timely = result != X509_V_ERR_CERT_HAS_EXPIRED &&
	    result != X509_V_ERR_CERT_NOT_YET_VALID;
	return result == X509_V_OK ? NULL
				   : X509_verify_cert_error_string(result);
}

char *
tls_context_names(const struct tls_context *c)
{
	return tls_cert_names(SSL_CTX_get0_certificate(c->ctx));
}

time_t
tls_context_until(const struct tls_context *c, bool as_server)
{
	struct tls_own own = { .until = 0 };

	if (c != NULL)
		tls_context_judge(c, as_server, &own);
	return own.until;
}
