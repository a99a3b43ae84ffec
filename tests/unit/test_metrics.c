/* metrics.h: bucket i holds latencies up to METRIC_LOWEST * 2^(i/4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "common/metrics.h"

enum { DONE, PENDING, WAIT, ENDS, ROWS };

static const struct metric_row rows[] = {
	[DONE] = { "done", METRIC_COUNTER, "Requests answered" },
	[PENDING] = { "pending", METRIC_GAUGE, "Requests held" },
	[WAIT] = { "wait", METRIC_LATENCY, "Time to the answer" },
	[ENDS] = { "ends", METRIC_MOMENT, "When it ends" },
};
static int64_t values[ROWS];
static struct metric_latency latencies[ROWS];
static struct metrics metrics = { rows, ROWS, values, latencies };

static int
begin(void **state)
{
	(void)state;
	memset(values, 0, sizeof(values));
	memset(latencies, 0, sizeof(latencies));
	return 0;
}

static void
counters_add_and_gauges_are_set(void **state)
{
	(void)state;
	metric_add(&metrics, DONE, 2);
	metric_add(&metrics, DONE, 3);
	metric_set(&metrics, PENDING, 7);
	metric_add(&metrics, PENDING, -2);
	assert_int_equal(values[DONE], 5);
	assert_int_equal(values[PENDING], 5);
	metric_set(&metrics, PENDING, 1);
	assert_int_equal(values[PENDING], 1);
}

static void
every_edge_lies_in_its_own_bucket_and_just_above_in_the_next(void **state)
{
	(void)state;
	for (unsigned i = 0; i + 1 < METRIC_BUCKETS; i++) {
		double edge = METRIC_LOWEST * pow(2, i / 4.0);

		assert_true(fabs(metric_bucket_edge(i) - edge) < edge * 1e-12);
		begin(NULL);
		metric_observe(&metrics, WAIT, metric_bucket_edge(i));
		metric_observe(
		    &metrics, WAIT, nextafter(metric_bucket_edge(i), 1e9));
		assert_int_equal(latencies[WAIT].buckets[i], 1);
		assert_int_equal(latencies[WAIT].buckets[i + 1], 1);
		assert_int_equal(latencies[WAIT].count, 2);
	}
}

static void
nothing_is_too_short_or_too_long(void **state)
{
	(void)state;
	metric_observe(&metrics, WAIT, 0);
	metric_observe(&metrics, WAIT, -1); /* a clock that stepped back */
	metric_observe(&metrics, WAIT, 1e-9);
	assert_int_equal(latencies[WAIT].buckets[0], 3);
	metric_observe(&metrics, WAIT, 1e9);
	metric_observe(&metrics, WAIT, INFINITY);
	assert_int_equal(latencies[WAIT].buckets[METRIC_BUCKETS - 1], 2);
	assert_int_equal(latencies[WAIT].count, 5);
}

static void
sum_is_of_all(void **state)
{
	(void)state;
	metric_observe(&metrics, WAIT, 0.25);
	metric_observe(&metrics, WAIT, 0.5);
	metric_observe(&metrics, WAIT, -3);
	assert_true(fabs(latencies[WAIT].sum - 0.75) < 1e-9);
}

/* 16 us * 2^(24/4) = 1.024 ms; 16 us * 2^(64/4) = 1.048576 s. */
static void
quantile_is_the_edge_of_the_bucket_that_holds_it(void **state)
{
	const struct metric_latency *l = &latencies[WAIT];

	(void)state;
	assert_true(metric_quantile(l, 0.5) == 0);
	for (int i = 0; i < 99; i++)
		metric_observe(&metrics, WAIT, 1e-3);
	metric_observe(&metrics, WAIT, 1);
	assert_true(fabs(metric_quantile(l, 0) - 1.024e-3) < 1e-9);
	assert_true(fabs(metric_quantile(l, 0.5) - 1.024e-3) < 1e-9);
	assert_true(fabs(metric_quantile(l, 0.99) - 1.024e-3) < 1e-9);
	assert_true(fabs(metric_quantile(l, 0.995) - 1.048576) < 1e-9);
	assert_true(fabs(metric_quantile(l, 1) - 1.048576) < 1e-9);
}

static void
of_moments_the_earliest_stays(void **state)
{
	static const struct {
		int64_t to, from, sum;
		bool gauges;
	} adds[] = {
		{ 0, 0, 0, true },
		{ 0, 7, 7, true },
		{ 7, 0, 7, true },
		{ 7, 5, 5, true },
		{ 5, 7, 5, true },
		{ 7, 5, 7, false },
	};
	int64_t others[ROWS] = { 0 };
	static struct metric_latency none[ROWS];
	struct metrics from = { rows, ROWS, others, none };

	(void)state;
	for (size_t i = 0; i < sizeof(adds) / sizeof(adds[0]); i++) {
		metric_set(&metrics, ENDS, adds[i].to);
		metric_set(&from, ENDS, adds[i].from);
		metrics_add(&metrics, &from, adds[i].gauges);
		assert_int_equal(values[ENDS], adds[i].sum);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(counters_add_and_gauges_are_set, begin),
		cmocka_unit_test_setup(
		    every_edge_lies_in_its_own_bucket_and_just_above_in_the_next,
		    begin),
		cmocka_unit_test_setup(nothing_is_too_short_or_too_long, begin),
		cmocka_unit_test_setup(sum_is_of_all, begin),
		cmocka_unit_test_setup(
		    quantile_is_the_edge_of_the_bucket_that_holds_it, begin),
		cmocka_unit_test_setup(of_moments_the_earliest_stays, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
