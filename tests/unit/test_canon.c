/*
 * The content's digest. Each expected digest is that of the canonical text
 * written out by hand here (RFC 6376 3.4.2, 3.4.4, 3.4.5; protocol.md 5),
 * computed by libcrypto's own SHA-256 and base64.
 */
#include "common/canon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

/* The ten fields, absent all: each "counts as the empty string". */
#define NO_FIELDS "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"

static void
digest_of(char out[44], const char *canonical, size_t n)
{
	unsigned char digest[32], base64[45];

	assert_int_equal(
	    EVP_Digest(canonical, n, digest, NULL, EVP_sha256(), NULL), 1);
	EVP_EncodeBlock(base64, digest, sizeof(digest));
	for (size_t i = 0; i < 43; i++)
		out[i] = base64[i] == '+' ? '-'
		    : base64[i] == '/'    ? '_'
					  : (char)base64[i];
	out[43] = '\0';
}

static void
digest_text(char out[44], const char *canonical)
{
	digest_of(out, canonical, strlen(canonical));
}

static int
setup(void **state)
{
	*state = canon_new();
	return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	canon_free(*state);
	return 0;
}

static void
start(struct canon *c)
{
	static const char *const values[CANON_FIELDS] = { NULL };
	static const size_t lengths[CANON_FIELDS] = { 0 };

	canon_header(c, values, lengths);
}

static void
fields(struct canon *c, const char *const values[CANON_FIELDS])
{
	size_t lengths[CANON_FIELDS] = { 0 };

	for (size_t i = 0; i < CANON_FIELDS; i++)
		if (values[i] != NULL)
			lengths[i] = strlen(values[i]);
	canon_header(c, values, lengths);
}

static void
body(struct canon *c, const char *text)
{
	canon_body(c, (const uint8_t *)text, strlen(text));
}

static void
field_names_stand_in_the_order_of_the_protocol(void **state)
{
	static const char *const names[] = { "From", "To", "Cc", "Reply-To",
		"Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
		"Content-Transfer-Encoding" };

	(void)state;
	for (size_t i = 0; i < CANON_FIELDS; i++)
		assert_string_equal(canon_field_names[i], names[i]);
}

/* The message of 3.4.5, its fields A and B as From and To. */
static void
example_of_the_rfc_has_its_canonical_form(void **state)
{
	static const char *const values[CANON_FIELDS] = { " X",
		" Y\t\r\n\tZ  " };
	char expected[44], seen[44];

	fields(*state, values);
	body(*state, " C \r\nD \t E\r\n\r\n\r\n");
	canon_end(*state, seen);
	digest_text(expected,
	    "from:X\r\nto:Y Z\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
	    " C\r\nD E\r\n");
	assert_string_equal(seen, expected);
}

static void
all_ten_fields_count_in_their_order(void **state)
{
	static const char *const values[CANON_FIELDS] = { "f", "t", "c", "r",
		"s", "d", "m", "v", "y", "e" };
	char expected[44], seen[44];

	fields(*state, values);
	canon_end(*state, seen);
	digest_text(expected,
	    "from:f\r\nto:t\r\ncc:c\r\nreply-to:r\r\nsubject:s\r\ndate:d\r\n"
	    "message-id:m\r\nmime-version:v\r\ncontent-type:y\r\n"
	    "content-transfer-encoding:e\r\n\r\n");
	assert_string_equal(seen, expected);
}

static void
field_values_are_unfolded_and_blanks_made_one(void **state)
{
	static const struct {
		const char *value, *canonical;
	} rows[] = {
		{ "a", "a" },
		{ " a", "a" },
		{ "a b", "a b" },
		{ " \t a \t  b \t", "a b" },
		{ "a\r\n b", "a b" },
		{ "a\n\tb", "a b" },
		{ " a \r\n \r\n b\r\n", "a b" },
		{ "", "" },
		{ " ", "" },
		{ " \r\n ", "" },
		{ "a  ", "a" },
		{ "a:  b;c", "a: b;c" },
		{ "\xc3\xbc  \x80", "\xc3\xbc \x80" },
		{ "a b c d e", "a b c d e" },
	};
	char expected[44], seen[44], canonical[200];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *values[CANON_FIELDS] = { NULL };

		values[4] = rows[i].value;
		fields(*state, values);
		canon_end(*state, seen);
		strcpy(canonical, "\r\n\r\n\r\n\r\nsubject:");
		strcat(canonical, rows[i].canonical);
		strcat(canonical, "\r\n\r\n\r\n\r\n\r\n\r\n\r\n");
		digest_text(expected, canonical);
		if (strcmp(seen, expected) != 0)
			fail_msg("'%s' is not '%s'", rows[i].value,
			    rows[i].canonical);
	}
}

static void
absent_field_is_not_an_empty_one(void **state)
{
	static const char *const values[CANON_FIELDS] = { [2] = "" };
	char absent[44], empty[44];

	start(*state);
	canon_end(*state, absent);
	fields(*state, values);
	canon_end(*state, empty);
	assert_string_not_equal(absent, empty);
}

