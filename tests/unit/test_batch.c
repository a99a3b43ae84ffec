/* The batch alone: time is an argument, the primary is played by the test. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "publishd/batch.h"

enum { ASKED_MAX = 1200, TEXT_MAX = 64 };

/* One request of the test: all its records begin with the same word. */
struct asked {
	struct publish_req req;
	char (*texts)[TEXT_MAX];
	bool ended;
	enum publish_status status;
	char why[PUBLISH_REASON_MAX];
};

static struct asked asked[ASKED_MAX];
static size_t n_asked;

static void
ended(void *arg, enum publish_status status, const char *why)
{
	struct asked *a = arg;

	assert_false(a->ended); /* exactly once */
	a->ended = true;
	a->status = status;
	snprintf(a->why, sizeof(a->why), "%s", why);
	/* The strings are ours again: whoever reads them now is found. */
	free(a->req.records);
	free(a->texts);
	a->req.records = NULL;
	a->texts = NULL;
}

static struct batch *
setup(void)
{
	memset(asked, 0, sizeof(asked));
	n_asked = 0;
	return batch_new(ended);
}

static void
teardown(struct batch *b)
{
	batch_free(b);
	for (size_t i = 0; i < n_asked; i++) {
		free(asked[i].req.records);
		free(asked[i].texts);
	}
}

static struct asked *
ask(struct batch *b, enum publish_op op, const char *word, size_t n,
    double deadline)
{
	struct asked *a = &asked[n_asked++];

	assert_true(n_asked <= ASKED_MAX);
	a->req.op = op;
	a->req.n = n;
	a->req.ttl = 60;
	a->req.records = calloc(n, sizeof(a->req.records[0]));
	a->texts = calloc(n, sizeof(a->texts[0]));
	for (size_t i = 0; i < n; i++) {
		snprintf(a->texts[i], TEXT_MAX, "%s%zu", word, i);
		a->req.records[i].owner = "x.example.test";
		a->req.records[i].text = a->texts[i];
		a->req.records[i].text_len = strlen(a->texts[i]);
	}
	assert_int_equal(batch_add(b, &a->req, deadline, a), 0);
	return a;
}

static size_t
next_count(struct batch *b, double now)
{
	size_t n;

	return batch_next(b, now, &n) == NULL ? 0 : n;
}

/* The primary took it, and all are told. */
static void
accepted(struct batch *b)
{
	batch_accepted(b);
	batch_tell(b);
}

/* A primary that takes no UPDATE with a record that begins with "bad". */
static bool
primary_takes(const struct update_change *u, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(u[i].text, "bad", 3) == 0)
			return false;
	return true;
}

/* UPDATEs until nothing is to be sent at that time; how many. */
static unsigned
primary_run(struct batch *b, double now)
{
	const struct update_change *u;
	unsigned sent = 0;
	size_t n;

	for (; (u = batch_next(b, now, &n)) != NULL; sent++) {
		assert_true(sent < 10000);
		if (primary_takes(u, n))
			accepted(b);
		else
			batch_refused(b, "SERVFAIL", now);
	}
	return sent;
}

static void
idle_batch_sends_a_request_at_once(void **state)
{
	struct batch *b = setup();
	struct asked *a = ask(b, PUB_ADD, "a", 1, 8);
	const struct update_change *u;
	size_t n;

	(void)state;
	assert_true(batch_wake(b) <= 0);
	u = batch_next(b, 0, &n);
	assert_non_null(u);
	assert_int_equal(n, 1);
	assert_int_equal(u[0].op, PUB_ADD);
	assert_int_equal(u[0].ttl, 60);
	assert_string_equal(u[0].text, "a0");
	assert_false(a->ended);
	accepted(b);
	assert_true(a->ended);
	assert_int_equal(a->status, PUB_DONE);
	assert_true(batch_empty(b));
	assert_true(isinf(batch_wake(b)));
	teardown(b);
}

static void
requests_gather_while_one_update_is_under_way(void **state)
{
	struct batch *b = setup();

	(void)state;
	ask(b, PUB_ADD, "first", 1, 8);
	assert_int_equal(next_count(b, 0), 1);
	for (unsigned i = 0; i < 256; i++)
		ask(b, PUB_ADD, "more", 1, 8);
	assert_int_equal(next_count(b, 0), 0); /* one in flight */
	accepted(b);
	assert_int_equal(next_count(b, 0), 256); /* all of them */
	accepted(b);
	for (size_t i = 0; i < n_asked; i++)
		assert_int_equal(asked[i].status, PUB_DONE);
	teardown(b);
}

