/* Several processes: pauses, signs of life, who is due, sums of what they
 * count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/restart.h"
#include "common/share.h"
#include "common/worker_list.h"
#include "common/worker_pool.h"

static void
pauses_double_up_to_half_a_minute(void **state)
{
	static const double pauses[] = { 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4,
		12.8, 25.6, 30, 30 };
	struct restart r = { .began = 100 };

	(void)state;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++)
		assert_float_equal(restart_pause(&r, 101), pauses[i], 1e-9);
	assert_int_equal(r.failures, 11);
}

static void
who_ran_for_a_minute_begins_at_once(void **state)
{
	struct restart r = { .began = 100, .failures = 9 };

	(void)state;
	assert_float_equal(restart_pause(&r, 160), 0.1, 1e-9);
	assert_int_equal(r.failures, 1);
}

static void
looks_without_a_beat_are_counted(void **state)
{
	struct pulse p = { 0 };

	(void)state;
	assert_int_equal(pulse_look(&p, 0), 1);
	assert_int_equal(pulse_look(&p, 0), 2);
	assert_int_equal(pulse_look(&p, 5), 0);
	assert_int_equal(pulse_look(&p, 5), 1);
}

static void
a_bound_is_divided_but_none_stays_none(void **state)
{
	(void)state;
	assert_int_equal(share_of(4096, 1, 16), 4096);
	assert_int_equal(share_of(100, 3, 16), 34);
	assert_int_equal(share_of(100, 64, 16), 16);
	assert_int_equal(share_of(0, 4, 16), 0);
}

static void
while_some_are_coming_those_that_ended_wait(void **state)
{
	static struct worker_list list;
	struct worker *w;

	(void)state;
	assert_int_equal(worker_list_add(&list, 2, WORKER_CURRENT, false), 0);
	w = worker_list_due(&list, 0);
	assert_non_null(w);
	w->pid = 7;
	assert_int_equal(worker_list_add(&list, 1, WORKER_COMING, false), 0);
	w = worker_list_due(&list, 0);
	assert_int_equal(w->standing, WORKER_COMING);
	w->pid = 8;
	assert_null(worker_list_due(&list, 1000));
	w->standing = WORKER_RETIRED;
	w = worker_list_due(&list, 0);
	assert_int_equal(w->standing, WORKER_CURRENT);
	w->due = 5;
	assert_null(worker_list_due(&list, 4));
	assert_float_equal(worker_list_next(&list, 99), 5, 0);
	assert_ptr_equal(worker_list_due(&list, 5), w);
}

static void
the_list_is_not_overfilled(void **state)
{
	static struct worker_list list;

	(void)state;
	assert_int_equal(worker_list_add(&list, 1, WORKER_CURRENT, true), 0);
	assert_int_equal(
	    worker_list_add(&list, WORKER_LIST_MAX, WORKER_CURRENT, false), -1);
	assert_int_equal(worker_list_count(&list, WORKER_CURRENT), 0);
	assert_int_equal(
	    worker_list_add(&list, WORKER_LIST_MAX - 1, WORKER_CURRENT, false),
	    0);
	assert_int_equal(worker_list_add(&list, 1, WORKER_COMING, false), -1);
}

enum { COUNTED, HELD, TOOK, ROWS };
static const struct metric_row rows[ROWS] = {
	[COUNTED] = { "counted", METRIC_COUNTER, "" },
	[HELD] = { "held", METRIC_GAUGE, "" },
	[TOOK] = { "took", METRIC_LATENCY, "" },
};
static int64_t values[ROWS];
static struct metric_latency latencies[ROWS];

/* In a process of its own. */
static void
count_in(struct worker_pool *pool, size_t place, int64_t n)
{
	struct metrics m = { rows, ROWS, NULL, NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		worker_pool_enter(pool, place, &m);
		metric_add(&m, COUNTED, n);
		metric_set(&m, HELD, n);
		metric_observe(&m, TOOK, 0.5);
		worker_pool_beat(pool, place);
		worker_pool_ready(pool, place);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
the_sum_is_of_all_processes_and_of_those_that_ended(void **state)
{
	struct metrics sum = { rows, ROWS, values, latencies };
	struct worker_pool *pool = worker_pool_new(2, &sum);
	struct log_last last;
	size_t a, b;

	(void)state;
	assert_non_null(pool);
	a = worker_pool_take(pool);
	b = worker_pool_take(pool);
	assert_true(a != 0 && b != 0 && a != b);
	assert_int_equal(worker_pool_take(pool), 0);
	count_in(pool, a, 3);
	count_in(pool, b, 4);
	assert_int_equal(worker_pool_beats(pool, a), 1);
	assert_true(worker_pool_is_ready(pool, b));
	worker_pool_sum(pool, &sum, &last);
	assert_int_equal(values[COUNTED], 7);
	assert_int_equal(values[HELD], 7);
	assert_int_equal(latencies[TOOK].count, 2);

	worker_pool_give_back(pool, a);
	worker_pool_sum(pool, &sum, &last);
	assert_int_equal(values[COUNTED], 7);
	assert_int_equal(values[HELD], 4);
	assert_int_equal(latencies[TOOK].count, 2);
	assert_float_equal(latencies[TOOK].sum, 1, 1e-9);

	/* Whoever comes next begins at nothing. */
	assert_int_equal(worker_pool_take(pool), a);
	assert_int_equal(worker_pool_beats(pool, a), 0);
	assert_false(worker_pool_is_ready(pool, a));
	worker_pool_sum(pool, &sum, &last);
	assert_int_equal(values[COUNTED], 7);
	worker_pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_double_up_to_half_a_minute),
		cmocka_unit_test(who_ran_for_a_minute_begins_at_once),
		cmocka_unit_test(looks_without_a_beat_are_counted),
		cmocka_unit_test(a_bound_is_divided_but_none_stays_none),
		cmocka_unit_test(while_some_are_coming_those_that_ended_wait),
		cmocka_unit_test(the_list_is_not_overfilled),
		cmocka_unit_test(
		    the_sum_is_of_all_processes_and_of_those_that_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