static const struct {
	const char *body, *canonical;
} bodies[] = {
	{ "", "" },
	{ "\r\n", "" },
	{ "\r\n\r\n\r\n", "" },
	{ " ", "" },
	{ " \t\r\n\t\r\n", "" },
	{ "a", "a\r\n" },
	{ "a\r\n", "a\r\n" },
	{ "a\r\n\r\n", "a\r\n" },
	{ "a \r\n \r\n", "a\r\n" },
	{ "a\r\n\r\nb", "a\r\n\r\nb\r\n" },
	{ "\r\n\r\na\r\n", "\r\n\r\na\r\n" },
	{ "a\r\n  \r\n\t\r\nb\r\n", "a\r\n\r\n\r\nb\r\n" },
	{ "  a", " a\r\n" },
	{ "\ta\t\tb\t \r\n", " a b\r\n" },
	{ "a b c\r\n", "a b c\r\n" },
	{ "a  b", "a b\r\n" },
	{ "a ", "a\r\n" },
	/* bare LF is a line's end, bare CR an octet */
	{ "a\nb\n\n", "a\r\nb\r\n" },
	{ "a \n b", "a\r\n b\r\n" },
	{ "a\rb\r\n", "a\rb\r\n" },
	{ "a\r\r\nb", "a\r\r\nb\r\n" },
	{ "a\r", "a\r\r\n" },
	{ "a \r b", "a \r b\r\n" },
	{ "\r", "\r\r\n" },
	{ "a\n\r", "a\r\n\r\r\n" },
};

static void
body_takes_the_relaxed_form(void **state)
{
	char expected[44], seen[44], canonical[200];

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		start(*state);
		body(*state, bodies[i].body);
		canon_end(*state, seen);
		strcpy(canonical, NO_FIELDS "\r\n");
		strcat(canonical, bodies[i].canonical);
		digest_text(expected, canonical);
		if (strcmp(seen, expected) != 0)
			fail_msg(
			    "body %zu is not '%s'", i, bodies[i].canonical);
	}
}

static void
body_cut_anywhere_gives_the_same_digest(void **state)
{
	char whole[44], cut[44];

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const char *text = bodies[i].body;
		size_t n = strlen(text);

		start(*state);
		body(*state, text);
		canon_end(*state, whole);
		for (size_t a = 0; a <= n; a++) {
			for (size_t b = a; b <= n; b++) {
				const uint8_t *p = (const uint8_t *)text;

				start(*state);
				canon_body(*state, p, a);
				canon_body(*state, p + a, b - a);
				canon_body(*state, p + b, n - b);
				canon_end(*state, cut);
				if (strcmp(cut, whole) != 0)
					fail_msg("body %zu cut at %zu and %zu",
					    i, a, b);
			}
		}
	}
}

/* Longer than any buffer within, lines longer than it, and NUL octets. */
static void
large_body_is_digested_whole(void **state)
{
	enum { SIZE = 100000 };
	char *text = malloc(SIZE + 100), *canonical = malloc(SIZE + 100);
	char expected[44], seen[44];
	size_t head = strlen(NO_FIELDS "\r\n");

	memcpy(canonical, NO_FIELDS "\r\n", head);
	for (size_t i = 0; i < SIZE; i++)
		text[i] = (char)(i % 7919 == 0 ? 0 : 'a' + i % 26);
	memcpy(text + SIZE / 2, "\r\n", 2);
	memcpy(text + SIZE - 2, "\r\n", 2);
	memcpy(canonical + head, text, SIZE);
	digest_of(expected, canonical, head + SIZE);
	start(*state);
	canon_body(*state, (const uint8_t *)text, SIZE);
	canon_end(*state, seen);
	assert_string_equal(seen, expected);
	free(text);
	free(canonical);
}

/* An MTA may end a connection at any point of a message. */
static void
reset_forgets_what_was_begun(void **state)
{
	char expected[44], seen[44];

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		static const char *const values[CANON_FIELDS] = { "x" };

		fields(*state, values);
		body(*state, bodies[i].body);
		canon_reset(*state);
		start(*state);
		body(*state, "a\r\n");
		canon_end(*state, seen);
		digest_text(expected, NO_FIELDS "\r\na\r\n");
		assert_string_equal(seen, expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    field_names_stand_in_the_order_of_the_protocol),
		cmocka_unit_test(example_of_the_rfc_has_its_canonical_form),
		cmocka_unit_test(all_ten_fields_count_in_their_order),
		cmocka_unit_test(field_values_are_unfolded_and_blanks_made_one),
		cmocka_unit_test(absent_field_is_not_an_empty_one),
		cmocka_unit_test(body_takes_the_relaxed_form),
		cmocka_unit_test(body_cut_anywhere_gives_the_same_digest),
		cmocka_unit_test(large_body_is_digested_whole),
		cmocka_unit_test(reset_forgets_what_was_begun),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
