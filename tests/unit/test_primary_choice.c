/* Whose turn it is among the primaries of a zone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "publishd/primary_choice.h"

static struct primary_choice c;

static void
begin(size_t n)
{
	primary_choice_init(&c, n);
}

static void
fail_at(size_t at, double now)
{
	assert_int_equal(c.at, at);
	primary_choice_failed(&c, true, now);
}

static void
the_only_one_is_never_left(void **state)
{
	(void)state;
	begin(1);
	for (int i = 0; i < 10; i++) {
		primary_choice_failed(&c, i % 2 == 0, i);
		primary_choice_refused(&c, i);
		assert_int_equal(c.at, 0);
	}
	assert_int_equal(primary_choice_ask(&c, 1000), -1);
}

static void
one_that_fails_twice_in_a_row_is_left(void **state)
{
	(void)state;
	begin(2);
	primary_choice_failed(&c, false, 1);
	assert_false(primary_choice_accepted(&c));
	primary_choice_failed(&c, false, 2);
	assert_int_equal(c.at, 0);
	primary_choice_failed(&c, false, 3);
	assert_int_equal(c.at, 1);
	assert_true(primary_choice_accepted(&c));
	assert_false(primary_choice_accepted(&c));
}

static void
a_silent_one_is_left_at_once(void **state)
{
	(void)state;
	begin(2);
	primary_choice_failed(&c, true, 0);
	assert_int_equal(c.at, 1);
}

static void
when_all_fail_they_take_turns(void **state)
{
	(void)state;
	begin(3);
	for (size_t i = 0; i < 3; i++)
		fail_at(i, (double)i);
	fail_at(0, 3);
	fail_at(1, 4);
	fail_at(2, 5);
}

static void
what_all_refuse_stays_where_it_is(void **state)
{
	(void)state;
	begin(2);
	primary_choice_refused(&c, 0);
	assert_int_equal(c.at, 0);
	primary_choice_refused(&c, 0);
	assert_int_equal(c.at, 1);
	for (int i = 0; i < 10; i++)
		primary_choice_refused(&c, 1);
	assert_int_equal(c.at, 1);
}

static void
an_earlier_one_is_asked_after_a_pause_that_grows(void **state)
{
	static const double pauses[] = { 30, 60, 120, 240, 480, 480 };
	double now = 0;

	(void)state;
	begin(2);
	fail_at(0, now);
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		assert_int_equal(
		    primary_choice_ask(&c, now + pauses[i] - 1), -1);
		now += pauses[i];
		assert_int_equal(primary_choice_ask(&c, now), 0);
		assert_int_equal(primary_choice_ask(&c, now), -1);
		primary_choice_asked(&c, 0, false, now);
		assert_int_equal(c.at, 1);
	}
}

static void
it_goes_back_when_that_one_answers(void **state)
{
	(void)state;
	begin(3);
	fail_at(0, 0);
	fail_at(1, 1);
	assert_true(primary_choice_accepted(&c));
	assert_int_equal(primary_choice_ask(&c, 40), 0);
	primary_choice_asked(&c, 0, false, 40);
	assert_int_equal(primary_choice_ask(&c, 40), 1);
	primary_choice_asked(&c, 1, true, 40);
	assert_int_equal(c.at, 1);
	assert_true(primary_choice_accepted(&c));
	assert_int_equal(primary_choice_ask(&c, 100), 0);
	primary_choice_asked(&c, 0, true, 100);
	assert_int_equal(c.at, 0);
	assert_true(primary_choice_accepted(&c));
	fail_at(0, 101); /* the pause is the first again */
	assert_int_equal(primary_choice_ask(&c, 130), -1);
	assert_int_equal(primary_choice_ask(&c, 131), 0);
}

static void
one_that_answers_questions_but_takes_nothing_is_asked_less_and_less(
    void **state)
{
	(void)state;
	begin(2);
	fail_at(0, 0);
	assert_true(primary_choice_accepted(&c));
	assert_int_equal(primary_choice_ask(&c, 30), 0);
	primary_choice_asked(&c, 0, true, 30);
	fail_at(0, 30);
	assert_false(primary_choice_accepted(&c));
	assert_int_equal(primary_choice_ask(&c, 89), -1);
	assert_int_equal(primary_choice_ask(&c, 90), 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_only_one_is_never_left),
	cmocka_unit_test(one_that_fails_twice_in_a_row_is_left),
	cmocka_unit_test(a_silent_one_is_left_at_once),
	cmocka_unit_test(when_all_fail_they_take_turns),
	cmocka_unit_test(what_all_refuse_stays_where_it_is),
	cmocka_unit_test(an_earlier_one_is_asked_after_a_pause_that_grows),
	cmocka_unit_test(it_goes_back_when_that_one_answers),
	cmocka_unit_test(
	    one_that_answers_questions_but_takes_nothing_is_asked_less_and_less),
};

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
