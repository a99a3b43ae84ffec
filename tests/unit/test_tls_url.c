/* Addresses by TLS: which are some, and what is told of those that are not. */
#include "common/tls_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LABEL "abcdefghijklmnopqrstuvwxyz-0123456789-abcdefghijklmnopqrstuvwxy"
#define NAME  LABEL "." LABEL "." LABEL "." LABEL /* 255 octets */

static const char no_scheme[] = "it is no tls+tcp://HOST:PORT";
static const char no_port[] = "it has no port, tls+tcp://HOST:PORT";
static const char no_host[] = "its host is no name, address or [IPv6 address]";

static const struct {
	const char *url, *host, *port;
} good[] = {
	{ "tls+tcp://dns.example.test:5300", "dns.example.test", "5300" },
	{ "tls+tcp://DNS1:1", "DNS1", "1" },
	{ "tls+tcp://a_b.test:65535", "a_b.test", "65535" },
	{ "tls+tcp://xn--bcher-kva.test:5300", "xn--bcher-kva.test", "5300" },
	{ "tls+tcp://192.0.2.1:05300", "192.0.2.1", "05300" },
	{ "tls+tcp://*:5300", "*", "5300" },
	{ "tls+tcp://[::]:5300", "::", "5300" },
	{ "tls+tcp://[2001:DB8::1]:5300", "2001:DB8::1", "5300" },
	{ "tls+tcp://[::ffff:192.0.2.1]:5300", "::ffff:192.0.2.1", "5300" },
	{ "tls+tcp://" NAME ":5300", NAME, "5300" },
};

static const struct {
	const char *url, *why;
} bad[] = {
	{ "", no_scheme },
	{ "tls+tcp:/", no_scheme },
	{ "tcp://dns.example.test:5300", no_scheme },
	{ "TLS+TCP://dns.example.test:5300", no_scheme },
	{ " tls+tcp://dns.example.test:5300", no_scheme },
	{ "tls+tcp://", no_port },
	{ "tls+tcp://dns.example.test", no_port },
	{ "tls+tcp://dns.example.test:", no_port },
	{ "tls+tcp://dns.example.test:0", no_port },
	{ "tls+tcp://dns.example.test:00000", no_port },
	{ "tls+tcp://dns.example.test:65536", no_port },
	{ "tls+tcp://dns.example.test:005300", no_port },
	{ "tls+tcp://dns.example.test:99999999999999999999", no_port },
	{ "tls+tcp://dns.example.test:-1", no_port },
	{ "tls+tcp://dns.example.test:+53", no_port },
	{ "tls+tcp://dns.example.test: 53", no_port },
	{ "tls+tcp://dns.example.test:53 ", no_port },
	{ "tls+tcp://dns.example.test:53/", no_port },
	{ "tls+tcp://dns.example.test:53?x", no_port },
	{ "tls+tcp://dns.example.test:domain", no_port },
	{ "tls+tcp://[2001:db8::1]", no_port },
	{ "tls+tcp://[2001:db8::1]5300", no_port },
	{ "tls+tcp://[2001:db8::1]x:5300", no_port },
	{ "tls+tcp://[2001:db8::1:5300", no_port },
	{ "tls+tcp://:5300", no_host },
	{ "tls+tcp://2001:db8::1:5300", no_host },
	{ "tls+tcp://::1:5300", no_host },
	{ "tls+tcp://[]:5300", no_host },
	{ "tls+tcp://[192.0.2.1]:5300", no_host },
	{ "tls+tcp://[dns.example.test]:5300", no_host },
	{ "tls+tcp://[*]:5300", no_host },
	{ "tls+tcp://[[::1]:5300", no_host },
	{ "tls+tcp://[2001:db8::1::2]:5300", no_host },
	{ "tls+tcp://::1]:5300", no_host },
	{ "tls+tcp://*.example.test:5300", no_host },
	{ "tls+tcp://**:5300", no_host },
	{ "tls+tcp://.example.test:5300", no_host },
	{ "tls+tcp://dns..test:5300", no_host },
	{ "tls+tcp://dns.example.test.:5300", no_host },
	{ "tls+tcp://b\xc3\xbc"
	  "cher.test:5300",
	    no_host },
	{ "tls+tcp://user@dns.example.test:5300", no_host },
	{ "tls+tcp://dns.example.test/x:5300", no_host },
	{ "tls+tcp://dns example.test:5300", no_host },
	{ "tls+tcp://dns\n.example.test:5300", no_host },
	{ "tls+tcp://dns\x7f.example.test:5300", no_host },
	{ "tls+tcp://%31.example.test:5300", no_host },
	{ "tls+tcp://" NAME "x:5300", no_host },
};

static void
good_ones_are_host_and_port(void **state)
{
	struct tls_url u;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const char *why = "";

		if (tls_url_parse(&u, good[i].url, &why) == -1)
			fail_msg("%s: %s", good[i].url, why);
		assert_string_equal(u.host, good[i].host);
		assert_string_equal(u.port, good[i].port);
	}
}

static void
bad_ones_are_told(void **state)
{
	struct tls_url u;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *why = "";

		if (tls_url_parse(&u, bad[i].url, &why) == 0)
			fail_msg("%s: taken", bad[i].url);
		if (strcmp(why, bad[i].why) != 0)
			fail_msg("%s: %s", bad[i].url, why);
	}
}

static const char *
check(char *one, char *two)
{
	char *urls[] = { one, two };
	const struct strings s = { urls, 2 };

	return tls_urls_check("publishers", &s);
}

static void
option_is_told_with_the_first_that_is_wrong(void **state)
{
	char local[] = "ipc:///run/p.sock", other[] = "tls+tcp://dns.test:5300";
	char no_path[] = "ipc://p.sock", wrong[] = "tls+tcp://dns.test";
	char strange[] = "tcp://dns.test:5300";

	(void)state;
	assert_null(check(local, other));
	assert_string_equal(
	    check(local, no_path), "publishers: \"ipc://p.sock\": no path");
	assert_string_equal(check(wrong, no_path),
	    "publishers: \"tls+tcp://dns.test\": it has no port, "
	    "tls+tcp://HOST:PORT");
	assert_string_equal(check(other, strange),
	    "publishers: \"tcp://dns.test:5300\": it is no "
	    "tls+tcp://HOST:PORT");
}

static void
tls_is_needed_where_one_is_by_tls(void **state)
{
	char local[] = "ipc:///run/p.sock", other[] = "tls+tcp://dns.test:5300";
	char *urls[] = { local, other };

	(void)state;
	assert_false(tls_urls_any(&(struct strings){ urls, 0 }));
	assert_false(tls_urls_any(&(struct strings){ urls, 1 }));
	assert_true(tls_urls_any(&(struct strings){ urls, 2 }));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_are_host_and_port),
		cmocka_unit_test(bad_ones_are_told),
		cmocka_unit_test(option_is_told_with_the_first_that_is_wrong),
		cmocka_unit_test(tls_is_needed_where_one_is_by_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
