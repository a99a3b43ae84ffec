/* Which server is asked: spread, away, shunned and back. */
#include "common/ipc_choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { N = 3 };

static struct {
	struct ipc_peer base;
	bool connected;
} servers[N];

static struct ipc_peer *peers[N];

static bool
connected(const struct ipc_peer *p)
{
	for (int i = 0; i < N; i++)
		if (&servers[i].base == p)
			return servers[i].connected;
	return false;
}

static const struct ipc_peer_ops ops = { .connected = connected };

static int
begin(void **state)
{
	(void)state;
	memset(servers, 0, sizeof(servers));
	for (int i = 0; i < N; i++) {
		servers[i].base.ops = &ops;
		servers[i].connected = true;
		peers[i] = &servers[i].base;
	}
	return 0;
}

/* The number of the server; -1: none. */
static int
chosen_but(size_t turn, int except, double now)
{
	const struct ipc_peer *p =
	    ipc_choose(peers, N, turn, except >= 0 ? peers[except] : NULL, now);

	for (int i = 0; i < N; i++)
		if (peers[i] == p)
			return i;
	assert_null(p);
	return -1;
}

static int
chosen(size_t turn, double now)
{
	return chosen_but(turn, -1, now);
}

static void
equal_ones_take_turns(void **state)
{
	(void)state;
	for (size_t turn = 0; turn < 3 * N; turn++)
		assert_int_equal(chosen(turn, 0), turn % N);
}

static void
calls_under_way_are_spread_evenly(void **state)
{
	(void)state;
	for (size_t turn = 0; turn < 10 * N; turn++)
		servers[chosen(7, 0)].base.n_busy++;
	for (int i = 0; i < N; i++)
		assert_int_equal(servers[i].base.n_busy, 10);
}

static void
least_busy_comes_before_whose_turn_it_is(void **state)
{
	(void)state;
	servers[0].base.n_busy = 2;
	servers[1].base.n_busy = 2;
	servers[2].base.n_busy = 1;
	for (size_t turn = 0; turn < N; turn++)
		assert_int_equal(chosen(turn, 0), 2);
}

static void
one_that_is_away_is_not_asked_and_is_when_back(void **state)
{
	(void)state;
	servers[1].connected = false;
	for (size_t turn = 0; turn < N; turn++)
		assert_int_not_equal(chosen(turn, 0), 1);
	servers[0].connected = servers[2].connected = false;
	assert_int_equal(chosen(0, 0), -1);
	servers[1].connected = true;
	assert_int_equal(chosen(0, 0), 1);
}

static void
shunned_one_is_the_last_until_its_time_is_over(void **state)
{
	(void)state;
	servers[1].base.shun_until = 105;
	servers[0].base.n_busy = servers[2].base.n_busy = 50;
	for (size_t turn = 0; turn < N; turn++)
		assert_int_not_equal(chosen(turn, 104.9), 1);
	for (size_t turn = 0; turn < N; turn++)
		assert_int_equal(chosen(turn, 105), 1);
}

static void
shunned_ones_are_asked_where_there_is_no_other(void **state)
{
	(void)state;
	for (int i = 0; i < N; i++)
		servers[i].base.shun_until = 105;
	servers[0].base.n_busy = servers[1].base.n_busy = 1;
	assert_int_equal(chosen(0, 100), 2);
	servers[2].connected = false;
	assert_int_equal(chosen(1, 100), 1);
	servers[1].connected = false;
	assert_int_equal(chosen(1, 100), 0);
}

static void
excepted_one_is_never_asked(void **state)
{
	(void)state;
	for (size_t turn = 0; turn < N; turn++)
		assert_int_not_equal(chosen_but(turn, 0, 0), 0);
	servers[1].connected = servers[2].connected = false;
	assert_int_equal(chosen_but(0, 0, 0), -1);
	assert_null(ipc_choose(peers, 0, 5, NULL, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(equal_ones_take_turns, begin),
		cmocka_unit_test_setup(
		    calls_under_way_are_spread_evenly, begin),
		cmocka_unit_test_setup(
		    least_busy_comes_before_whose_turn_it_is, begin),
		cmocka_unit_test_setup(
		    one_that_is_away_is_not_asked_and_is_when_back, begin),
		cmocka_unit_test_setup(
		    shunned_one_is_the_last_until_its_time_is_over, begin),
		cmocka_unit_test_setup(
		    shunned_ones_are_asked_where_there_is_no_other, begin),
		cmocka_unit_test_setup(excepted_one_is_never_asked, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
