/* ipc_guests: who must leave, for each case that the header names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include "common/ipc_guests.h"

enum { US = 10, THEM = 20 };

static struct ipc_guests g;

static int
setup(void **state)
{
	(void)state;
	return ipc_guests_init(&g, 4);
}

static int
teardown(void **state)
{
	(void)state;
	ipc_guests_free(&g);
	return 0;
}

/* The descriptor that must leave; -1: none; -2: it does not come in. */
static int
enter(int fd, uid_t uid, double now)
{
	int out;

	return ipc_guests_enter(&g, fd, uid, now, &out) == 0 ? out : -2;
}

static void
fill(uid_t uid)
{
	for (int fd = 1; fd <= 4; fd++)
		assert_int_equal(enter(fd, uid, fd), -1);
}

static uint64_t
ask(int fd, double now)
{
	struct ipc_guest *guest = ipc_guests_asks(&g, fd, now);

	assert_non_null(guest);
	return guest->number;
}

static void
who_came_first_leaves_first(void **state)
{
	(void)state;
	fill(US);
	for (int fd = 5; fd < 100; fd++) {
		assert_int_equal(enter(fd, US, fd), fd - 4);
		assert_int_equal(g.n_leaving, 1);
		assert_int_equal(g.n, 5);
		ipc_guests_leave(&g, fd - 4);
	}
}

static void
who_left_makes_room(void **state)
{
	(void)state;
	fill(US);
	ipc_guests_leave(&g, 2);
	ipc_guests_leave(&g, 77); /* one who was not there */
	assert_int_equal(enter(5, US, 5), -1);
	assert_int_equal(enter(6, US, 6), 1);
}

static void
who_asked_leaves_after_those_who_did_not(void **state)
{
	(void)state;
	fill(US);
	ipc_guests_answered(&g, ask(1, 1.5));
	ipc_guests_answered(&g, ask(2, 1.2));
	assert_int_equal(enter(5, US, 5), 3);
	ipc_guests_leave(&g, 3);
	assert_int_equal(enter(6, US, 6), 4);
	ipc_guests_leave(&g, 4);
	for (int fd = 5; fd < 50; fd++) {
		assert_int_equal(enter(fd + 2, US, fd + 2), fd);
		ipc_guests_leave(&g, fd);
	}
	ipc_guests_answered(&g, ask(50, 60));
	ipc_guests_answered(&g, ask(51, 61));
	assert_int_equal(enter(99, US, 99), 2); /* silent for longest */
}

static void
who_waits_for_an_answer_stays(void **state)
{
	uint64_t waiting;

	(void)state;
	fill(US);
	for (int fd = 2; fd <= 4; fd++)
		ask(fd, fd);
	waiting = ask(1, 1);
	assert_int_equal(enter(5, THEM, 5), -2);
	assert_int_equal(g.n, 4);
	ask(1, 1);
	ipc_guests_answered(&g, waiting);
	assert_int_equal(enter(5, THEM, 5), -2); /* one more to answer */
	ipc_guests_answered(&g, waiting);
	assert_int_equal(enter(5, THEM, 5), 1);
}

static void
user_with_most_pays(void **state)
{
	(void)state;
	assert_int_equal(enter(1, US, 0), -1);
	for (int fd = 2; fd <= 4; fd++)
		assert_int_equal(enter(fd, THEM, fd), -1);
	for (int fd = 2; fd <= 4; fd++)
		ipc_guests_answered(&g, ask(fd, 10 + fd));
	assert_int_equal(enter(5, THEM, 5), 2);
	assert_int_equal(enter(6, US, 6), 3); /* 5 has just come */
}

/* What cannot leave protects nobody else's of the same user. */
static void
user_whose_all_wait_is_passed_over(void **state)
{
	(void)state;
	for (int fd = 1; fd <= 3; fd++) {
		assert_int_equal(enter(fd, THEM, fd), -1);
		ask(fd, fd);
	}
	assert_int_equal(enter(4, US, 4), -1);
	assert_int_equal(enter(5, US, 5), 4);
}

/* Else those on their way out were without bound. */
static void
while_many_are_leaving_nobody_comes(void **state)
{
	(void)state;
	fill(THEM);
	assert_int_equal(enter(5, THEM, 5), 1);
	assert_int_equal(enter(6, THEM, 6), 2);
	assert_int_equal(enter(7, THEM, 7), -2);
	assert_int_equal(enter(8, US, 8), 3); /* he has none */
	assert_int_equal(enter(9, THEM, 9), -2);
	ipc_guests_leave(&g, 1);
	ipc_guests_leave(&g, 2);
	assert_int_equal(enter(9, THEM, 9), 4);
	for (int fd = 10; fd < 12; fd++)
		assert_int_not_equal(enter(fd, (uid_t)fd, fd), -2);
	assert_int_equal(g.n, 8);
	assert_int_equal(enter(12, 12, 12), -2); /* whoever it is */
}

/* However they came to leave. */
static void
room_is_never_more_than_twice(void **state)
{
	unsigned came = 0;

	(void)state;
	for (int fd = 1; fd < 100; fd++)
		if (enter(fd, fd < 50 ? THEM : US, fd) != -2) {
			came++;
			ask(fd, fd);
			ipc_guests_expel(&g, ipc_guests_asks(&g, fd, fd));
			if (fd < 50)
				assert_in_range(came, 1, 6);
		}
	assert_int_equal(came, 8);
	assert_int_equal(g.n_leaving, 8);
}

/* What it still asks or is answered changes nothing. */
static void
who_is_expelled_leaves(void **state)
{
	struct ipc_guest *guest;
	uint64_t number;

	(void)state;
	fill(US);
	number = ask(2, 9);
	guest = ipc_guests_asks(&g, 2, 9);
	ipc_guests_expel(&g, guest);
	ipc_guests_expel(&g, guest);
	assert_int_equal(g.n_leaving, 1);
	assert_null(ipc_guests_asks(&g, 2, 10));
	assert_null(ipc_guests_answered(&g, number));
	assert_int_equal(enter(5, US, 5), -1);
	ipc_guests_leave(&g, 2);
	assert_int_equal(g.n_leaving, 0);
	assert_int_equal(g.n, 4);
}

/* A descriptor comes again with another number. */
static void
answer_for_one_who_left_is_not_anothers(void **state)
{
	uint64_t old;

	(void)state;
	assert_int_equal(enter(1, US, 1), -1);
	old = ask(1, 1);
	ipc_guests_leave(&g, 1);
	assert_int_equal(enter(1, US, 2), -1);
	ask(1, 2);
	assert_null(ipc_guests_answered(&g, old));
	assert_int_equal(g.v[0].busy, 1);
	assert_null(ipc_guests_asks(&g, 9, 3));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(who_came_first_leaves_first),
		TEST(who_left_makes_room),
		TEST(who_asked_leaves_after_those_who_did_not),
		TEST(who_waits_for_an_answer_stays),
		TEST(user_with_most_pays),
		TEST(user_whose_all_wait_is_passed_over),
		TEST(while_many_are_leaving_nobody_comes),
		TEST(who_is_expelled_leaves),
		TEST(room_is_never_more_than_twice),
		TEST(answer_for_one_who_left_is_not_anothers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
