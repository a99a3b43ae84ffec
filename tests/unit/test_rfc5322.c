/* What a comment, an atom and a quoted string are (RFC 5322 3.2). */
#include "common/rfc5322.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct rfc5322
cursor(const char *text)
{
	return (struct rfc5322){ .p = text, .end = text + strlen(text) };
}

static void
white_space_and_nested_comments_are_skipped(void **state)
{
	static const char *const values[] = {
		"x",
		" \t x",
		"\r\n\t x",
		"(c)x",
		" (a (b) (c (d))) (e)\n x",
		"(a\\)b\\(c)x",
		"(\"not a string)x",
		"((((((((((deep))))))))))x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct rfc5322 c = cursor(values[i]);

		if (!rfc5322_skip_cfws(&c) || *c.p != 'x')
			fail_msg("'%s': expected the cursor at x, saw '%s'",
			    values[i], c.p);
	}
}

static void
unclosed_comment_is_never_stepped_over(void **state)
{
	static const char *const values[] = { "(", "((x)", "(x\\)", "(\\",
		"(a(b(c)d)" };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct rfc5322 c = cursor(values[i]);

		assert_false(rfc5322_skip_cfws(&c));
		assert_ptr_equal(c.p, values[i]);
		assert_false(rfc5322_at_end(&c));
		assert_int_equal(rfc5322_dot_atom(&c), 0);
	}
}

static void
comment_nested_deeper_than_the_bound_is_refused(void **state)
{
	enum { MAX = RFC5322_COMMENT_DEPTH_MAX };
	char text[2 * (MAX + 1)];
	struct rfc5322 c = { .p = text };

	(void)state;
	memset(text, '(', MAX + 1);
	memset(text + MAX + 1, ')', MAX + 1);
	c.end = text + sizeof(text);
	assert_false(rfc5322_skip_cfws(&c));
	c.p = text + 1;
	c.end = text + sizeof(text) - 1;
	assert_true(rfc5322_at_end(&c));
}

/* 3.2.3 lists them; everything else of ASCII is no atext. */
static void
atext_is_what_the_rfc_lists(void **state)
{
	static const char listed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	    "!#$%&'*+-/=?^_`{|}~";

	(void)state;
	for (int ch = 0; ch < 256; ch++) {
		bool expected =
		    ch >= 0x80 || (ch != 0 && strchr(listed, ch) != NULL);

		if (rfc5322_is_atext((unsigned char)ch) != expected)
			fail_msg("octet %d: expected %d", ch, expected);
	}
}

static void
dot_atom_ends_before_a_dot_that_nothing_follows(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
		{ "a.b.c", 5 },
		{ "a", 1 },
		{ "a.", 1 },
		{ "a..b", 1 },
		{ ".a", 0 },
		{ "", 0 },
		{ "a b", 1 },
		{ "a.b@c", 3 },
		{ "a.\"b\"", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rfc5322 c = cursor(rows[i].text);
		size_t len = rfc5322_dot_atom(&c);

		if (len != rows[i].len || c.p != rows[i].text + len)
			fail_msg("'%s': expected %zu, saw %zu", rows[i].text,
			    rows[i].len, len);
	}
}

static void
quoted_string_gives_its_content(void **state)
{
	static const struct {
		const char *text, *content;
	} rows[] = {
		{ "\"\"", "" },
		{ "\"a b\"", "a b" },
		{ "\"a\\\"b\\\\c\"", "a\"b\\c" },
		{ "\"a\r\n b\"", "a b" },
		{ "\"(no comment)\"", "(no comment)" },
	};
	char buf[32];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rfc5322 c = cursor(rows[i].text);

		assert_true(rfc5322_quoted(&c, buf, sizeof(buf), &len));
		assert_string_equal(buf, rows[i].content);
		assert_int_equal(len, strlen(rows[i].content));
		assert_ptr_equal(c.p, c.end);
	}
}

static void
quoted_string_that_does_not_end_or_fit_is_refused_in_place(void **state)
{
	static const char *const values[] = { "\"", "\"a", "\"a\\\"", "\"\\",
		"a", "", "\"12345678\"" };
	char buf[8];

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct rfc5322 c = cursor(values[i]);

		assert_false(rfc5322_quoted(&c, buf, sizeof(buf), NULL));
		assert_ptr_equal(c.p, values[i]);
	}
	struct rfc5322 fits = cursor("\"1234567\"");
	assert_true(rfc5322_quoted(&fits, buf, sizeof(buf), NULL));
}

/* RFC 3629 section 4 and its security section: one form of each character. */
static void
eight_bit_octets_count_only_as_utf8(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
		{ "plain \t\r\n text", true }, { "b\xc3\xbc", true },
		{ "\xe2\x82\xac", true }, { "\xf0\x9f\x93\xa7", true },
		{ "\xc2\xa0", true }, { "\xef\xbf\xbd", true },
		{ "\xf4\x8f\xbf\xbf", true }, { "\x7f", false },
		{ "a\x01", false }, { "a\x1b[2J", false }, { "\x80", false },
		{ "\xc3", false }, { "\xc3(", false }, { "\xe2\x82", false },
		{ "\xf0\x9f\x93", false },
		{ "\xc0\xaf", false },         /* overlong "/" */
		{ "\xc1\x81", false },         /* overlong "A" */
		{ "\xe0\x9f\xbf", false },     /* overlong */
		{ "\xf0\x8f\xbf\xbf", false }, /* overlong */
		{ "\xed\xa0\x80", false },     /* surrogate */
		{ "\xf4\x90\x80\x80", false }, /* above U+10FFFF */
		{ "\xf8\x88\x80\x80\x80", false }, { "\xff", false },
		{ "\xc2\x85", false }, /* C1: next line */
		{ "\xc2\x9b", false }, /* C1: control sequence */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rfc5322_octets_valid(rows[i].text, strlen(rows[i].text)) !=
		    rows[i].valid)
			fail_msg("row %zu: expected %d", i, rows[i].valid);
	assert_false(rfc5322_octets_valid("a\0b", 3));
	assert_true(rfc5322_octets_valid("", 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(white_space_and_nested_comments_are_skipped),
		cmocka_unit_test(unclosed_comment_is_never_stepped_over),
		cmocka_unit_test(
		    comment_nested_deeper_than_the_bound_is_refused),
		cmocka_unit_test(atext_is_what_the_rfc_lists),
		cmocka_unit_test(
		    dot_atom_ends_before_a_dot_that_nothing_follows),
		cmocka_unit_test(quoted_string_gives_its_content),
		cmocka_unit_test(
		    quoted_string_that_does_not_end_or_fit_is_refused_in_place),
		cmocka_unit_test(eight_bit_octets_count_only_as_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