static void
the_next_update_can_go_before_the_askers_are_told(void **state)
{
	struct batch *b = setup();
	struct asked *first = ask(b, PUB_ADD, "first", 1, 8), *second;

	(void)state;
	assert_int_equal(next_count(b, 0), 1);
	second = ask(b, PUB_ADD, "second", 1, 8);
	batch_accepted(b);
	assert_false(first->ended);
	assert_int_equal(next_count(b, 0), 1);
	batch_expire(b, 9); /* what was accepted is not late */
	assert_int_equal(second->status, PUB_LATER);
	batch_tell(b);
	assert_true(first->ended);
	assert_int_equal(first->status, PUB_DONE);
	batch_accepted(b);
	assert_true(batch_empty(b));
	teardown(b);
}

static void
a_batch_with_someone_to_tell_is_not_empty(void **state)
{
	struct batch *b = setup();

	(void)state;
	ask(b, PUB_ADD, "a", 1, 8);
	assert_int_equal(next_count(b, 0), 1);
	batch_accepted(b);
	assert_false(batch_empty(b));
	batch_tell(b);
	assert_true(batch_empty(b));
	teardown(b);
}

static void
an_update_has_at_most_max_batch_records(void **state)
{
	struct batch *b = setup();
	struct asked *a;

	(void)state;
	batch_limit(b, 100);
	a = ask(b, PUB_ADD, "a", 250, 8);
	assert_int_equal(next_count(b, 0), 100);
	accepted(b);
	assert_int_equal(next_count(b, 0), 100);
	accepted(b);
	assert_false(a->ended); /* 50 of its records are not there */
	assert_int_equal(next_count(b, 0), 50);
	accepted(b);
	assert_int_equal(a->status, PUB_DONE);
	teardown(b);
}

static void
an_update_has_at_most_60000_octets(void **state)
{
	static char text[PUBLISH_TEXT_MAX + 1];
	struct publish_record records[100];
	struct publish_req req = {
		.op = PUB_ADD, .n = 100, .records = records
	};
	struct batch *b = setup();
	struct asked *a = &asked[n_asked++];
	size_t sent = 0, n;

	(void)state;
	memset(text, 'x', PUBLISH_TEXT_MAX);
	for (size_t i = 0; i < 100; i++)
		records[i] = (struct publish_record){ .owner = "x.example.test",
			.text = text,
			.text_len = PUBLISH_TEXT_MAX };
	assert_int_equal(batch_add(b, &req, 8, a), 0);
	while (sent < 100) {
		const struct update_change *u = batch_next(b, 0, &n);
		size_t octets = 0;

		assert_non_null(u);
		for (size_t i = 0; i < n; i++)
			octets += update_change_octets(&u[i]);
		assert_true(octets <= 60000);
		/* One more would not have fitted. */
		if (sent + n < 100)
			assert_true(
			    octets + update_change_octets(&u[0]) > 60000);
		sent += n;
		accepted(b);
	}
	assert_int_equal(a->status, PUB_DONE);
	teardown(b);
}

static void
adds_go_before_removes(void **state)
{
	struct batch *b = setup();
	const struct update_change *u;
	size_t n;

	(void)state;
	batch_limit(b, 3);
	ask(b, PUB_REMOVE, "old", 2, 8);
	ask(b, PUB_ADD, "new", 2, 8);
	u = batch_next(b, 0, &n);
	assert_int_equal(n, 3);
	assert_string_equal(u[0].text, "new0");
	assert_string_equal(u[1].text, "new1");
	assert_int_equal(u[2].op, PUB_REMOVE);
	assert_string_equal(u[2].text, "old0");
	accepted(b);
	teardown(b);
}

static void
only_the_guilty_request_of_a_refused_update_fails(void **state)
{
	(void)state;
	for (size_t guilty = 0; guilty < 64; guilty++) {
		struct batch *b = setup();
		unsigned sent;

		for (size_t i = 0; i < 64; i++)
			ask(b, PUB_ADD, i == guilty ? "bad" : "good", 1, 8);
		sent = primary_run(b, 0);
		sent += primary_run(b, 1); /* a suspect waits a moment */
		for (size_t i = 0; i < 64; i++) {
			assert_true(asked[i].ended);
			assert_int_equal(asked[i].status,
			    i == guilty ? PUB_REFUSED : PUB_DONE);
		}
		assert_string_equal(asked[guilty].why, "SERVFAIL");
		/* 1 + 2 log2(64), and one more look at a suspect. */
		assert_true(sent <= 1 + 2 * 6 + 1);
		assert_true(batch_empty(b));
		teardown(b);
	}
}

