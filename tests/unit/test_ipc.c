/* Requests between processes: asking and answering, bounds and rights, ends. */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/ipc_ends.h"

/* --- the claims: asking and answering --- */

static void
each_gets_the_answer_to_its_own_question(void **state)
{
	enum { N = 1000 };
	struct tally t = { 0 };
	struct served s;
	struct ipc_client *c;

	(void)state;
	served_start(&s, "own");
	s.hold = true;
	c = client_of(ends_url("own"), NULL);
	for (unsigned i = 0; i < N; i++)
		ask(c, &t, i, 20);
	assert_int_equal(ipc_client_pending(c), N);
	/* All are held at a time: contexts are opened as they are needed. */
	assert_true(run_until(&s.n_held, N, 10));
	assert_int_equal(ended(&t), 0);
	served_release(&s);
	assert_true(run_until_ended(&t, N, 10));
	assert_int_equal(t.results[IPC_OK], N);
	assert_int_equal(t.wrong, 0);
	assert_int_equal(ipc_client_pending(c), 0);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

static void
questions_over_the_limit_wait_and_none_is_lost(void **state)
{
	enum { N = 200, LIMIT = 16 };
	struct tally t = { 0 };
	struct served s = { .hold = true };
	struct ipc_client *c;

	(void)state;
	s.server = served_at(ends_url("limit"), LIMIT, NULL, &s);
	c = client_of(ends_url("limit"), NULL);
	for (unsigned i = 0; i < N; i++)
		ask(c, &t, i, 20);
	assert_true(run_until(&s.n_held, LIMIT, 10));
	run_for(0.1);
	assert_int_equal(s.asked, LIMIT);
	s.hold = false;
	served_release(&s);
	assert_true(run_until_ended(&t, N, 10));
	assert_int_equal(t.results[IPC_OK], N);
	assert_int_equal(t.wrong, 0);
	assert_int_equal(s.asked, N);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

static void
empty_question(void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	struct tally *t = arg;

	(void)data;
	t->results[result]++;
	t->wrong += n != 0;
}

static void
an_empty_message_is_a_message(void **state)
{
	struct tally t = { 0 };
	struct served s;
	struct ipc_client *c;

	(void)state;
	served_start(&s, "empty");
	c = client_of(ends_url("empty"), NULL);
	assert_non_null(ipc_call(c, NULL, 0, 5, empty_question, &t));
	assert_true(run_until_ended(&t, 1, 5));
	assert_int_equal(t.results[IPC_OK], 1);
	assert_int_equal(t.wrong, 0);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

static void
a_call_that_nobody_takes_ends_in_its_time(void **state)
{
	struct tally t = { 0 };
	struct ipc_client *c = client_of(ends_url("nobody"), NULL);
	double begun = ev_time();

	(void)state;
	ev_now_update(ends_loop);
	ask(c, &t, 1, 0.3);
	assert_true(run_until_ended(&t, 1, 5));
	assert_int_equal(t.results[IPC_TIMEOUT], 1);
	assert_true(ev_time() - begun > 0.28 && ev_time() - begun < 1.0);
	ipc_client_free(c);
}

static void
a_call_made_before_the_server_is_there_is_answered(void **state)
{
	struct tally t = { 0 };
	struct served s;
	struct ipc_client *c = client_of(ends_url("early"), NULL);

	(void)state;
	ask(c, &t, 1, 5);
	run_for(0.3);
	assert_int_equal(ended(&t), 0);
	served_start(&s, "early");
	assert_true(run_until_ended(&t, 1, 5));
	assert_int_equal(t.results[IPC_OK], 1);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

/* --- the claims: bounds and rights --- */

static void
a_question_over_the_limit_is_not_sent(void **state)
{
	static uint8_t big[MESSAGE_MAX + 1];
	struct tally t = { 0 };
	struct served s;
	struct ipc_client *c;

	(void)state;
	served_start(&s, "big");
	c = client_of(ends_url("big"), NULL);
	assert_non_null(ipc_call(c, big, sizeof(big), 5, empty_question, &t));
	assert_int_equal(ended(&t), 0); /* never from inside ipc_call() */
	assert_true(run_until_ended(&t, 1, 5));
	assert_int_equal(t.results[IPC_ERROR], 1);
	assert_int_equal(s.asked, 0);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

static void
an_oversize_question_from_outside_harms_only_its_sender(void **state)
{
	struct tally t = { 0 };
	struct served s;
	struct ipc_client *c;
	pid_t rude;
	int status;

	(void)state;
	served_start(&s, "outsize");
	c = client_of(ends_url("outsize"), NULL);
	rude = rude_spawn(ends_url("outsize"));
	for (unsigned i = 0; i < 60; i++) {
		ask(c, &t, i, 5);
		run_for(0.01);
	}
	assert_true(run_until_ended(&t, 60, 5));
	assert_int_equal(t.results[IPC_OK], 60);
	assert_int_equal(waitpid(rude, &status, 0), rude);
	assert_int_equal(status, 0);
	assert_int_equal(s.asked, 60);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

static void
an_oversize_answer_ends_that_call_only(void **state)
{
	struct tally t = { 0 };
	struct served s;
	struct ipc_client *c;

	(void)state;
	served_start(&s, "loud");
	c = client_of(ends_url("loud"), NULL);
	s.answer_size = MESSAGE_MAX + 1;
	ask(c, &t, 1, 0.4);
	assert_true(run_until_ended(&t, 1, 5));
	assert_int_equal(t.results[IPC_TIMEOUT], 1);
	s.answer_size = 0;
	ask(c, &t, 2, 5);
	assert_true(run_until_ended(&t, 2, 5));
	assert_int_equal(t.results[IPC_OK], 1);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

static int
only_another_uid(void *arg, uid_t uid)
{
	(void)arg;
	return uid == getuid() + 1;
}

static void
a_peer_with_a_wrong_uid_is_not_heard(void **state)
{
	struct tally t = { 0 };
	struct served s = { 0 };
	struct ipc_client *c;

	(void)state;
	s.server = served_at(ends_url("uid"), 16, only_another_uid, &s);
	c = client_of(ends_url("uid"), NULL);
	ask(c, &t, 1, 0.5);
	assert_true(run_until_ended(&t, 1, 5));
	assert_int_equal(t.results[IPC_TIMEOUT], 1);
	assert_int_equal(s.asked, 0);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

static void
a_request_says_whose_it_is(void **state)
{
	struct tally t = { 0 };
	struct served s;
	struct ipc_client *c;

	(void)state;
	served_start(&s, "whose");
	s.uid = getuid() + 1;
	c = client_of(ends_url("whose"), NULL);
	ask(c, &t, 1, 5);
	assert_true(run_until_ended(&t, 1, 5));
	assert_int_equal(s.uid, getuid());
	ipc_client_free(c);
	ipc_server_free(s.server);
}

static void
the_socket_has_the_mode_asked_for(void **state)
{
	struct served s;
	struct stat st;

	(void)state;
	served_start(&s, "mode");
	assert_int_equal(stat(ends_path("mode"), &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0660);
	ipc_server_free(s.server);
	assert_int_equal(stat(ends_path("mode"), &st), -1);
}

static void
a_second_server_leaves_the_first_alone(void **state)
{
	struct tally t = { 0 };
	struct served s, second = { 0 };
	struct ipc_client *c;

	(void)state;
	served_start(&s, "twice");
	assert_null(served_at(ends_url("twice"), 16, NULL, &second));
	c = client_of(ends_url("twice"), NULL);
	ask(c, &t, 1, 5);
	assert_true(run_until_ended(&t, 1, 5));
	assert_int_equal(t.results[IPC_OK], 1);
	assert_int_equal(s.asked, 1);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

static void
a_file_in_the_way_is_not_deleted(void **state)
{
	struct served s = { 0 };
	const char *path = ends_path("file");
	FILE *f = fopen(path, "w");
	struct stat st;

	(void)state;
	assert_non_null(f);
	fputs("precious", f);
	fclose(f);
	assert_null(served_at(ends_url("file"), 16, NULL, &s));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8);
}

static void
only_ipc_addresses_are_served(void **state)
{
	struct served s = { 0 };

	(void)state;
	assert_null(served_at("tcp://127.0.0.1:1", 16, NULL, &s));
	assert_null(served_at("ipc:///nonexistent/x.ipc", 16, NULL, &s));
}
/* --- the claims: cancelling and ending --- */

/* Cancelled after any number of turns of the ends_loop, `done` never comes. */
static void
a_cancelled_call_is_never_answered(void **state)
{
	struct tally t = { 0 }, other = { 0 };
	struct served s;
	struct ipc_client *c;

	(void)state;
	served_start(&s, "cancel");
	c = client_of(ends_url("cancel"), NULL);
	for (unsigned turns = 0; turns < 300; turns++) {
		struct question *q = calloc(1, sizeof(*q));
		struct ipc_call *call;

		q->tally = &t;
		s.hold = turns % 3 == 0;
		call = ipc_call(c, "x", 1, 5, question_answered, q);
		assert_non_null(call);
		for (unsigned i = 0; i < turns % 60; i++)
			ev_run(ends_loop, EVRUN_NOWAIT);
		if (ended(&t) > 0) { /* it was quicker */
			t = (struct tally){ 0 };
			continue;
		}
		ipc_cancel(call);
		free(q);
		served_release(&s);
	}
	s.hold = false;
	run_for(0.1);
	assert_int_equal(ended(&t), 0);
	assert_int_equal(ipc_client_pending(c), 0);
	ask(c, &other, 1, 5);
	assert_true(run_until_ended(&other, 1, 5));
	assert_int_equal(other.results[IPC_OK], 1);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

static void
a_waiting_call_can_be_cancelled(void **state)
{
	struct tally t = { 0 };
	struct ipc_client *c = client_of(ends_url("absent"), NULL);
	struct question *q = calloc(1, sizeof(*q));
	struct ipc_call *call = ipc_call(c, "x", 1, 0.1, question_answered, q);

	(void)state;
	q->tally = &t;
	ipc_cancel(call);
	free(q);
	run_for(0.3);
	assert_int_equal(ended(&t), 0);
	ipc_client_free(c);
}

static void
never(void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	(void)arg;
	(void)result;
	(void)data;
	(void)n;
	fail_msg("a call was question_answered after its client was freed");
}

static void
both_ends_can_be_freed_with_everything_under_way(void **state)
{
	(void)state;
	for (unsigned turns = 0; turns < 40; turns += 2) {
		struct served s;
		struct ipc_client *c;
		char name[20];

		snprintf(name, sizeof(name), "ending%u", turns);
		served_start(&s, name);
		s.hold = true;
		c = client_of(ends_url(name), ends_url("nobody"));
		for (unsigned i = 0; i < 50; i++)
			ipc_call(c, "x", 1, 5, never, NULL);
		for (unsigned i = 0; i < turns; i++) {
			run_for(0.001);
			ipc_call(c, "x", 1, 5, never, NULL);
		}
		if (turns % 4 == 0)
			ipc_server_free(s.server);
		ipc_client_free(c);
		if (turns % 4 != 0)
			ipc_server_free(s.server);
	}
}

static void
a_stopped_server_answers_what_it_has_and_takes_no_more(void **state)
{
	struct tally t = { 0 }, late = { 0 };
	struct served s;
	struct ipc_client *c;

	(void)state;
	served_start(&s, "stop");
	s.hold = true;
	c = client_of(ends_url("stop"), NULL);
	for (unsigned i = 0; i < 20; i++)
		ask(c, &t, i, 5);
	assert_true(run_until(&s.n_held, 20, 5));
	ipc_server_stop(s.server);
	ask(c, &late, 0, 0.5);
	run_for(0.2);
	served_release(&s);
	assert_true(run_until_ended(&t, 20, 5));
	assert_int_equal(t.results[IPC_OK], 20);
	assert_true(run_until_ended(&late, 1, 5));
	assert_int_equal(late.results[IPC_TIMEOUT], 1);
	assert_int_equal(s.asked, 20);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

/* The blocked signals of a thread as /proc tells them, hexadecimal. */
static unsigned long long
blocked_signals(const char *tid)
{
	unsigned long long mask = 0;
	char path[300], line[200];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%s/status", tid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "SigBlk: %llx", &mask) == 1)
			break;
	fclose(f);
	return mask;
}

static void
no_thread_of_nng_takes_a_signal(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	struct ipc_client *c = client_of(ends_url("signal"), NULL);
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *e;
	unsigned others = 0;

	(void)state;
	assert_non_null(tasks);
	while ((e = readdir(tasks)) != NULL) {
		if (e->d_name[0] == '.' || atoi(e->d_name) == getpid())
			continue;
		others++;
		for (size_t i = 0; i < sizeof(signals) / sizeof(int); i++)
			assert_true(
			    blocked_signals(e->d_name) >> (signals[i] - 1) & 1);
	}
	closedir(tasks);
	assert_true(others > 0);
	ipc_client_free(c);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_gets_the_answer_to_its_own_question),
		cmocka_unit_test(
		    questions_over_the_limit_wait_and_none_is_lost),
		cmocka_unit_test(an_empty_message_is_a_message),
		cmocka_unit_test(a_call_that_nobody_takes_ends_in_its_time),
		cmocka_unit_test(
		    a_call_made_before_the_server_is_there_is_answered),
		cmocka_unit_test(a_question_over_the_limit_is_not_sent),
		cmocka_unit_test(
		    an_oversize_question_from_outside_harms_only_its_sender),
		cmocka_unit_test(an_oversize_answer_ends_that_call_only),
		cmocka_unit_test(a_peer_with_a_wrong_uid_is_not_heard),
		cmocka_unit_test(a_request_says_whose_it_is),
		cmocka_unit_test(the_socket_has_the_mode_asked_for),
		cmocka_unit_test(a_second_server_leaves_the_first_alone),
		cmocka_unit_test(a_file_in_the_way_is_not_deleted),
		cmocka_unit_test(only_ipc_addresses_are_served),
		cmocka_unit_test(a_cancelled_call_is_never_answered),
		cmocka_unit_test(a_waiting_call_can_be_cancelled),
		cmocka_unit_test(
		    both_ends_can_be_freed_with_everything_under_way),
		cmocka_unit_test(
		    a_stopped_server_answers_what_it_has_and_takes_no_more),
		cmocka_unit_test(no_thread_of_nng_takes_a_signal),
	};
	int status = ends_process(argc, argv);

	if (status != -1)
		return status;
	return cmocka_run_group_tests(tests, ends_setup, ends_teardown);
}
