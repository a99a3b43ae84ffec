/* Rates, waits and curves of a daemon's last answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "admin/history.h"
#include "common/status_msg.h"

enum { DONE, HELD, WAIT, ENDS, ROWS };

static const struct metric_row rows[ROWS] = {
	[DONE] = { "done", METRIC_COUNTER, "" },
	[HELD] = { "held", METRIC_GAUGE, "" },
	[WAIT] = { "wait", METRIC_LATENCY, "" },
	[ENDS] = { "ends", METRIC_MOMENT, "" },
};
/* What the daemon would count; answer() sends a copy, as the wire does. */
static int64_t values[ROWS];
static struct metric_latency latencies[ROWS];
static struct metrics metrics = { rows, ROWS, values, latencies };
static uint32_t pid;
static struct history *h;

static int
begin(void **state)
{
	(void)state;
	memset(values, 0, sizeof(values));
	memset(latencies, 0, sizeof(latencies));
	pid = 1;
	h = history_new();
	return h != NULL ? 0 : -1;
}

static int
end(void **state)
{
	(void)state;
	history_free(h);
	return 0;
}

static void
answer(double now)
{
	static uint8_t data[STATUS_MSG_MAX];
	struct status_msg s = { .pid = pid, .metrics = metrics }, copy;
	struct wire w;

	wire_init(&w, data, sizeof(data));
	status_msg_put(&w, &s);
	wire_init_read(&w, data, w.pos);
	assert_int_equal(status_msg_get(&w, &copy), 0);
	history_add(h, &copy, now);
	assert_null(copy.metrics.rows); /* it is the history's now */
}

static void
same(double seen, double expected)
{
	assert_true(fabs(seen - expected) < 1e-6);
}

static void
before_two_answers_there_is_no_rate_and_no_wait(void **state)
{
	(void)state;
	assert_int_equal(history_metrics(h)->n, 0);
	metric_add(&metrics, DONE, 5);
	metric_observe(&metrics, WAIT, 1);
	answer(100);
	assert_int_equal(history_metrics(h)->values[DONE], 5);
	same(history_rate(h, DONE), 0);
	same(history_quantile(h, WAIT, 0.5), 0);
}

static void
a_rate_is_what_was_added_by_the_time_that_passed(void **state)
{
	(void)state;
	answer(100);
	metric_add(&metrics, DONE, 30);
	metric_observe(&metrics, WAIT, 1);
	answer(102);
	same(history_rate(h, DONE), 15);
	same(history_rate(h, WAIT), 0.5);
	answer(103);
	same(history_rate(h, DONE), 10);
}

/* Eleven answers are ten seconds: what happened before is forgotten. */
static void
a_rate_and_a_quantile_are_of_the_window_only(void **state)
{
	(void)state;
	answer(0);
	metric_add(&metrics, DONE, 1000);
	metric_observe(&metrics, WAIT, 100);
	answer(1);
	for (int t = 2; t <= 10; t++)
		answer(t);
	same(history_rate(h, DONE), 100);
	assert_true(history_quantile(h, WAIT, 0.99) >= 100);
	metric_observe(&metrics, WAIT, 0.001);
	answer(11);
	same(history_rate(h, DONE), 0);
	same(history_quantile(h, WAIT, 0.99), 0.001024);
}

static void
a_daemon_started_again_begins_anew(void **state)
{
	float curve[3];

	(void)state;
	metric_add(&metrics, DONE, 1000);
	answer(0);
	answer(1);
	pid = 2;
	values[DONE] = 10;
	answer(2);
	same(history_rate(h, DONE), 0);
	history_curve(h, DONE, curve, 3);
	assert_true(curve[0] < 0 && curve[1] < 0 && curve[2] < 0);
	values[DONE] = 14;
	answer(3);
	same(history_rate(h, DONE), 4);
}

static void
a_counter_that_falls_and_a_clock_that_stands_are_no_rate(void **state)
{
	(void)state;
	values[DONE] = 10;
	answer(1);
	values[DONE] = 4;
	answer(2);
	same(history_rate(h, DONE), 0);
	values[DONE] = 20;
	answer(1);
	same(history_rate(h, DONE), 0);
}

static void
a_curve_has_rates_values_and_waits_with_gaps(void **state)
{
	static const struct {
		size_t which;
		float expected[5];
	} curves[] = {
		{ DONE, { -1, -1, 6, -1, 2 } }, /* 4 in 2 seconds */
		{ HELD, { -1, 7, 3, -1, 0 } },
		{ WAIT, { -1, -1, 0.001024F, -1, 0 } },
	};
	float seen[5];

	(void)state;
	values[HELD] = 7;
	answer(1);
	values[HELD] = 3;
	values[DONE] += 6;
	metric_observe(&metrics, WAIT, 0.001);
	answer(2);
	history_gap(h);
	values[HELD] = -3; /* no depth below the ground */
	values[DONE] += 4;
	answer(4);
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		history_curve(h, curves[i].which, seen, 5);
		for (size_t k = 0; k < 5; k++)
			same(seen[k], curves[i].expected[k]);
	}
}

static void
a_curve_of_more_samples_than_are_kept_begins_with_gaps(void **state)
{
	float seen[HISTORY_SAMPLES + 2];

	(void)state;
	for (int t = 0; t < 3 * HISTORY_SAMPLES; t++) {
		values[HELD] = t;
		answer(t);
	}
	history_curve(h, HELD, seen, HISTORY_SAMPLES + 2);
	same(seen[0], -1);
	same(seen[1], -1);
	for (int i = 0; i < HISTORY_SAMPLES; i++)
		same(seen[i + 2], 2 * HISTORY_SAMPLES + i);
}

static void
a_moment_has_no_curve(void **state)
{
	float seen[3];

	(void)state;
	values[ENDS] = 1795705958;
	for (int t = 0; t < 3; t++)
		answer(t);
	history_curve(h, ENDS, seen, 3);
	for (int i = 0; i < 3; i++)
		same(seen[i], -1);
	assert_int_equal(history_metrics(h)->values[ENDS], 1795705958);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    before_two_answers_there_is_no_rate_and_no_wait, begin,
		    end),
		cmocka_unit_test_setup_teardown(
		    a_rate_is_what_was_added_by_the_time_that_passed, begin,
		    end),
		cmocka_unit_test_setup_teardown(
		    a_rate_and_a_quantile_are_of_the_window_only, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_daemon_started_again_begins_anew, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_counter_that_falls_and_a_clock_that_stands_are_no_rate,
		    begin, end),
		cmocka_unit_test_setup_teardown(
		    a_curve_has_rates_values_and_waits_with_gaps, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_curve_of_more_samples_than_are_kept_begins_with_gaps,
		    begin, end),
		cmocka_unit_test_setup_teardown(
		    a_moment_has_no_curve, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
