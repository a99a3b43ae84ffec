/* base64url of a digest, against values of RFC 4648 and of openssl(1). */
#include "common/base64url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* RFC 4648 section 9: every third octet of "foobar" twice is 8 characters. */
static void
octets_become_the_characters_of_rfc_4648(void **state)
{
	uint8_t digest[32];
	char text[44];

	(void)state;
	for (size_t i = 0; i < sizeof(digest); i++)
		digest[i] = (uint8_t) "foobar"[i % 6];
	base64url_digest(text, digest);
	/* five times "foobar", then "fo" */
	assert_string_equal(
	    text, "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm8");
}

/* The alphabet of table 2: 62 is "-", 63 is "_". */
static void
the_url_alphabet_is_used(void **state)
{
	uint8_t digest[32];
	char text[44];

	(void)state;
	memset(digest, 0xff, sizeof(digest));
	base64url_digest(text, digest);
	/* 42 times 63, then 1111 and two zero bits: 60, "8" */
	assert_string_equal(
	    text, "__________________________________________8");
	memset(digest, 0xfb, 1);
	base64url_digest(text, digest); /* 111110 11.... */
	assert_int_equal(text[0], '-');
	memset(digest, 0, sizeof(digest));
	base64url_digest(text, digest);
	assert_string_equal(
	    text, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

static void
only_43_characters_of_the_alphabet_are_a_digest(void **state)
{
	char text[] = "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZ-_";

	(void)state;
	assert_true(base64url_is_digest(text, 43));
	for (size_t n = 0; n < 43; n++)
		assert_false(base64url_is_digest(text, n));
	assert_false(base64url_is_digest(text, 44));
	for (int ch = 0; ch < 256; ch++) {
		bool expected = (ch >= 'a' && ch <= 'z') ||
		    (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
		    ch == '-' || ch == '_';

		text[20] = (char)ch;
		assert_int_equal(base64url_is_digest(text, 43), expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_become_the_characters_of_rfc_4648),
		cmocka_unit_test(the_url_alphabet_is_used),
		cmocka_unit_test(
		    only_43_characters_of_the_alphabet_are_a_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
