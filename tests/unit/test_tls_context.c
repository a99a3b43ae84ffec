/*
 * Handshakes with certificates of every kind, in memory: who gets through, and
 * as whom. Names: RFC 9525, which is about servers. Who asks, a client, may be
 * named by the common name where there is no alternative name (RFC 6125,
 * 6.4.4), since small authorities still make such certificates for clients.
 */
#include "common/tls_context.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/tls_certificate.h"
#include "tests/unit/tls_certs.h"

enum { DAY = 24 * 60 * 60 };

static X509 *ca;

static int
begin(void **state)
{
	const struct tls_cert c = { .cn = "ca", .ends = 99 * DAY, .ca = 1 };

	(void)state;
	ca = tls_cert_make(&c, NULL);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	X509_free(ca);
	tls_certs_end();
	return 0;
}

/* ---- two ends ------------------------ */

struct end {
	struct tls_context *context;
	SSL *ssl;
	char why[300]; /* "": nothing is wrong */
	int done;
};

static struct end server, client;
static char names[400]; /* the client's, as the server sees it */

static void
end_open(
    struct end *e, const struct tls_cert *c, X509 *issuer, const char *host)
{
	*e = (struct end){ .context = tls_certs_context(c, issuer, ca) };
	e->ssl = tls_context_open(e->context, host);
	assert_non_null(e->ssl);
}

static void
end_close(struct end *e)
{
	SSL_free(e->ssl);
	tls_context_unref(e->context);
}

/* Until it waits for the other. */
static void
step(struct end *e)
{
	char octet;
	int n;

	if (e->why[0] != '\0')
		return;
	n = e->done ? SSL_read(e->ssl, &octet, 1) : SSL_do_handshake(e->ssl);
	if (n == 1)
		e->done = 1;
	else if (SSL_get_error(e->ssl, n) != SSL_ERROR_WANT_READ)
		tls_why(e->ssl, n, e->why, sizeof(e->why));
}

static void
shake(void)
{
	BIO *a, *b;

	assert_int_equal(BIO_new_bio_pair(&a, 0, &b, 0), 1);
	SSL_set_bio(server.ssl, a, a);
	SSL_set_bio(client.ssl, b, b);
	for (int i = 0; i < 10; i++) {
		step(&client);
		step(&server);
	}
}

static void
read_names(void)
{
	char *text = server.done ? tls_names(server.ssl) : NULL;

	snprintf(names, sizeof(names), "%s", text != NULL ? text : "(none)");
	free(text);
}

/* Leaves why of both, and the names. */
static void
meet(const struct tls_cert *s, const struct tls_cert *c, const char *host)
{
	end_open(&server, s, ca, NULL);
	end_open(&client, c, ca, host);
	shake();
	read_names();
	end_close(&client);
	end_close(&server);
}

static const struct tls_cert good_server = { .cn = "dns.test",
	.san = "DNS:dns.test,IP:192.0.2.1,IP:2001:db8::1",
	.ends = 99 * DAY };
static const struct tls_cert good_client = {
	.cn = "mx1.test", .san = "DNS:mx1.test", .ends = 99 * DAY
};

/* ---- the names of who asks ------------------------ */

#define NUL_SAN "\x30\x12\x82\x10mx1.test\0evil.tt"

static const struct {
	struct tls_cert cert;
	const char *names;
} callers[] = {
	{ { .cn = "x", .san = "DNS:mx1.test" }, "mx1.test" },
	{ { .cn = "x", .san = "DNS:b.test,DNS:a.test" }, "b.test a.test" },
	{ { .cn = "x", .san = "IP:192.0.2.1,DNS:a.test,email:a@b.test" },
	    "a.test" },
	{ { .cn = "x", .san = "DNS:*.test" }, "*.test" },
	{ { .san = "DNS:xn--bcher-kva.test" }, "xn--bcher-kva.test" },
	/* the common name: only where there is no alternative name at all */
	{ { .cn = "mx1.test" }, "mx1.test" },
	{ { .cn = "mx1.test", .san = "IP:192.0.2.1" }, "" },
	{ { .cn = "mx1.test", .san = "email:a@b.test" }, "" },
	{ { .cn = "o" }, "o" },
	{ { .cn = "b\xc3\xbc"
		  "cher.test" },
	    "" },
	/* what would be several names, or one cut short */
	{ { .cn = "x", .san = "DNS:mx1.test mx2.test" }, "" },
	{ { .cn = "mx1.test mx2.test" }, "" },
	{ { .cn = "mx1.test\nmx2.test" }, "" },
	{ { .cn = "x", .der = NUL_SAN, .n_der = sizeof(NUL_SAN) - 1 }, "" },
};

