/* Lines of the log as entries of systemd's journal, octet for octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/journal.h"

#define HEAD                                                     \
	"PRIORITY=6\nSYSLOG_IDENTIFIER=signerd\nDNSMAIL_DAEMON=" \
	"signerd\nMESSAGE="

static char buf[8192];

static const char *
entry(const char *text)
{
	buf[journal_entry(buf, sizeof(buf) - 1, "signerd", 6, text)] = '\0';
	return buf;
}

static void
words_at_the_beginning_are_fields(void **state)
{
	(void)state;
	assert_string_equal(entry("queue=4bK action=signed id=kq3 ms=3"),
	    HEAD "queue=4bK action=signed id=kq3 ms=3\n"
		 "DNSMAIL_QUEUE=4bK\nDNSMAIL_ACTION=signed\n"
		 "DNSMAIL_ID=kq3\nDNSMAIL_MS=3\n");
	assert_string_equal(
	    entry("action=recall-over looked-at=7 to=a@b.c to=d@e.f"),
	    HEAD "action=recall-over looked-at=7 to=a@b.c to=d@e.f\n"
		 "DNSMAIL_ACTION=recall-over\nDNSMAIL_LOOKED_AT=7\n"
		 "DNSMAIL_TO=a@b.c\nDNSMAIL_TO=d@e.f\n");
}

static void
a_sentence_has_no_fields(void **state)
{
	static const char *const lines[] = { "version 0.1.0 is ready",
		"/etc/x.conf:3: milter = wrong", "a peer said queue=4bK",
		"request refused: why domain=domain.com", "", "=", "=x", "A=b",
		"ab_c=d" };
	char want[512];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		strcpy(want, HEAD);
		strcat(strcat(want, lines[i]), "\n");
		assert_string_equal(entry(lines[i]), want);
	}
}

static void
words_end_where_a_sentence_begins(void **state)
{
	(void)state;
	assert_string_equal(entry("queue=4bK put off: from=x"),
	    HEAD "queue=4bK put off: from=x\nDNSMAIL_QUEUE=4bK\n");
	assert_string_equal(entry("action=x ms=3: not all: to=d"),
	    HEAD "action=x ms=3: not all: to=d\nDNSMAIL_ACTION=x\n"
		 "DNSMAIL_MS=3\n");
}

static void
an_empty_value_is_a_field(void **state)
{
	(void)state;
	assert_string_equal(entry("queue= via=a=b "),
	    HEAD "queue= via=a=b \nDNSMAIL_QUEUE=\nDNSMAIL_VIA=a=b\n");
}

/* The length is 64 bits, the lowest octet first. */
static void
a_newline_makes_the_binary_form(void **state)
{
	static const char want[] =
	    "PRIORITY=4\nSYSLOG_IDENTIFIER=p\nDNSMAIL_DAEMON=p\n"
	    "MESSAGE\n\7\0\0\0\0\0\0\0one\ntwo\n";
	size_t n;

	(void)state;
	n = journal_entry(buf, sizeof(buf), "p", 4, "one\ntwo");
	assert_int_equal(n, sizeof(want) - 1);
	assert_memory_equal(buf, want, n);
}

static void
eight_bits_stay_as_they_are(void **state)
{
	(void)state;
	assert_string_equal(entry("queue=\xc3\xa9\xff"),
	    HEAD "queue=\xc3\xa9\xff\nDNSMAIL_QUEUE=\xc3\xa9\xff\n");
}

/* Whatever the size, no octet behind it, and only whole fields. */
static void
what_has_no_room_is_left_out(void **state)
{
	static const char text[] = "queue=4bK action=signed id=kq3";

	(void)state;
	for (size_t size = 0; size < 200; size++) {
		char *small = malloc(size + 1);
		size_t n = journal_entry(small, size, "signerd", 6, text);

		assert_true(n <= size);
		assert_true(n == 0 || small[n - 1] == '\n');
		free(small);
	}
}

static void
a_key_that_is_too_long_is_none(void **state)
{
	char text[64];

	(void)state;
	memset(text, 'a', 33);
	strcpy(text + 33, "=x");
	assert_null(strstr(entry(text), "DNSMAIL_AA"));
	assert_non_null(strstr(entry(text + 1), "\nDNSMAIL_AA"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_at_the_beginning_are_fields),
		cmocka_unit_test(a_sentence_has_no_fields),
		cmocka_unit_test(words_end_where_a_sentence_begins),
		cmocka_unit_test(an_empty_value_is_a_field),
		cmocka_unit_test(a_newline_makes_the_binary_form),
		cmocka_unit_test(eight_bits_stay_as_they_are),
		cmocka_unit_test(what_has_no_room_is_left_out),
		cmocka_unit_test(a_key_that_is_too_long_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
