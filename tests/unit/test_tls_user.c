/* tls:NAME: what names a machine, and what is told of what does not. */
#include "common/tls_user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *
check(const char *user, bool allowed)
{
	char first[] = "dnsmail-sign", second[400];
	char *v[] = { first, second };
	const struct strings users = { v, 2 };

	snprintf(second, sizeof(second), "%s", user);
	return tls_users_check("signers", &users, allowed);
}

#define LABEL_63 \
	"a23456789012345678901234567890123456789012345678901234567890123"

static const char *const good[] = { "tls:mx1.domain.com", "tls:MX1.Domain.Com",
	"tls:mx1", "tls:my_isp.net", "tls:xn--bcher-kva.test", "tls:1.test",
	"tls:" LABEL_63 ".test", "dnsmail-sign", "1000", "%group", "*", "" };

static const struct {
	const char *user, *why;
} bad[] = {
	{ "tls:", "it is no DNS name" },
	{ "tls:.", "it is no DNS name" },
	{ "tls:mx1..test", "it is no DNS name" },
	{ "tls:.test", "it is no DNS name" },
	{ "tls:mx1 .test", "it is no DNS name" },
	{ "tls:mx1@domain.com", "it is no DNS name" },
	{ "tls:mx1.test:8530", "it is no DNS name" },
	{ "tls:tls+tcp://mx1.test", "it is no DNS name" },
	{ "tls:" LABEL_63 "4.test", "it is no DNS name" },
	{ "tls:*.domain.com",
	    "a wildcard names no machine; give each its name" },
	{ "tls:mx*.domain.com",
	    "a wildcard names no machine; give each its name" },
	{ "tls:192.0.2.1", "an address is no name of a certificate" },
	{ "tls:2001:db8::1", "an address is no name of a certificate" },
	{ "tls:mx1.domain.com.",
	    "write it as certificates do: tls:mx1.domain.com" },
	{ "tls:b\xc3\xbc"
	  "cher.test",
	    "write it as certificates do: tls:xn--bcher-kva.test" },
	{ "tls:B\xc3\x9c"
	  "CHER.test.",
	    "write it as certificates do: tls:xn--bcher-kva.test" },
};

static void
names_of_one_machine_are_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (check(good[i], true) != NULL)
			fail_msg("%s", check(good[i], true));
}

static void
others_are_told_with_option_and_what_to_write(void **state)
{
	char wanted[600];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *why = check(bad[i].user, true);

		snprintf(wanted, sizeof(wanted), "signers: \"%s\": %s",
		    bad[i].user, bad[i].why);
		if (why == NULL || strcmp(why, wanted) != 0)
			fail_msg(
			    "%s: %s", bad[i].user, why != NULL ? why : "taken");
	}
}

static void
where_none_may_be_the_best_is_one_too_many(void **state)
{
	(void)state;
	assert_string_equal(check("tls:mx1.test", false),
	    "signers: \"tls:mx1.test\": who comes by TLS can be none of "
	    "them");
	assert_null(check("root", false));
}

static void
users_of_this_system_have_no_name(void **state)
{
	(void)state;
	assert_null(tls_user_name("mx1.test"));
	assert_null(tls_user_name("TLS:mx1.test"));
	assert_string_equal(tls_user_name("tls:Mx1.test"), "Mx1.test");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_one_machine_are_good),
		cmocka_unit_test(others_are_told_with_option_and_what_to_write),
		cmocka_unit_test(where_none_may_be_the_best_is_one_too_many),
		cmocka_unit_test(users_of_this_system_have_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