static void
callers_have_the_names_of_their_certificate(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
		struct tls_cert c = callers[i].cert;

		c.ends = 99 * DAY;
		meet(&good_server, &c, "dns.test");
		if (server.why[0] != '\0')
			fail_msg("%zu: %s", i, server.why);
		if (strcmp(names, callers[i].names) != 0)
			fail_msg("%zu: \"%s\"", i, names);
	}
}

/* ---- whom a client believes ------------------------ */

static const struct {
	const char *host, *cn, *san, *why;
} hosts[] = {
	{ "dns.test", "x", "DNS:dns.test", "" },
	{ "DNS.test", "x", "DNS:dns.TEST", "" },
	{ "dns.test", "x", "DNS:a.test,DNS:dns.test", "" },
	{ "dns.test", "x", "DNS:*.test", "ostname mismatch" }, /* too wide */
	{ "a.dns.test", "x", "DNS:*.dns.test", "" }, /* RFC 9525, 6.3 */
	{ "192.0.2.1", "x", "IP:192.0.2.1", "" },
	{ "2001:db8::1", "x", "IP:2001:db8:0::1", "" },
	{ "dns.test", "dns.test", "DNS:other.test", "ostname mismatch" },
	{ "dns.test", "dns.test", NULL, "ostname mismatch" },
	{ "dns.test", "dns.test", "IP:192.0.2.1", "ostname mismatch" },
	{ "a.dns.test", "x", "DNS:a*.dns.test", "ostname mismatch" },
	{ "a.dns.test", "x", "DNS:*.test", "ostname mismatch" },
	{ "test", "x", "DNS:*", "ostname mismatch" },
	{ "192.0.2.1", "x", "DNS:192.0.2.1", "IP address mismatch" },
	{ "192.0.2.1", "192.0.2.1", "IP:192.0.2.2", "IP address mismatch" },
};

static void
clients_believe_servers_of_that_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct tls_cert c = {
			.cn = hosts[i].cn, .san = hosts[i].san, .ends = 99 * DAY
		};

		meet(&c, &good_client, hosts[i].host);
		if ((client.why[0] != '\0') != (hosts[i].why[0] != '\0') ||
		    strstr(client.why, hosts[i].why) == NULL)
			fail_msg("%zu: \"%s\"", i, client.why);
	}
}

/* ---- both ------------------------ */

static const struct {
	const char *usage;
	long begins, ends;
	const char *as_server, *as_client; /* what the other says */
} kinds[] = {
	{ NULL, 0, DAY, "", "" },
	{ "serverAuth,clientAuth", 0, DAY, "", "" },
	{ "serverAuth", 0, DAY, "", "purpose" },
	{ "clientAuth", 0, DAY, "purpose", "" },
	{ "emailProtection", 0, DAY, "purpose", "purpose" },
	{ NULL, -2 * DAY, -1, "has expired", "has expired" },
	{ NULL, DAY, 2 * DAY, "not yet valid", "not yet valid" },
};

static void
expect(const char *why, const char *wanted, size_t i)
{
	if ((why[0] != '\0') != (wanted[0] != '\0') ||
	    strstr(why, wanted) == NULL)
		fail_msg("%zu: \"%s\"", i, why);
}

static void
purpose_and_time_count_for_both(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct tls_cert c = { .san = "DNS:dns.test",
			.usage = kinds[i].usage,
			.begins = kinds[i].begins,
			.ends = kinds[i].ends };

		meet(&c, &good_client, "dns.test");
		expect(client.why, kinds[i].as_server, i);
		meet(&good_server, &c, "dns.test");
		expect(server.why, kinds[i].as_client, i);
	}
}

