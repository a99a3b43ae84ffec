/* OpenMetrics 1.0 of a daemon's numbers, octet for octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/metrics_text.h"
#include "admin/status.h"

static char *printed;

static int
end(void **state)
{
	(void)state;
	free(printed);
	printed = NULL;
	return 0;
}

static void
print(const struct status *s, size_t n)
{
	size_t size;
	FILE *f;

	end(NULL);
	f = open_memstream(&printed, &size);
	assert_non_null(f);
	metrics_text_print(f, s, n);
	fclose(f);
}

static bool
has(const char *text)
{
	return strstr(printed, text) != NULL;
}

/* ---- a daemon with one of each kind ---- */

enum { DONE, BYTES, WAIT, ENDS, ROWS };

static const struct metric_row rows[ROWS] = {
	[DONE] = { "requests_done", METRIC_COUNTER, "Requests \"done\" \\o/" },
	[BYTES] = { "index_bytes", METRIC_GAUGE, "Memory\nof the index" },
	[WAIT] = { "publish", METRIC_LATENCY, "The wait" },
	[ENDS] = { "certificate_expires", METRIC_MOMENT, "Its end" },
};
static int64_t values[ROWS];
static struct metric_latency latencies[ROWS];

static struct status
daemon_up(void)
{
	memset(latencies, 0, sizeof(latencies));
	values[DONE] = INT64_MAX;
	values[BYTES] = -3;
	return (struct status){ .daemon = "signerd",
		.msg = { .version = "0.1.0",
		    .started = 1795705958,
		    .metrics = { rows, ROWS, values, latencies } } };
}

static void
nobody_is_an_end_only(void **state)
{
	(void)state;
	print(NULL, 0);
	assert_string_equal(printed, "# EOF\n");
}

static void
what_holds_for_each_daemon_comes_first(void **state)
{
	static const char expected[] =
	    "# TYPE dnsmail_signerd_up gauge\n"
	    "# HELP dnsmail_signerd_up 1: it answers, 0: it is down\n"
	    "dnsmail_signerd_up 1\n"
	    "# TYPE dnsmail_signerd_degraded gauge\n"
	    "# HELP dnsmail_signerd_degraded 1: it has warned in the last five "
	    "minutes\n"
	    "dnsmail_signerd_degraded 0\n"
	    "# TYPE dnsmail_signerd_start_time_seconds gauge\n"
	    "# UNIT dnsmail_signerd_start_time_seconds seconds\n"
	    "# HELP dnsmail_signerd_start_time_seconds When it started, since "
	    "1970\n"
	    "dnsmail_signerd_start_time_seconds 1795705958\n"
	    "# TYPE dnsmail_signerd_build_info gauge\n"
	    "# HELP dnsmail_signerd_build_info Always 1; the label says which "
	    "version runs\n"
	    "dnsmail_signerd_build_info{version=\"0.1.0\"} 1\n";
	struct status s = daemon_up();

	(void)state;
	print(&s, 1);
	assert_memory_equal(printed, expected, sizeof(expected) - 1);
	s.state = STATUS_DEGRADED;
	snprintf(s.msg.last_error, sizeof(s.msg.last_error), "m@example.test");
	s.msg.last_error_at = 7;
	print(&s, 1);
	assert_true(has("\ndnsmail_signerd_degraded 1\n"));
	assert_true(has("\ndnsmail_signerd_last_warning_time_seconds 7\n"));
	assert_false(has("example"));
}

static void
a_counter_ends_in_total_and_its_help_is_escaped(void **state)
{
	struct status s = daemon_up();

	(void)state;
	print(&s, 1);
	assert_true(
	    has("# TYPE dnsmail_signerd_requests_done counter\n"
		"# HELP dnsmail_signerd_requests_done Requests \\\"done\\\" "
		"\\\\o/\n"
		"dnsmail_signerd_requests_done_total 9223372036854775807\n"));
}

static void
a_unit_in_a_name_is_told_and_a_line_stays_a_line(void **state)
{
	struct status s = daemon_up();

	(void)state;
	print(&s, 1);
	assert_true(has("# TYPE dnsmail_signerd_index_bytes gauge\n"
			"# UNIT dnsmail_signerd_index_bytes bytes\n"
			"# HELP dnsmail_signerd_index_bytes Memory?of the "
			"index\n"
			"dnsmail_signerd_index_bytes -3\n"));
}

