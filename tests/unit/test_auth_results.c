/* Authentication-Results (RFC 8601): whose, and what it says of dnsmail. */
#include "common/auth_results.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define ID "mx.my_isp.net"

static const char *const ours[] = {
	ID "; dnsmail=pass",
	" " ID "; dnsmail=pass",
	ID " 1; dnsmail=pass",
	ID " (c) 1 (c); dnsmail=pass",
	ID "; none",
	ID,
	ID ";",
	"MX.My_ISP.Net; dnsmail=pass",
	"(c) " ID " (c); dnsmail=pass",
	"(c (d)) " ID "; dnsmail=pass",
	"(;) " ID "; dnsmail=pass",
	"\r\n\t" ID "\r\n ; dnsmail=pass",
	"\"" ID "\"; dnsmail=pass",
	"\"mx\\.my_isp.net\"; dnsmail=pass",
	"\"" ID "\" 1; dnsmail=pass",
	"\" " ID "\"; dnsmail=pass",
	ID ".; dnsmail=pass",
	ID "(c); dnsmail=pass",
	"mx . my_isp . net; dnsmail=pass",
	"mx(c).my_isp(c).net; dnsmail=pass",
	"mx.\r\n my_isp.net; dnsmail=pass",
	"mx.my_isp.\"net\"; dnsmail=pass",
	"mx\\.my_isp.net; dnsmail=pass",
	"other.example " ID "; dnsmail=pass",
	"other.example (" ID "); dnsmail=pass",
	"=" ID "; dnsmail=pass",
	"<" ID ">; dnsmail=pass",
	/* the part before the results cannot be read */
	"(" ID "; dnsmail=pass",
	"(; " ID "; dnsmail=pass",
	"\"; " ID "; dnsmail=pass",
};

static const char *const foreign[] = {
	"",
	";",
	"; dnsmail=pass",
	"other.example; dnsmail=pass",
	"other.example; dnsmail=pass header.from=a@" ID,
	"other.example; spf=pass smtp.helo=" ID,
	"other.example; dkim=pass (" ID ")",
	"other.example; x=y reason=\"" ID "\"",
	"mx.my_isp.net.example; dnsmail=pass",
	"a.mx.my_isp.net; dnsmail=pass",
	"xmx.my_isp.net; dnsmail=pass",
	"mx.my_isp.nets; dnsmail=pass",
	"mx.my-isp.net; dnsmail=pass",
	"my_isp.net; dnsmail=pass",
	"mx; dnsmail=pass",
	"1; dnsmail=pass",
	"(other; dnsmail=pass",
};

static void
every_spelling_of_our_id_is_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (!auth_results_is_ours(ours[i], strlen(ours[i]), ID))
			fail_msg("'%s' is not taken for ours", ours[i]);
}

static void
another_id_is_not_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (auth_results_is_ours(foreign[i], strlen(foreign[i]), ID))
			fail_msg("'%s' is taken for ours", foreign[i]);
}

static void
id_in_unicode_is_ours_too(void **state)
{
	static const char utf8[] = "mx.b\xc3\xbc\x63her.example; dnsmail=pass";
	static const char ascii[] = "mx.xn--bcher-kva.example; dnsmail=pass";
	size_t n = sizeof(utf8) - 1, m = sizeof(ascii) - 1;

	(void)state;
	assert_true(auth_results_is_ours(utf8, n, "mx.xn--bcher-kva.example"));
	assert_true(
	    auth_results_is_ours(ascii, m, "mx.b\xc3\xbc\x63her.example"));
	assert_false(auth_results_is_ours(utf8, n, "mx.bucher.example"));
}

/* One that ends in digits must not be mistaken for one with a version. */
static void
id_with_digits_at_its_end_is_found(void **state)
{
	(void)state;
	assert_true(auth_results_is_ours("mx2; none", 9, "mx2"));
	assert_true(auth_results_is_ours("mx2 1; none", 11, "mx2"));
	assert_true(auth_results_is_ours("\"mx\\2\" 1; none", 14, "mx2"));
	assert_false(auth_results_is_ours("mx1; none", 9, "mx2"));
}

