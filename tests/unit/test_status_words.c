/* The table and the one line, and how numbers and foreign texts are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "admin/status.h"
#include "admin/status_text.h"

static char printed[8192];

/* What it writes to standard output, in `printed`. */
static void
print(void (*form)(const struct status *, size_t), const struct status *s,
    size_t n)
{
	FILE *f = tmpfile();
	int saved = dup(STDOUT_FILENO);
	size_t len;

	assert_non_null(f);
	fflush(stdout);
	dup2(fileno(f), STDOUT_FILENO);
	form(s, n);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(f);
	len = fread(printed, 1, sizeof(printed) - 1, f);
	printed[len] = '\0';
	fclose(f);
}

static void
spans_are_of_two_units_and_waits_of_one(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} spans[] = {
		{ 0, "0s" },
		{ 59, "59s" },
		{ 60, "1m 0s" },
		{ 3599, "59m 59s" },
		{ 3600, "1h 0m" },
		{ 86399, "23h 59m" },
		{ 86400, "1d 0h" },
		{ 273600, "3d 4h" },
	};
	static const struct {
		double seconds;
		const char *text;
	} waits[] = {
		{ 0.000016, "16us" },
		{ 0.000999, "999us" },
		{ 0.001024, "1.0ms" },
		{ 0.5, "500.0ms" },
		{ 1, "1.0s" },
		{ 134.2, "134.2s" },
	};
	char buf[STATUS_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		assert_string_equal(
		    status_text_span(buf, spans[i].seconds), spans[i].text);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
		assert_string_equal(
		    status_text_wait(buf, waits[i].seconds), waits[i].text);
}

static void
a_foreign_text_is_one_line_of_printable_ascii_and_cut(void **state)
{
	char buf[8];

	(void)state;
	assert_string_equal(
	    status_text_safe(buf, sizeof(buf), "a\033[\n\x9b\x7f~"), "a?[???~");
	assert_string_equal(
	    status_text_safe(buf, sizeof(buf), "0123456789"), "0123456");
	assert_string_equal(status_text_safe(buf, sizeof(buf), ""), "");
}

/* ---- the line: a monitoring system reads up to "|" and the first line end */

static struct status
daemon_of(const char *name, const char *last_error)
{
	struct status s = { .daemon = name };

	snprintf(s.msg.last_error, sizeof(s.msg.last_error), "%s", last_error);
	s.state = last_error[0] != '\0' ? STATUS_DEGRADED : STATUS_UP;
	return s;
}

static void
the_line_says_the_worst_and_what_each_one_is(void **state)
{
	struct status s[3] = { daemon_of("signerd", ""),
		daemon_of("publishd", "a|b\nc"), { .daemon = "verifyd" } };

	(void)state;
	print(status_brief_print, s, 1);
	assert_string_equal(printed, "DNSMAIL OK - signerd up\n");
	print(status_brief_print, s, 2);
	assert_string_equal(printed,
	    "DNSMAIL WARNING - signerd up, publishd degraded (a/b?c)\n");
	status_fail(&s[2], REASON_FORBIDDEN, "no");
	print(status_brief_print, s, 3);
	assert_string_equal(printed,
	    "DNSMAIL UNKNOWN - signerd up, publishd degraded (a/b?c), "
	    "verifyd unknown (no)\n");
	status_fail(&s[0], REASON_SILENT, NULL);
	print(status_brief_print, s, 3);
	assert_string_equal(printed,
	    "DNSMAIL CRITICAL - signerd down (does not answer within 2 s), "
	    "publishd degraded (a/b?c), verifyd unknown (no)\n");
}

static void
exit_codes_are_those_of_plug_ins_and_down_is_worse_than_unknown(void **state)
{
	static const struct {
		enum status_state a, b;
		int code;
	} rows[] = {
		{ STATUS_UP, STATUS_UP, 0 },
		{ STATUS_UP, STATUS_DEGRADED, 1 },
		{ STATUS_DEGRADED, STATUS_DOWN, 2 },
		{ STATUS_DEGRADED, STATUS_UNKNOWN, 3 },
		{ STATUS_UNKNOWN, STATUS_DOWN, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct status s[2] = { { .state = rows[i].a },
			{ .state = rows[i].b } };

		assert_int_equal(status_exit_code(s, 2), rows[i].code);
		s[0].state = rows[i].b;
		s[1].state = rows[i].a;
		assert_int_equal(status_exit_code(s, 2), rows[i].code);
	}
	assert_int_equal(status_exit_code(NULL, 0), 0);
}

/* ---- the table ---- */

static void
who_is_silent_has_since_when_what_it_means_and_what_to_do(void **state)
{
	struct status s = { .daemon = "reaperd", .since = 1795705958 };

	(void)state;
	status_fail(&s, REASON_ABSENT, NULL);
	print(status_table_print, &s, 1);
	assert_string_equal(printed,
	    "reaperd    down: does not run: it has no status socket\n"
	    "    since        2026-11-26 15:12:38\n"
	    "    meanwhile    expired records stay; no mail waits for it\n"
	    "    what to do   systemctl start reaperd; why it ended: "
	    "journalctl -u reaperd\n");
}

/* No reason, and no daemon, is without words. */
static void
every_reason_says_why_and_what_to_do(void **state)
{
	char remedy[256];

	(void)state;
	for (int r = REASON_NONE + 1; r < REASON__COUNT; r++) {
		struct status s = { .daemon = "verifyd" };

		status_fail(&s, (enum status_reason)r, NULL);
		assert_true(
		    s.state == STATUS_DOWN || s.state == STATUS_UNKNOWN);
		assert_true(strlen(s.why) > 0);
		status_remedy(remedy, sizeof(remedy), &s);
		assert_true(strlen(remedy) > 0);
		assert_null(strchr(remedy, '%'));
		assert_true((strlen(status_meanwhile(&s)) > 0) ==
		    (s.state == STATUS_DOWN));
		assert_string_equal(status_remedy(remedy, 1, &s), "");
		status_remedy(remedy, 12, &s);
		assert_true(strlen(remedy) <= 11);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_of_two_units_and_waits_of_one),
		cmocka_unit_test(
		    a_foreign_text_is_one_line_of_printable_ascii_and_cut),
		cmocka_unit_test(the_line_says_the_worst_and_what_each_one_is),
		cmocka_unit_test(
		    exit_codes_are_those_of_plug_ins_and_down_is_worse_than_unknown),
		cmocka_unit_test(
		    who_is_silent_has_since_when_what_it_means_and_what_to_do),
		cmocka_unit_test(every_reason_says_why_and_what_to_do),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