static void
a_guilty_request_with_many_records_fails_whole(void **state)
{
	struct batch *b = setup();
	struct asked *bad;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		ask(b, PUB_ADD, "good", 1, 8);
	bad = ask(b, PUB_ADD, "bad", 150, 8);
	for (size_t i = 0; i < 100; i++)
		ask(b, PUB_ADD, "good", 1, 8);
	/* Well below one UPDATE for each of its records. */
	assert_true(primary_run(b, 0) + primary_run(b, 1) < 60);
	assert_int_equal(bad->status, PUB_REFUSED);
	for (size_t i = 0; i < n_asked; i++)
		if (&asked[i] != bad)
			assert_int_equal(asked[i].status, PUB_DONE);
	assert_true(batch_empty(b));
	teardown(b);
}

static void
several_guilty_requests_in_a_row_do_not_hold_up_others(void **state)
{
	struct batch *b = setup();

	(void)state;
	for (size_t i = 0; i < 500; i++)
		ask(b, PUB_ADD, i < 3 ? "bad" : "good", 1, 8);
	primary_run(b, 0);
	for (size_t i = 3; i < 500; i++)
		assert_int_equal(
		    asked[i].ended ? asked[i].status : PUB_LATER, PUB_DONE);
	primary_run(b, 1);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(asked[i].status, PUB_REFUSED);
	teardown(b);
}

/* Nobody is to blame while the primary refuses all the world. */
static void
a_primary_that_refuses_everything_is_tried_until_the_time_is_over(void **state)
{
	struct batch *b = setup();
	unsigned sent = 0;

	(void)state;
	for (size_t i = 0; i < 50; i++)
		ask(b, PUB_ADD, "bad", 1, 8);
	for (double now = 0; now < 8; now += 0.01) {
		sent += primary_run(b, now);
		batch_expire(b, now);
		for (size_t i = 0; i < 50; i++)
			assert_false(asked[i].ended);
	}
	batch_expire(b, 8);
	for (size_t i = 0; i < 50; i++) {
		assert_int_equal(asked[i].status, PUB_LATER);
		assert_string_equal(asked[i].why, "SERVFAIL");
	}
	assert_true(sent > 30 && sent < 60); /* with ever longer pauses */
	teardown(b);
}

static void
a_lone_refused_request_succeeds_when_the_primary_changes_its_mind(void **state)
{
	struct batch *b = setup();
	struct asked *a = ask(b, PUB_ADD, "a", 1, 8);

	(void)state;
	assert_int_equal(next_count(b, 0), 1);
	batch_refused(b, "REFUSED", 0);
	assert_false(a->ended);
	assert_int_equal(next_count(b, 0), 0); /* not at once */
	assert_int_equal(next_count(b, batch_wake(b)), 1);
	accepted(b);
	assert_int_equal(a->status, PUB_DONE);
	teardown(b);
}

static void
a_suspect_does_not_hold_up_new_requests(void **state)
{
	struct batch *b = setup();
	struct asked *bad = ask(b, PUB_ADD, "bad", 1, 8), *good;

	(void)state;
	primary_run(b, 0);
	assert_false(bad->ended);
	good = ask(b, PUB_ADD, "good", 1, 8);
	primary_run(b, 0);
	assert_int_equal(good->status, PUB_DONE);
	/* Now the primary has taken something else since. */
	primary_run(b, 1);
	assert_true(bad->ended);
	assert_int_equal(bad->status, PUB_REFUSED);
	teardown(b);
}

static void
a_failed_update_is_sent_again_whole_and_in_order(void **state)
{
	struct batch *b = setup();
	const struct update_change *u;
	size_t n;

	(void)state;
	ask(b, PUB_ADD, "a", 2, 8);
	ask(b, PUB_REMOVE, "r", 1, 8);
	assert_int_equal(next_count(b, 0), 3);
	ask(b, PUB_ADD, "later", 1, 8);
	batch_failed(b, "connection reset", 0);
	u = batch_next(b, 0, &n); /* the first time at once */
	assert_non_null(u);
	assert_int_equal(n, 4);
	assert_string_equal(u[0].text, "a0");
	assert_string_equal(u[1].text, "a1");
	assert_string_equal(u[2].text, "later0");
	assert_string_equal(u[3].text, "r0");
	accepted(b);
	teardown(b);
}