/* Edges are 16 us * 2^k, k = 0..23: 1 ms lies below 1.024 ms. */
static void
a_latency_is_a_histogram_of_what_is_not_longer(void **state)
{
	struct status s = daemon_up();
	const char *at;
	int buckets = 0;

	(void)state;
	metric_observe(&s.msg.metrics, WAIT, 0.000016);
	metric_observe(&s.msg.metrics, WAIT, 0.001);
	metric_observe(&s.msg.metrics, WAIT, 0.001025);
	metric_observe(&s.msg.metrics, WAIT, 135);
	print(&s, 1);
	assert_true(has("# TYPE dnsmail_signerd_publish_seconds histogram\n"
			"# UNIT dnsmail_signerd_publish_seconds seconds\n"
			"# HELP dnsmail_signerd_publish_seconds The wait\n"
			"dnsmail_signerd_publish_seconds_bucket"
			"{le=\"1.6e-05\"} 1\n"));
	assert_true(has("{le=\"0.000512\"} 1\n"));
	assert_true(has("{le=\"0.001024\"} 2\n"));
	assert_true(has("{le=\"0.002048\"} 3\n"));
	assert_true(has("{le=\"134.217728\"} 3\n"
			"dnsmail_signerd_publish_seconds_bucket"
			"{le=\"+Inf\"} 4\n"
			"dnsmail_signerd_publish_seconds_sum 135.002041\n"
			"dnsmail_signerd_publish_seconds_count 4\n# EOF\n"));
	for (at = printed; (at = strstr(at, "_bucket{le=")) != NULL; at++)
		buckets++;
	assert_int_equal(buckets, 25);
}

static void
who_is_down_has_that_only(void **state)
{
	struct status s = { .daemon = "verifyd" };

	(void)state;
	status_fail(&s, REASON_ABSENT, NULL);
	print(&s, 1);
	assert_string_equal(printed,
	    "# TYPE dnsmail_verifyd_up gauge\n"
	    "# HELP dnsmail_verifyd_up 1: it answers, 0: it is down\n"
	    "dnsmail_verifyd_up 0\n# EOF\n");
}

static void
of_whom_nothing_is_known_nothing_is_told(void **state)
{
	struct status s = { .daemon = "verifyd" };

	(void)state;
	status_fail(&s, REASON_FORBIDDEN, NULL);
	print(&s, 1);
	assert_string_equal(printed, "# EOF\n");
}

/* They come over a socket; the form must hold whatever they are. */
static void
names_and_versions_that_would_break_the_form_do_not(void **state)
{
	static const struct metric_row odd[] = {
		{ "a b", METRIC_GAUGE, "" },
		{ "x\ny 1", METRIC_GAUGE, "" },
		{ "", METRIC_GAUGE, "" },
		{ "9", METRIC_GAUGE, "" },
		{ "A", METRIC_GAUGE, "" },
	};
	struct status s = daemon_up();

	(void)state;
	s.msg.metrics.rows = odd;
	s.msg.metrics.n = 3;
	snprintf(s.msg.version, sizeof(s.msg.version), "1\"}\n\\\xff+b");
	print(&s, 1);
	assert_true(has("build_info{version=\"1?????+b\"} 1\n# EOF\n"));
	s.msg.metrics.rows = odd + 3;
	s.msg.metrics.n = 2;
	print(&s, 1);
	assert_true(has("} 1\n# EOF\n"));
}

static void
a_moment_is_seconds_since_1970_or_is_not_there(void **state)
{
	struct status s = daemon_up();

	(void)state;
	values[ENDS] = 1795705958;
	print(&s, 1);
	assert_true(
	    has("# TYPE dnsmail_signerd_certificate_expires_time_seconds "
		"gauge\n"
		"# UNIT dnsmail_signerd_certificate_expires_time_seconds "
		"seconds\n"
		"# HELP dnsmail_signerd_certificate_expires_time_seconds "
		"Its end\n"
		"dnsmail_signerd_certificate_expires_time_seconds "
		"1795705958\n"));
	values[ENDS] = 0;
	print(&s, 1);
	assert_false(has("certificate_expires"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nobody_is_an_end_only, end),
		cmocka_unit_test_teardown(
		    what_holds_for_each_daemon_comes_first, end),
		cmocka_unit_test_teardown(
		    a_counter_ends_in_total_and_its_help_is_escaped, end),
		cmocka_unit_test_teardown(
		    a_unit_in_a_name_is_told_and_a_line_stays_a_line, end),
		cmocka_unit_test_teardown(
		    a_moment_is_seconds_since_1970_or_is_not_there, end),
		cmocka_unit_test_teardown(
		    a_latency_is_a_histogram_of_what_is_not_longer, end),
		cmocka_unit_test_teardown(who_is_down_has_that_only, end),
		cmocka_unit_test_teardown(
		    of_whom_nothing_is_known_nothing_is_told, end),
		cmocka_unit_test_teardown(
		    names_and_versions_that_would_break_the_form_do_not, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
