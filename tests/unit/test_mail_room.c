/* mail_room: who gives up a place, in the order that the header names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include "common/mail_room.h"

enum { PLACES = 5, LARGE = 100 * 1024 };

static struct mail_room r;
static struct mail_place places[PLACES];

/* Each has come a second after the one before, from 1 on. */
static int
setup(void **state)
{
	(void)state;
	mail_room_init(&r);
	for (int i = 0; i < PLACES; i++) {
		places[i] = (struct mail_place){ 0 };
		mail_room_enter(&r, &places[i], 1 + i);
	}
	return 0;
}

static long
first_out(void)
{
	struct mail_place *p = mail_room_first_out(&r);

	return p != NULL ? p - places : -1;
}

static long
hoarder(int except, double now)
{
	struct mail_place *p = mail_room_first_hoarder(
	    &r, except >= 0 ? &places[except] : NULL, now);

	return p != NULL ? p - places : -1;
}

static void
who_never_spoke_goes_first_and_the_oldest_of_them(void **state)
{
	(void)state;
	assert_int_equal(first_out(), 0);
	mail_room_said(&r, &places[0], false, 10);
	mail_room_said(&r, &places[1], true, 11);
	assert_int_equal(first_out(), 2);
	mail_room_leave(&r, &places[2]);
	assert_int_equal(first_out(), 3);
}

static void
who_has_no_message_goes_before_who_has_one(void **state)
{
	/* One is a quarter of four, so after the first there are none over. */
	static const int order[] = { 3, 2, 1, 4, 0 };

	(void)state;
	mail_room_said(&r, &places[2], true, 10);
	mail_room_said(&r, &places[4], true, 11);
	mail_room_said(&r, &places[3], false, 12);
	mail_room_said(&r, &places[1], false, 13);
	mail_room_said(&r, &places[0], true, 14);
	for (int i = 0; i < PLACES; i++) {
		assert_int_equal(first_out(), order[i]);
		mail_room_leave(&r, &places[order[i]]);
	}
	assert_int_equal(first_out(), -1);
}

/* Among many who have a message it may begin one, too. */
static void
who_has_just_come_stays(void **state)
{
	(void)state;
	for (int i = 0; i < PLACES - 1; i++)
		mail_room_said(&r, &places[i], true, 10 + i);
	assert_int_equal(first_out(), 0);
	mail_room_said(&r, &places[PLACES - 1], false, 20);
	assert_int_equal(first_out(), 0);
}

static void
a_word_puts_one_behind_the_others(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < PLACES; i++)
			mail_room_said(
			    &r, &places[i], true, 10 + PLACES * round + i);
	assert_int_equal(first_out(), 0);
	mail_room_said(&r, &places[0], true, 100);
	assert_int_equal(first_out(), 1);
	mail_room_said(&r, &places[4], false, 101);
	mail_room_said(&r, &places[3], false, 102);
	assert_int_equal(first_out(), 4);
}

static void
who_waits_for_us_stays(void **state)
{
	(void)state;
	for (int i = 0; i < PLACES; i++)
		places[i].waiting = i != 3;
	assert_int_equal(first_out(), 3);
	places[3].waiting = true;
	assert_int_equal(first_out(), -1);
}

static void
octets_are_those_of_all_who_are_there(void **state)
{
	(void)state;
	r.max_octets = 1000;
	mail_room_holds(&r, &places[0], 600);
	mail_room_holds(&r, &places[1], 399);
	assert_false(mail_room_is_short(&r));
	mail_room_holds(&r, &places[1], 400);
	assert_true(mail_room_is_short(&r));
	mail_room_holds(&r, &places[0], 10);
	assert_int_equal(r.octets, 410);
	mail_room_leave(&r, &places[1]);
	assert_int_equal(r.octets, 10);
	r.max_octets = 0; /* no bound */
	mail_room_holds(&r, &places[0], SIZE_MAX / 2);
	assert_false(mail_room_is_short(&r));
}

static void
who_holds_much_and_is_slow_gives_back_first(void **state)
{
	(void)state;
	assert_int_equal(hoarder(-1, 100), -1);
	mail_room_holds(&r, &places[0], 1000);
	mail_room_holds(&r, &places[1], LARGE);
	mail_room_holds(&r, &places[3], LARGE);
	assert_int_equal(hoarder(-1, 100), 1);
	assert_int_equal(hoarder(1, 100), 3);
	places[1].waiting = true;
	assert_int_equal(hoarder(-1, 100), 3);
	mail_room_said(&r, &places[3], true, 98);
	assert_int_equal(hoarder(-1, 100), -1);
	assert_int_equal(hoarder(-1, 110), 3);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	static const struct CMUnitTest tests[] = {
		TEST(who_never_spoke_goes_first_and_the_oldest_of_them),
		TEST(who_has_no_message_goes_before_who_has_one),
		TEST(who_has_just_come_stays),
		TEST(a_word_puts_one_behind_the_others),
		TEST(who_waits_for_us_stays),
		TEST(octets_are_those_of_all_who_are_there),
		TEST(who_holds_much_and_is_slow_gives_back_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