static void
pauses_after_failures_grow_to_a_second_and_end_with_success(void **state)
{
	struct batch *b = setup();
	double now = 0, pause = 0;

	(void)state;
	ask(b, PUB_ADD, "a", 1, 1e9);
	for (unsigned i = 0; i < 20; i++) {
		double before = pause;

		assert_int_equal(next_count(b, now), 1);
		batch_failed(b, "timed out", now);
		pause = batch_wake(b) - now;
		/* A millisecond for rounding. */
		assert_true(pause <= 1.001);
		assert_true(pause >= before - 0.001);
		if (pause > 0.001)
			assert_int_equal(next_count(b, now + pause * 0.9), 0);
		now += pause > 0 ? pause : 0;
	}
	assert_true(pause > 0.99);
	assert_int_equal(next_count(b, now), 1);
	accepted(b);
	ask(b, PUB_ADD, "b", 1, 1e9);
	assert_int_equal(next_count(b, now), 1);
	batch_failed(b, "reset", now);
	assert_true(batch_wake(b) <= now); /* as if it were the first */
	teardown(b);
}

static void
a_request_ends_at_its_deadline_with_the_last_trouble(void **state)
{
	struct batch *b = setup();
	struct asked *a = ask(b, PUB_ADD, "a", 1, 8);
	struct asked *early = ask(b, PUB_ADD, "b", 1, 3);

	(void)state;
	assert_int_equal(next_count(b, 0), 2);
	batch_failed(b, "connection refused", 1);
	batch_expire(b, 2.999);
	assert_false(early->ended);
	batch_expire(b, 3);
	assert_int_equal(early->status, PUB_LATER);
	assert_string_equal(early->why, "connection refused");
	assert_int_equal(next_count(b, 4), 1); /* only the other one */
	assert_true(batch_wake(b) >= 8);       /* its deadline */
	batch_expire(b, 8);
	assert_int_equal(a->status, PUB_LATER);
	assert_false(batch_empty(b)); /* its UPDATE is still under way */
	accepted(b);
	assert_true(batch_empty(b));
	teardown(b);
}

/* Every way in which an UPDATE may end after its requests' time was over. */
static void
requests_that_ended_while_sent_leave_in_silence(void **state)
{
	(void)state;
	for (unsigned how = 0; how < 3; how++) {
		struct batch *b = setup();
		struct asked *stays;

		ask(b, PUB_ADD, "bad", 3, 1);
		stays = ask(b, PUB_ADD, "good", 1, 8);
		assert_int_equal(next_count(b, 0), 4);
		batch_expire(b, 1);
		assert_true(asked[0].ended);
		if (how == 0)
			accepted(b);
		else if (how == 1)
			batch_refused(b, "REFUSED", 1);
		else
			batch_failed(b, "reset", 1);
		primary_run(b, 1);
		assert_int_equal(stays->status, PUB_DONE);
		assert_true(stays->ended);
		assert_true(batch_empty(b));
		teardown(b);
	}
}

/* All of them under way when the memory is given back. */
static void
free_in_the_middle_leaves_nothing(void **state)
{
	struct batch *b = setup();

	(void)state;
	ask(b, PUB_ADD, "a", 3, 1);
	ask(b, PUB_ADD, "b", 3, 8);
	assert_int_equal(next_count(b, 0), 6);
	batch_expire(b, 1);
	ask(b, PUB_REMOVE, "c", 3, 8);
	teardown(b);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(idle_batch_sends_a_request_at_once),
	cmocka_unit_test(requests_gather_while_one_update_is_under_way),
	cmocka_unit_test(the_next_update_can_go_before_the_askers_are_told),
	cmocka_unit_test(a_batch_with_someone_to_tell_is_not_empty),
	cmocka_unit_test(an_update_has_at_most_max_batch_records),
	cmocka_unit_test(an_update_has_at_most_60000_octets),
	cmocka_unit_test(adds_go_before_removes),
	cmocka_unit_test(only_the_guilty_request_of_a_refused_update_fails),
	cmocka_unit_test(a_guilty_request_with_many_records_fails_whole),
	cmocka_unit_test(
	    several_guilty_requests_in_a_row_do_not_hold_up_others),
	cmocka_unit_test(
	    a_primary_that_refuses_everything_is_tried_until_the_time_is_over),
	cmocka_unit_test(
	    a_lone_refused_request_succeeds_when_the_primary_changes_its_mind),
	cmocka_unit_test(a_suspect_does_not_hold_up_new_requests),
	cmocka_unit_test(a_failed_update_is_sent_again_whole_and_in_order),
	cmocka_unit_test(
	    pauses_after_failures_grow_to_a_second_and_end_with_success),
	cmocka_unit_test(a_request_ends_at_its_deadline_with_the_last_trouble),
	cmocka_unit_test(requests_that_ended_while_sent_leave_in_silence),
	cmocka_unit_test(free_in_the_middle_leaves_nothing),
};

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
