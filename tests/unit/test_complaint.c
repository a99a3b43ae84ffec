/* What is said of trouble, and how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/complaint.h"

static bool
due(struct complaint *c, const char *text, double now)
{
	unsigned held = 0;

	return complaint_due(c, text, now, &held);
}

static void
the_same_trouble_is_said_once_a_minute(void **state)
{
	struct complaint c = { 0 };
	unsigned said = 0;

	(void)state;
	for (double now = 0; now < 180; now += 0.5)
		said += due(&c, "away", now);
	assert_int_equal(said, 3);
}

static void
other_trouble_is_said_at_most_once_a_second(void **state)
{
	struct complaint c = { 0 };
	unsigned said = 0;
	char text[32];

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "differs by %u s", i);
		said += due(&c, text, i / 100.0);
	}
	assert_int_equal(said, 10);
}

static void
what_was_held_is_counted(void **state)
{
	struct complaint c = { 0 };
	unsigned held = 99;

	(void)state;
	assert_true(complaint_due(&c, "away", 0, &held));
	assert_int_equal(held, 0);
	for (unsigned i = 0; i < 7; i++)
		assert_false(complaint_due(&c, "away", 1, &held));
	assert_true(complaint_due(&c, "away", 60, &held));
	assert_int_equal(held, 7);
}

static void
the_end_is_told_only_of_what_was_said(void **state)
{
	struct complaint c = { 0 };

	(void)state;
	assert_true(complaint_over(&c, 1) < 0);
	due(&c, "away", 2);
	due(&c, "away", 3);
	assert_true(complaint_over(&c, 5) > 2.9);
	assert_true(complaint_over(&c, 6) < 0);
}

static void
trouble_that_comes_back_is_said_again_but_never_floods(void **state)
{
	struct complaint c = { 0 };
	unsigned said = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		said += due(&c, "away", i / 100.0);
		complaint_over(&c, i / 100.0);
	}
	assert_int_equal(said, 10);
}

static void
long_texts_are_cut_and_still_the_same(void **state)
{
	char text[2 * COMPLAINT_TEXT_MAX];
	struct complaint c = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_true(due(&c, text, 0));
	assert_false(due(&c, text, 30));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(the_same_trouble_is_said_once_a_minute),
	cmocka_unit_test(other_trouble_is_said_at_most_once_a_second),
	cmocka_unit_test(what_was_held_is_counted),
	cmocka_unit_test(the_end_is_told_only_of_what_was_said),
	cmocka_unit_test(
	    trouble_that_comes_back_is_said_again_but_never_floods),
	cmocka_unit_test(long_texts_are_cut_and_still_the_same),
};

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