/* A certificate that the authority has signed is none itself. */
static void
members_cannot_sign_others(void **state)
{
	X509 *member = tls_cert_make(&good_client, ca);

	(void)state;
	end_open(&server, &good_server, ca, NULL);
	end_open(&client, &good_client, member, "dns.test");
	shake();
	assert_string_not_equal(server.why, "");
	end_close(&client);
	end_open(&client, &good_client, NULL, "dns.test");
	SSL_free(server.ssl);
	server.ssl = tls_context_open(server.context, NULL);
	server.why[0] = '\0';
	server.done = 0;
	shake();
	assert_non_null(strstr(server.why, "self-signed"));
	end_close(&client);
	end_close(&server);
	X509_free(member);
}

/* Each handshake is a whole one: nothing outlives a change of the files. */
static void
sessions_are_never_resumed(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		SSL_SESSION *session;

		end_open(&server, &good_server, ca, NULL);
		end_open(&client, &good_client, ca, "dns.test");
		SSL_set_max_proto_version(client.ssl, versions[i]);
		shake();
		assert_int_equal(SSL_version(server.ssl), versions[i]);
		session = SSL_get1_session(client.ssl);
		SSL_shutdown(client.ssl);
		SSL_free(client.ssl);
		SSL_free(server.ssl);
		server.ssl = tls_context_open(server.context, NULL);
		client.ssl = tls_context_open(client.context, "dns.test");
		SSL_set_session(client.ssl, session);
		server.done = client.done = 0;
		shake();
		assert_true(server.done && client.done);
		assert_false(SSL_session_reused(server.ssl));
		SSL_SESSION_free(session);
		end_close(&client);
		end_close(&server);
	}
}

static void
tls_1_1_is_too_old_for_both(void **state)
{
	(void)state;
	end_open(&server, &good_server, ca, NULL);
	end_open(&client, &good_client, ca, "dns.test");
	assert_int_equal(SSL_get_min_proto_version(server.ssl), TLS1_2_VERSION);
	SSL_set_security_level(client.ssl, 0);
	SSL_set_security_level(server.ssl, 0);
	SSL_set_min_proto_version(client.ssl, TLS1_VERSION);
	SSL_set_max_proto_version(client.ssl, TLS1_1_VERSION);
	shake();
	assert_false(server.done);
	assert_non_null(strstr(server.why, "unsupported protocol"));
	end_close(&client);
	end_close(&server);
}

/* ---- connections that are there ------------------------ */

static time_t
own_until(const struct tls_context *c)
{
	struct tls_own own;

	assert_null(tls_context_judge(c, false, &own));
	assert_true(own.timely);
	return own.until;
}

/* tls_until() of the server's peer, in seconds from now; it is a little more.
 */
static long
ends_in(long client_ends, long ca_ends)
{
	struct tls_cert c = good_client, authority = { .cn = "other" };
	X509 *other;
	time_t before = time(NULL), until;

	authority.ca = 1;
	authority.ends = ca_ends;
	c.ends = client_ends;
	other = tls_cert_make(&authority, NULL);
	server = (struct end){ .context = tls_certs_context(
				   &good_server, other, other) };
	client = (struct end){ .context = tls_certs_context(&c, other, other) };
	server.ssl = tls_context_open(server.context, NULL);
	client.ssl = tls_context_open(client.context, "dns.test");
	shake();
	assert_true(server.done && client.done);
	until = tls_until(server.ssl);
	assert_true(own_until(client.context) - before >= DAY);
	end_close(&client);
	end_close(&server);
	X509_free(other);
	return (long)(until - before);
}

static void
chain_ends_with_the_first_that_does(void **state)
{
	static const long ends[][2] = { { DAY, 9 * DAY }, { 9 * DAY, DAY } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		long in = ends_in(ends[i][0], ends[i][1]);

		assert_true(in >= DAY && in < DAY + DAY / 2);
	}
}