static void
result_of_the_method_is_read(void **state)
{
	static const struct {
		const char *value;
		enum auth_dnsmail said;
	} rows[] = {
		{ ID "; dnsmail=pass", AUTH_DNSMAIL_PASS },
		{ ID "; dnsmail=none", AUTH_DNSMAIL_NONE },
		{ ID "; dnsmail=policy", AUTH_DNSMAIL_POLICY },
		{ ID "; dnsmail=fail", AUTH_DNSMAIL_FAIL },
		{ ID "; dnsmail=temperror", AUTH_DNSMAIL_TEMPERROR },
		{ ID "; dnsmail=permerror", AUTH_DNSMAIL_PERMERROR },
		{ ID " 1;dnsmail=PASS header.from=martha@domain.com",
		    AUTH_DNSMAIL_PASS },
		{ ID "; DNSMail/1 = (c) fail (d) reason=\"no-record\"",
		    AUTH_DNSMAIL_FAIL },
		{ ID ";\r\n\tdnsmail(c)=(c)pass", AUTH_DNSMAIL_PASS },
		{ ID "; spf=pass smtp.mailfrom=x; dnsmail=fail",
		    AUTH_DNSMAIL_FAIL },
		{ ID "; dnsmail=fail; spf=pass", AUTH_DNSMAIL_FAIL },
		{ ID "; dnsmail=pass; dnsmail=pass", AUTH_DNSMAIL_PASS },
		{ ID "; none", AUTH_DNSMAIL_ABSENT },
		{ ID, AUTH_DNSMAIL_ABSENT },
		{ ID "; spf=pass", AUTH_DNSMAIL_ABSENT },
		{ ID "; xdnsmail=pass", AUTH_DNSMAIL_ABSENT },
		{ ID "; dnsmail-x=pass", AUTH_DNSMAIL_ABSENT },
		{ "dnsmail=pass", AUTH_DNSMAIL_ABSENT },
		/* in no comment and no quotes */
		{ ID "; spf=fail reason=\"; dnsmail=pass\"",
		    AUTH_DNSMAIL_ABSENT },
		{ ID "; spf=fail (; dnsmail=pass)", AUTH_DNSMAIL_ABSENT },
		{ ID " (; dnsmail=pass); dnsmail=fail", AUTH_DNSMAIL_FAIL },
		{ "\"; dnsmail=pass\"; dnsmail=fail", AUTH_DNSMAIL_FAIL },
		/* in doubt it is a permerror */
		{ ID "; dnsmail=pass; dnsmail=fail", AUTH_DNSMAIL_PERMERROR },
		{ ID "; dnsmail=fail; dnsmail=none", AUTH_DNSMAIL_PERMERROR },
		{ ID "; dnsmail=passed", AUTH_DNSMAIL_PERMERROR },
		{ ID "; dnsmail=softfail", AUTH_DNSMAIL_PERMERROR },
		{ ID "; dnsmail=absent", AUTH_DNSMAIL_PERMERROR },
		{ ID "; dnsmail=", AUTH_DNSMAIL_PERMERROR },
		{ ID "; dnsmail", AUTH_DNSMAIL_PERMERROR },
		{ ID "; dnsmail pass", AUTH_DNSMAIL_PERMERROR },
		{ ID "; dnsmail=\"pass\"", AUTH_DNSMAIL_PERMERROR },
		{ ID "; dnsmail=pass (", AUTH_DNSMAIL_PERMERROR },
		{ ID "; dnsmail=pass reason=\"x", AUTH_DNSMAIL_PERMERROR },
		{ ID " (; dnsmail=pass", AUTH_DNSMAIL_PERMERROR },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum auth_dnsmail said =
		    auth_results_dnsmail(rows[i].value, strlen(rows[i].value));

		if (said != rows[i].said)
			fail_msg("'%s': expected %s, saw %s", rows[i].value,
			    auth_dnsmail_names[rows[i].said],
			    auth_dnsmail_names[said]);
	}
}

/* A copy of exactly n octets: a sanitizer sees one too many. */
static void
every_prefix_is_read_within_its_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		for (size_t n = 0; n < strlen(ours[i]); n++) {
			char *copy = malloc(n > 0 ? n : 1);

			memcpy(copy, ours[i], n);
			if (n < sizeof(ID) - 1)
				assert_false(auth_results_is_ours(copy, n, ID));
			auth_results_dnsmail(copy, n);
			free(copy);
		}
	}
}

static void
long_hostile_values_are_read_in_one_go(void **state)
{
	static const char *const pieces[] = { "(", "()", "\"", "\"\"", ";",
		";dnsmail", "a", "\\", "mx.my_isp.ne", "(\"", "1" };
	enum { SIZE = 256 * 1024 };
	char *value = malloc(SIZE);
	clock_t start = clock();

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t len = strlen(pieces[i]);

		for (size_t k = 0; k < SIZE; k++)
			value[k] = pieces[i][k % len];
		assert_false(auth_results_is_ours(value, SIZE, ID));
		assert_int_not_equal(
		    auth_results_dnsmail(value, SIZE), AUTH_DNSMAIL_PASS);
	}
	assert_true(clock() - start < 2 * CLOCKS_PER_SEC);
	free(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_our_id_is_ours),
		cmocka_unit_test(another_id_is_not_ours),
		cmocka_unit_test(id_in_unicode_is_ours_too),
		cmocka_unit_test(id_with_digits_at_its_end_is_found),
		cmocka_unit_test(result_of_the_method_is_read),
		cmocka_unit_test(every_prefix_is_read_within_its_length),
		cmocka_unit_test(long_hostile_values_are_read_in_one_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
