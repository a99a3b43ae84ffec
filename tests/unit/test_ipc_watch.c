/* Who is up, and how one that was silent is found to be there again. */
#include "common/ipc_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define FIRST 0.01
/* What the loop's clock may be early. */
#define SLACK 0.001

enum { N = 2, ASKED_MAX = 8 };

static struct server {
	struct ipc_peer base;
	bool connected, refuses;
	struct ipc_owner *owner; /* NULL: no question is under way */
	unsigned asked, dropped;
	double at[ASKED_MAX];
} servers[N];

static int64_t values[1];
static const struct metric_row rows[1] = { { "up", METRIC_GAUGE, "" } };
static struct metrics metrics = { .rows = rows, .n = 1, .values = values };
static struct ev_loop *loop;
static struct ipc_watch *watch;

/* ---- servers that only count ---- */

static bool
connected(const struct ipc_peer *p)
{
	return ((const struct server *)p)->connected;
}

static struct ipc_attempt *
start(struct ipc_peer *p, const void *data, size_t n, struct ipc_owner *owner)
{
	struct server *s = (struct server *)p;

	(void)data;
	assert_true(s->connected);
	assert_null(s->owner);
	assert_int_equal(n, 0);
	if (s->asked < ASKED_MAX)
		s->at[s->asked] = ev_now(loop);
	s->asked++;
	if (s->refuses)
		return NULL;
	s->owner = owner;
	return (struct ipc_attempt *)s;
}

static void
drop(struct ipc_attempt *a)
{
	struct server *s = (struct server *)a;

	assert_non_null(s->owner);
	s->owner = NULL;
	s->dropped++;
}

static const struct ipc_peer_ops ops = {
	.start = start, .drop = drop, .connected = connected
};

/* As the peers do it. */
static void
answer(struct server *s)
{
	struct ipc_owner *owner = s->owner;

	assert_non_null(owner);
	s->owner = NULL;
	s->base.shun_until = 0;
	owner->answered(owner, (const uint8_t *)"?", 1);
}

static void
be_silent(struct server *s)
{
	s->base.shun_until = ev_now(loop) + IPC_SHUN_SECONDS;
	ipc_watch_look(watch);
}

static void
run_until_asked(struct server *s, unsigned n)
{
	while (s->asked < n)
		assert_true(ev_run(loop, EVRUN_ONCE));
}

/* Nothing would wake it: it returns at once. */
static bool
rests(void)
{
	return !ev_run(loop, EVRUN_NOWAIT);
}

static int
begin(void **state)
{
	struct ipc_peer *peers[N];

	(void)state;
	memset(servers, 0, sizeof(servers));
	for (int i = 0; i < N; i++) {
		servers[i].base.ops = &ops;
		servers[i].base.url = "ipc:///x";
		servers[i].connected = true;
		peers[i] = &servers[i].base;
	}
	loop = ev_loop_new(0);
	watch = ipc_watch_new(loop, peers, N, FIRST, &metrics, 0);
	assert_non_null(watch);
	ipc_watch_look(watch);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	ipc_watch_free(watch);
	for (int i = 0; i < N; i++)
		assert_null(servers[i].owner);
	ev_loop_destroy(loop);
	return 0;
}

/* ---- */

static void
nobody_is_asked_while_all_are_well(void **state)
{
	(void)state;
	assert_int_equal(values[0], 2);
	assert_true(rests());
}

static void
silent_one_is_up_again_when_it_answers_the_question(void **state)
{
	(void)state;
	be_silent(&servers[0]);
	assert_int_equal(values[0], 1);
	run_until_asked(&servers[0], 1);
	assert_int_equal(values[0], 1);
	answer(&servers[0]);
	assert_int_equal(values[0], 2);
	assert_true(rests());
	assert_int_equal(servers[1].asked, 0);
}

static void
time_alone_makes_nobody_up(void **state)
{
	(void)state;
	servers[0].base.shun_until = ev_now(loop) + 2 * IPC_BUSY_SECONDS;
	ipc_watch_look(watch);
	servers[0].base.shun_until = ev_now(loop) - 1;
	ipc_watch_look(watch);
	assert_int_equal(values[0], 1);
}

static void
it_is_asked_again_after_a_growing_pause(void **state)
{
	double pause = FIRST;
	struct server *s = &servers[0];

	(void)state;
	be_silent(s);
	run_until_asked(s, 5);
	assert_int_equal(s->dropped, 4);
	for (int i = 1; i < 5; i++) {
		pause *= 2;
		assert_true(s->at[i] - s->at[i - 1] >= pause - SLACK);
	}
}

static void
what_it_answers_to_others_ends_the_question(void **state)
{
	(void)state;
	be_silent(&servers[0]);
	run_until_asked(&servers[0], 1);
	servers[0].base.shun_until = 0;
	ipc_watch_look(watch);
	assert_int_equal(values[0], 2);
	assert_int_equal(servers[0].dropped, 1);
	assert_true(rests());
}

static void
question_that_fails_is_asked_again(void **state)
{
	struct server *s = &servers[0];
	struct ipc_owner *owner;

	(void)state;
	s->refuses = true;
	be_silent(s);
	run_until_asked(s, 1);
	s->refuses = false;
	run_until_asked(s, 2);
	owner = s->owner;
	s->owner = NULL;
	owner->failed(owner);
	assert_int_equal(values[0], 1);
	run_until_asked(s, 3);
	answer(s);
	assert_int_equal(values[0], 2);
}

static void
one_that_is_away_is_asked_when_it_is_back(void **state)
{
	struct server *s = &servers[0];

	(void)state;
	be_silent(s);
	run_until_asked(s, 1);
	s->connected = false;
	ipc_watch_look(watch);
	assert_int_equal(s->dropped, 1);
	assert_true(rests());
	s->connected = true;
	ipc_watch_look(watch);
	assert_int_equal(values[0], 1);
	run_until_asked(s, 2);
	answer(s);
	assert_int_equal(values[0], 2);
}

static void
one_that_was_away_and_not_silent_is_up_at_once(void **state)
{
	(void)state;
	servers[0].connected = false;
	ipc_watch_look(watch);
	assert_int_equal(values[0], 1);
	assert_true(rests());
	servers[0].connected = true;
	ipc_watch_look(watch);
	assert_int_equal(values[0], 2);
}

static void
busy_one_is_up(void **state)
{
	(void)state;
	servers[0].base.shun_until = ev_now(loop) + IPC_BUSY_SECONDS;
	ipc_watch_look(watch);
	assert_int_equal(values[0], 2);
	assert_true(rests());
}

static void
question_under_way_is_dropped_at_the_end(void **state)
{
	(void)state;
	be_silent(&servers[0]);
	be_silent(&servers[1]);
	assert_int_equal(values[0], 0);
	run_until_asked(&servers[0], 1);
	run_until_asked(&servers[1], 1);
	assert_non_null(servers[0].owner); /* finish() looks */
}

#define TEST(claim) cmocka_unit_test_setup_teardown(claim, begin, finish)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_is_asked_while_all_are_well),
		TEST(silent_one_is_up_again_when_it_answers_the_question),
		TEST(time_alone_makes_nobody_up),
		TEST(it_is_asked_again_after_a_growing_pause),
		TEST(what_it_answers_to_others_ends_the_question),
		TEST(question_that_fails_is_asked_again),
		TEST(one_that_is_away_is_asked_when_it_is_back),
		TEST(one_that_was_away_and_not_silent_is_up_at_once),
		TEST(busy_one_is_up),
		TEST(question_under_way_is_dropped_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