/* Is the client vouched for by a server's files with that authority? */
static bool
vouched_by(X509 *authority)
{
	struct tls_context *next =
	    tls_certs_context(&good_server, authority, authority);
	bool is = tls_context_vouches(next, server.ssl);

	tls_context_unref(next);
	return is;
}

static void
peer_is_vouched_for_by_its_own_authority_alone(void **state)
{
	const struct tls_cert a = { .cn = "ca", .ends = 9 * DAY, .ca = 1 };
	const struct tls_cert b = { .cn = "other", .ends = 9 * DAY, .ca = 1 };
	X509 *renewed = tls_cert_make(&a, NULL);
	X509 *other = tls_cert_make(&b, NULL);

	(void)state;
	end_open(&server, &good_server, ca, NULL);
	end_open(&client, &good_client, ca, "dns.test");
	shake();
	assert_true(server.done);
	assert_true(vouched_by(ca));
	assert_true(vouched_by(renewed)); /* of its name and key */
	assert_false(vouched_by(other));
	assert_true(tls_context_vouches(client.context, client.ssl));
	end_close(&client);
	end_close(&server);
	X509_free(renewed);
	X509_free(other);
}

static void
who_has_expired_is_vouched_for_no_more(void **state)
{
	struct tls_cert c = good_client;

	(void)state;
	c.ends = 3;
	end_open(&server, &good_server, ca, NULL);
	end_open(&client, &c, ca, "dns.test");
	shake();
	assert_true(server.done);
	while (time(NULL) <= tls_until(server.ssl))
		usleep(10000);
	assert_false(tls_context_vouches(server.context, server.ssl));
	end_close(&client);
	end_close(&server);
}

/* What who has the same tls-ca says of ours. */
static void
our_own_is_judged_as_others_would(void **state)
{
	static const struct {
		const char *usage;
		long begins, ends;
		bool server, timely;
		const char *why; /* NULL: it is good */
	} rows[] = {
		{ NULL, 0, DAY, true, true, NULL },
		{ NULL, 0, DAY, false, true, NULL },
		{ "clientAuth", 0, DAY, true, true, "purpose" },
		{ "serverAuth", 0, DAY, false, true, "purpose" },
		{ NULL, -2 * DAY, -DAY, true, false, "has expired" },
		{ NULL, DAY, 2 * DAY, true, false, "not yet valid" },
	};
	time_t now = time(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tls_cert c = { .san = "DNS:dns.test",
			.usage = rows[i].usage,
			.begins = rows[i].begins,
			.ends = rows[i].ends };
		struct tls_context *x = tls_certs_context(&c, ca, ca);
		struct tls_own own;
		const char *why = tls_context_judge(x, rows[i].server, &own);

		expect(why != NULL ? why : "",
		    rows[i].why != NULL ? rows[i].why : "", i);
		assert_int_equal(own.timely, rows[i].timely);
		assert_true(own.until >= now + rows[i].ends &&
		    own.until < now + rows[i].ends + DAY / 2);
		tls_context_unref(x);
	}
}

static void
one_of_another_authority_is_doubted(void **state)
{
	struct tls_context *x = tls_certs_context(&good_client, NULL, ca);
	struct tls_own own;
	char *own_names = tls_context_names(x);

	(void)state;
	assert_non_null(tls_context_judge(x, false, &own));
	assert_true(own.timely);
	assert_true(own.until > time(NULL) + 98 * DAY);
	assert_string_equal(own_names, "mx1.test");
	free(own_names);
	tls_context_unref(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(callers_have_the_names_of_their_certificate),
		cmocka_unit_test(clients_believe_servers_of_that_name),
		cmocka_unit_test(purpose_and_time_count_for_both),
		cmocka_unit_test(members_cannot_sign_others),
		cmocka_unit_test(sessions_are_never_resumed),
		cmocka_unit_test(tls_1_1_is_too_old_for_both),
		cmocka_unit_test(chain_ends_with_the_first_that_does),
		cmocka_unit_test(
		    peer_is_vouched_for_by_its_own_authority_alone),
		cmocka_unit_test(who_has_expired_is_vouched_for_no_more),
		cmocka_unit_test(our_own_is_judged_as_others_would),
		cmocka_unit_test(one_of_another_authority_is_doubted),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
