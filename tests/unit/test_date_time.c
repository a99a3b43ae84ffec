/* RFC 5322 dates; the expected seconds were computed with date(1). */
#include "common/date_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
date_is_read_in_every_form_of_the_rfc(void **state)
{
	static const struct {
		const char *text;
		time_t seconds;
	} rows[] = {
		/* RFC 5322 appendix A */
		{ "Fri, 21 Nov 1997 09:55:06 -0600", 880127706 },
		{ "Tue, 1 Jul 2003 10:52:37 +0200", 1057049557 },
		{ "Thu, 13 Feb 1969 23:32:54 -0330", -27723426 },
		{ "21 Nov 97 09:55:06 GMT", 880106106 },
		{ "Fri, 21 Nov 1997 09(comment):   55  :  06 -0600",
		    880127706 },
		{ "Thu,\r\n\t13\r\n\t  Feb\r\n\t    1969\r\n\t23:32\r\n\t"
		  "\t\t-0330 (Newfoundland Time)",
		    -27723480 },
		/* zones, missing parts, case, two- and three-digit years */
		{ "Fri, 21 Nov 1997 09:55:06 +0000", 880106106 },
		{ "Fri, 21 Nov 1997 09:55 +0000", 880106100 },
		{ "21 nov 1997 09:55:06 ut", 880106106 },
		{ "FRI, 21 NOV 1997 09:55:06 CST", 880127706 },
		{ "21 Nov 1997 09:55:06 EDT", 880120506 },
		{ "21 Nov 1997 09:55:06 PST", 880134906 },
		{ "21 Nov 1997 09:55:06 Z", 880106106 },
		{ "21 Nov 1997 09:55:06 a", 880106106 },
		{ "21 Nov 1997 09:55:06 MESZ", 880106106 },
		{ "21 Nov 097 09:55:06 GMT", 880106106 },
		{ "1 Jan 00 00:00:00 GMT", 946684800 },
		{ "1 Jan 49 00:00:00 GMT", 2493072000 },
		{ "1 Jan 50 00:00:00 GMT", -631152000 },
		{ "01 Jan 1970 00:00:00 +0000", 0 },
		{ "29 Feb 2000 12:00:00 +0000", 951825600 },
		{ "29 Feb 2024 12:00:00 +0000", 1709208000 },
		{ "31 Dec 2016 23:59:60 +0000", 1483228800 },
		{ "31 Dec 9999 23:59:59 +0000", 253402300799 },
		{ "1 Jan 1900 00:00:00 +0000", -2208988800 },
		/* the day of the week is not compared */
		{ "Mon, 21 Nov 1997 09:55:06 -0600", 880127706 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		time_t t = -1;

		if (!date_time_parse(rows[i].text, strlen(rows[i].text), &t) ||
		    t != rows[i].seconds)
			fail_msg("'%s': expected %lld, saw %lld", rows[i].text,
			    (long long)rows[i].seconds, (long long)t);
	}
}

static void
what_is_no_date_is_refused(void **state)
{
	static const char *const rows[] = { "", "now", "Fri",
		"Fri 21 Nov 1997 09:55:06 -0600",
		"Foo, 21 Nov 1997 09:55:06 -0600",
		", 21 Nov 1997 09:55:06 -0600", "21 Nov 1997", "Nov 21 1997",
		"21 Nov 1997 09:55:06", "21 Nov 1997 09 -0600",
		"21 Foo 1997 09:55:06 -0600", "21 11 1997 09:55:06 -0600",
		"0 Nov 1997 09:55:06 -0600", "31 Nov 1997 09:55:06 -0600",
		"29 Feb 2023 09:55:06 -0600", "29 Feb 1900 09:55:06 -0600",
		"211 Nov 1997 09:55:06 -0600", "21 Nov 19970 09:55:06 -0600",
		"21 Nov 1899 09:55:06 -0600", "21 Nov 7 09:55:06 -0600",
		"21 Nov 1997 24:00:00 -0600", "21 Nov 1997 09:60:00 -0600",
		"21 Nov 1997 09:55:61 -0600", "21 Nov 1997 9:55:06 -0600",
		"21 Nov 1997 09:55: -0600", "21 Nov 1997 09:55:06 0600",
		"21 Nov 1997 09:55:06 -060", "21 Nov 1997 09:55:06 -06000",
		"21 Nov 1997 09:55:06 -0660", "21 Nov 1997 09:55:06 - 0600",
		"21 Nov 1997 09:55:06 J", "21 Nov 1997 09:55:06 ABCDEF",
		"21 Nov 1997 09:55:06 -0600 x",
		"21 Nov 1997 09:55:06 -0600*bind=x",
		"21 Nov 1997 09:55:06 -0600 (", "-21 Nov 1997 09:55:06 -0600",
		"21 Nov -1997 09:55:06 -0600", "1997-11-21T09:55:06Z",
		"880127706",
		/* out of the years in UTC only: found by fuzzing */
		"31 Dec 9999 23:59:59 -2359", "31 Dec 9999 23:59:60 +0000",
		"1 Jan 1900 00:00:00 +0001" };
	time_t t;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (date_time_parse(rows[i], strlen(rows[i]), &t))
			fail_msg("'%s' was read as a date", rows[i]);
}

/* "+0000" cut short is no zone; nothing is read past the length. */
static void
truncated_date_is_refused_at_every_length(void **state)
{
	static const char text[] = "Tue, 24 Nov 2026 04:10:40 +0000";
	time_t t;

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *copy = malloc(n > 0 ? n : 1);

		memcpy(copy, text, n);
		assert_false(date_time_parse(copy, n, &t));
		free(copy);
	}
}

static void
date_is_written_in_utc(void **state)
{
	static const struct {
		time_t seconds;
		const char *text;
	} rows[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 +0000" },
		{ -1, "Wed, 31 Dec 1969 23:59:59 +0000" },
		{ 880127706, "Fri, 21 Nov 1997 15:55:06 +0000" },
		{ 951825600, "Tue, 29 Feb 2000 12:00:00 +0000" },
		{ 4107542400, "Mon, 01 Mar 2100 00:00:00 +0000" },
		{ 253402300799, "Fri, 31 Dec 9999 23:59:59 +0000" },
	};
	char buf[DATE_TIME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = date_time_put(buf, rows[i].seconds);

		assert_string_equal(buf, rows[i].text);
		assert_int_equal(n, strlen(rows[i].text));
	}
}

/* Every 20 days or so through 300 years, against the C library. */
static void
writing_and_reading_agree_with_the_c_library(void **state)
{
	char buf[DATE_TIME_MAX], expected[DATE_TIME_MAX];

	(void)state;
	for (time_t t = -2208988800; t < 7258118400; t += 1728001) {
		struct tm tm;
		time_t back = 0;
		size_t n = date_time_put(buf, t);

		gmtime_r(&t, &tm);
		strftime(expected, sizeof(expected),
		    "%a, %d %b %Y %H:%M:%S +0000", &tm);
		assert_string_equal(buf, expected);
		assert_true(date_time_parse(buf, n, &back));
		assert_int_equal(back, t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(date_is_read_in_every_form_of_the_rfc),
		cmocka_unit_test(what_is_no_date_is_refused),
		cmocka_unit_test(truncated_date_is_refused_at_every_length),
		cmocka_unit_test(date_is_written_in_utc),
		cmocka_unit_test(writing_and_reading_agree_with_the_c_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
