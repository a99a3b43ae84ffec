/* The JSON of dnsmail-status, octet for octet; RFC 8259 for what is escaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "admin/status.h"

static char printed[8192];

/* What status_json_print() writes, in `printed`. */
static void
print(const struct status *s, size_t n)
{
	FILE *f = tmpfile();
	int saved = dup(STDOUT_FILENO);
	size_t len;

	assert_non_null(f);
	fflush(stdout);
	dup2(fileno(f), STDOUT_FILENO);
	status_json_print(s, n);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(f);
	len = fread(printed, 1, sizeof(printed) - 1, f);
	printed[len] = '\0';
	fclose(f);
}

static void
nobody_is_an_empty_object(void **state)
{
	(void)state;
	print(NULL, 0);
	assert_string_equal(printed, "{}\n");
}

static void
who_is_down_or_unknown_has_a_reason(void **state)
{
	struct status s[2] = {
		{ .daemon = "signerd", .since = 1795705958 },
		{ .daemon = "verifyd" },
	};

	(void)state;
	status_fail(&s[0], REASON_SILENT, "gone");
	status_fail(&s[1], REASON_FORBIDDEN, "no");
	print(s, 2);
	assert_string_equal(printed,
	    "{\"signerd\": {\"state\": \"down\", \"reason\": \"gone\", "
	    "\"since\": 1795705958, \"remedy\": \"it is stopped or stuck: "
	    "systemctl restart signerd\"},\n"
	    " \"verifyd\": {\"state\": \"unknown\", \"reason\": \"no\", "
	    "\"remedy\": \"ask as root, or as a member of the group that the "
	    "option group names\"}}\n");
}

/* Two waits of 1 ms: their bucket ends at 16 us * 2^(24/4) = 1.024 ms. */
static void
who_is_up_shows_its_metrics(void **state)
{
	static const struct metric_row rows[] = {
		{ "done", METRIC_COUNTER, "" },
		{ "held", METRIC_GAUGE, "" },
		{ "wait", METRIC_LATENCY, "" },
		{ "ends", METRIC_MOMENT, "" },
		{ "never", METRIC_MOMENT, "" },
	};
	int64_t values[] = { INT64_MAX, -3, 0, 1795705958, 0 };
	struct metric_latency latencies[5] = { 0 };
	struct status s = { .daemon = "signerd",
		.state = STATUS_DEGRADED,
		.msg = { .version = "1.0",
		    .pid = 4294967295,
		    .now = 20,
		    .started = 10,
		    .last_error = "late",
		    .last_error_at = 15,
		    .metrics = { rows, 5, values, latencies } } };

	(void)state;
	metric_observe(&s.msg.metrics, 2, 0.001);
	metric_observe(&s.msg.metrics, 2, 0.001);
	print(&s, 1);
	assert_string_equal(printed,
	    "{\"signerd\": {\"state\": \"degraded\", \"version\": \"1.0\", "
	    "\"pid\": 4294967295, \"now\": 20, \"started\": 10, "
	    "\"last_error\": {\"at\": 15, \"text\": \"late\"}, "
	    "\"metrics\": {\"done\": 9223372036854775807, \"held\": -3, "
	    "\"wait\": {\"count\": 2, \"sum_seconds\": 0.002000, "
	    "\"p50_seconds\": 0.001024, \"p99_seconds\": 0.001024}, "
	    "\"ends\": 1795705958, \"never\": null}}}\n");
}

static void
escaped(const char *text, const char *expected)
{
	struct status s = { .daemon = "x", .state = STATUS_DOWN };
	char wanted[512];

	snprintf(s.why, sizeof(s.why), "%s", text);
	print(&s, 1);
	snprintf(wanted, sizeof(wanted),
	    "{\"x\": {\"state\": \"down\", \"reason\": \"%s\", "
	    "\"remedy\": \"\"}}\n",
	    expected);
	assert_string_equal(printed, wanted);
}

static void
quotes_backslashes_and_controls_are_escaped(void **state)
{
	(void)state;
	escaped("a\"b\\c", "a\\\"b\\\\c");
	escaped("\n\t\x1f\x7f", "\\u000a\\u0009\\u001f\\u007f");
}

/* RFC 3629 section 4 has the ranges. */
static void
what_is_utf8_passes_and_what_is_not_becomes_fffd(void **state)
{
	(void)state;
	escaped("b\xc3\xbc"
		"cher",
	    "b\xc3\xbc"
	    "cher");
	escaped("\xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf",
	    "\xe2\x82\xac \xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf");
	escaped("\xc0\xaf", "\\ufffd\\ufffd");            /* too long */
	escaped("\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"); /* surrogate */
	escaped("\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd");
	escaped("\xe2\x82", "\\ufffd\\ufffd"); /* cut off */
	escaped("\xe2\x82"
		"a",
	    "\\ufffd\\ufffd"
	    "a");
	escaped("\xf0\x9f\x98", "\\ufffd\\ufffd\\ufffd");
	escaped("\x80\xff", "\\ufffd\\ufffd");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_an_empty_object),
		cmocka_unit_test(who_is_down_or_unknown_has_a_reason),
		cmocka_unit_test(who_is_up_shows_its_metrics),
		cmocka_unit_test(quotes_backslashes_and_controls_are_escaped),
		cmocka_unit_test(
		    what_is_utf8_passes_and_what_is_not_becomes_fffd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
