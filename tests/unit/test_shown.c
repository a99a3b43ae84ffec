/* Answers to TXT questions, written by hand from RFC 1035. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "publishd/shown.h"

static uint8_t msg[4096];
static size_t len;
static struct dns_name owner;

static void
put(const char *bytes, size_t n)
{
	assert_true(len + n <= sizeof(msg));
	memcpy(msg + len, bytes, n);
	len += n;
}
#define PUT(literal) put(literal, sizeof(literal) - 1)

/* Question id.test TXT at offset 12, no records yet. */
static void
begin(void)
{
	len = 0;
	PUT("\0\1\x84\0\0\1\0\0\0\0\0\0");
	PUT("\2id\4test\0\0\x10\0\1");
	assert_int_equal(dns_name_parse(&owner, "ID.test"), 0);
}

/* A TXT record at a name of one pointer, or another name, type and class. */
static void
record(const char *name, size_t name_len, const char *type_class,
    const char *strings, size_t n)
{
	put(name, name_len);
	put(type_class, 4);
	PUT("\0\0\0\x3c");
	msg[len++] = (uint8_t)(n >> 8);
	msg[len++] = (uint8_t)n;
	put(strings, n);
	msg[7]++;
}
#define TXT(strings) \
	record("\xc0\x0c", 2, "\0\x10\0\1", strings, sizeof(strings) - 1)

static bool
shows(const char *a, const char *b)
{
	struct publish_record records[] = {
		{ .owner = "id.test", .text = a, .text_len = strlen(a) },
		{ .owner = "id.test",
		    .text = b != NULL ? b : "",
		    .text_len = b != NULL ? strlen(b) : 0 },
	};

	return shown_all(msg, len, &owner, records, b != NULL ? 2 : 1);
}

static void
a_record_that_is_there_is_shown(void **state)
{
	(void)state;
	begin();
	TXT("\3abc");
	assert_true(shows("abc", NULL));
	assert_false(shows("abd", NULL));
	assert_false(shows("ab", NULL));
}

static void
all_records_must_be_there_in_any_order(void **state)
{
	(void)state;
	begin();
	TXT("\3two");
	assert_false(shows("one", "two"));
	TXT("\5other");
	TXT("\3one");
	assert_true(shows("one", "two"));
}

static void
a_record_shown_twice_counts_once(void **state)
{
	(void)state;
	begin();
	TXT("\3one");
	TXT("\3one");
	assert_false(shows("one", "two"));
}

static void
strings_are_joined_with_nothing_between(void **state)
{
	(void)state;
	begin();
	TXT("\2on\0\1e");
	assert_true(shows("one", NULL));
}

static void
other_names_types_and_classes_do_not_count(void **state)
{
	(void)state;
	begin();
	record("\2xx\4test\0", 9, "\0\x10\0\1", "\3one", 4);
	record("\xc0\x0c", 2, "\0\x63\0\1", "\3one", 4);
	record("\xc0\x0c", 2, "\0\x10\0\3", "\3one", 4);
	assert_false(shows("one", NULL));
	TXT("\3one");
	assert_true(shows("one", NULL));
}

static void
truncated_answer_shows_nothing_at_every_length(void **state)
{
	size_t whole;

	(void)state;
	begin();
	TXT("\3one");
	TXT("\3two");
	whole = len;
	assert_true(shows("one", "two"));
	for (len = 0; len < whole; len++)
		assert_false(shows("one", "two"));
}

static void
the_longest_text_of_ours_is_compared_whole(void **state)
{
	static char text[PUBLISH_TEXT_MAX + 1], strings[PUBLISH_TEXT_MAX + 9];
	size_t n = 0;

	(void)state;
	memset(text, 'x', PUBLISH_TEXT_MAX);
	for (size_t at = 0; at < PUBLISH_TEXT_MAX; at += 255) {
		size_t piece = PUBLISH_TEXT_MAX - at;

		piece = piece < 255 ? piece : 255;
		strings[n++] = (char)piece;
		memcpy(strings + n, text + at, piece);
		n += piece;
	}
	begin();
	record("\xc0\x0c", 2, "\0\x10\0\1", strings, n);
	assert_true(shows(text, NULL));
	text[PUBLISH_TEXT_MAX - 1] = 'y';
	assert_false(shows(text, NULL));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_record_that_is_there_is_shown),
	cmocka_unit_test(all_records_must_be_there_in_any_order),
	cmocka_unit_test(a_record_shown_twice_counts_once),
	cmocka_unit_test(strings_are_joined_with_nothing_between),
	cmocka_unit_test(other_names_types_and_classes_do_not_count),
	cmocka_unit_test(truncated_answer_shows_nothing_at_every_length),
	cmocka_unit_test(the_longest_text_of_ours_is_compared_whole),
};

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
