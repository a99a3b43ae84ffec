/*
 * UPDATE messages octet for octet, as RFC 2136 (form, 2.4-2.5), RFC 1035
 * (names, character-strings) say: nothing here was copied from an output.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "publishd/update_build.h"

static uint8_t msg[UPDATE_MAX];

static struct update_change
change(enum publish_op op, const char *text, size_t len)
{
	return (struct update_change){ .op = op,
		.ttl = 60,
		.owner = "id.example.test",
		.text = text,
		.text_len = len };
}

/* Header: ID, opcode 5 in bits 1-4 of octet 2, ZOCOUNT 1, UPCOUNT n. */
#define HEADER(n) "\x12\x34\x28\x00\x00\x01\x00\x00\x00" n "\x00\x00"
#define ZONE      "\7example\4test\0\0\6\0\1" /* ZTYPE SOA, ZCLASS IN */
#define OWNER     "\2id\7example\4test\0"

#define assert_message(expected, len)                                     \
	do {                                                              \
		assert_int_equal(len, sizeof(expected) - 1);              \
		assert_memory_equal(msg, expected, sizeof(expected) - 1); \
	} while (0)

static void
an_add_is_the_record_itself(void **state)
{
	struct update_change c = change(PUB_ADD, "abc", 3);
	size_t len =
	    update_build(msg, sizeof(msg), 0x1234, "example.test", &c, 1);

	(void)state;
	assert_message(
	    HEADER("\1") ZONE OWNER "\0\x10\0\1\0\0\0\x3c\0\4\3abc", len);
}

static void
a_removal_names_one_exact_record(void **state)
{
	struct update_change c = change(PUB_REMOVE, "abc", 3);
	size_t len =
	    update_build(msg, sizeof(msg), 0x1234, "example.test", &c, 1);

	(void)state;
	/* RFC 2136 2.5.4: class NONE, TTL 0, with rdata. */
	assert_message(
	    HEADER("\1") ZONE OWNER "\0\x10\0\xfe\0\0\0\0\0\4\3abc", len);
}

/* Nothing but the very strings in the zone is that record. */
static void
a_removal_names_the_strings_as_their_maker_split_them(void **state)
{
	static const uint8_t lengths[] = { 1, 0, 2 };
	struct update_change c = change(PUB_REMOVE, "abc", 3);
	size_t len;

	(void)state;
	c.lengths = lengths;
	c.n_lengths = sizeof(lengths);
	len = update_build(msg, sizeof(msg), 0x1234, "example.test", &c, 1);
	assert_message(
	    HEADER("\1") ZONE OWNER "\0\x10\0\xfe\0\0\0\0\0\6\1a\0\2bc", len);
}

static void
changes_keep_their_order(void **state)
{
	struct update_change c[] = {
		change(PUB_ADD, "a", 1),
		change(PUB_ADD, "b", 1),
		change(PUB_REMOVE, "c", 1),
	};
	size_t len =
	    update_build(msg, sizeof(msg), 0x1234, "example.test", c, 3);

	(void)state;
	assert_message(HEADER("\3") ZONE OWNER
	    "\0\x10\0\1\0\0\0\x3c\0\2\1a" OWNER
	    "\0\x10\0\1\0\0\0\x3c\0\2\1b" OWNER "\0\x10\0\xfe\0\0\0\0\0\2\1c",
	    len);
}

static void
any_octets_pass_unchanged(void **state)
{
	static const char odd[] = "\"q\\\0;\377\303\274\\009$(x)";
	struct update_change c = change(PUB_ADD, odd, sizeof(odd) - 1);
	size_t len = update_build(msg, sizeof(msg), 1, "example.test", &c, 1);

	(void)state;
	assert_true(len > sizeof(odd));
	assert_int_equal(msg[len - sizeof(odd)], sizeof(odd) - 1);
	assert_memory_equal(
	    msg + len - (sizeof(odd) - 1), odd, sizeof(odd) - 1);
}

/* Length octets and text of the rdata at the end of msg[len]. */
static void
assert_strings(size_t len, const char *text, size_t n)
{
	size_t strings = n == 0 ? 1 : (n + 254) / 255;
	const uint8_t *p = msg + len - n - strings;

	assert_int_equal(p[-2] << 8 | p[-1], n + strings);
	do {
		size_t piece = n < 255 ? n : 255;

		assert_int_equal(*p, piece);
		assert_memory_equal(p + 1, text, piece);
		p += 1 + piece;
		text += piece;
		n -= piece;
	} while (n > 0);
	assert_ptr_equal(p, msg + len);
}

static void
text_is_split_at_255_octets_at_every_length(void **state)
{
	static char text[PUBLISH_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	for (size_t n = 0; n <= sizeof(text); n++) {
		struct update_change c = change(PUB_ADD, text, n);
		size_t len =
		    update_build(msg, sizeof(msg), 1, "example.test", &c, 1);

		assert_int_equal(len,
		    sizeof(HEADER("\1") ZONE) - 1 + update_change_octets(&c));
		assert_strings(len, text, n);
	}
}

static void
what_does_not_fit_is_refused_at_every_size(void **state)
{
	static uint8_t exact[200];
	struct update_change c = change(PUB_ADD, "abc", 3);
	size_t len = update_build(msg, sizeof(msg), 1, "example.test", &c, 1);

	(void)state;
	assert_in_range(len, 1, sizeof(exact));
	for (size_t size = 0; size < len; size++)
		assert_int_equal(
		    update_build(exact, size, 1, "example.test", &c, 1), 0);
	assert_int_equal(
	    update_build(exact, len, 1, "example.test", &c, 1), len);
}

static void
sixty_thousand_octets_of_changes_fit_one_message(void **state)
{
	static char text[255];
	static struct update_change c[UPDATE_CHANGES_MAX / 255];
	size_t n = 0, octets = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	do {
		c[n] = change(PUB_ADD, text, sizeof(text));
		octets += update_change_octets(&c[n]);
	} while (octets <= UPDATE_CHANGES_MAX && ++n);
	assert_true(n > 200);
	assert_true(
	    update_build(msg, sizeof(msg), 1, "example.test", c, n) > 59000);
}

static void
a_name_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = { "a..example.test",
		"12345678901234567890123456789012345678901234567890123456789012"
		"34"
		".example.test" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct update_change c = change(PUB_ADD, "abc", 3);

		c.owner = bad[i];
		assert_int_equal(
		    update_build(msg, sizeof(msg), 1, "example.test", &c, 1),
		    0);
		c.owner = "id.example.test";
		assert_int_equal(
		    update_build(msg, sizeof(msg), 1, bad[i], &c, 1), 0);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(an_add_is_the_record_itself),
	cmocka_unit_test(a_removal_names_one_exact_record),
	cmocka_unit_test(a_removal_names_the_strings_as_their_maker_split_them),
	cmocka_unit_test(changes_keep_their_order),
	cmocka_unit_test(any_octets_pass_unchanged),
	cmocka_unit_test(text_is_split_at_255_octets_at_every_length),
	cmocka_unit_test(what_does_not_fit_is_refused_at_every_size),
	cmocka_unit_test(sixty_thousand_octets_of_changes_fit_one_message),
	cmocka_unit_test(a_name_that_is_none_is_refused),
};

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
