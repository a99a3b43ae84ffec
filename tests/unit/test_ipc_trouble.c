/* Requests between processes where an end dies, hangs or misbehaves. */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/ipc_ends.h"

/* --- the listener --- */

/* What kills a listener of nng before 1.6: a peer that leaves at once. */
static void
connect_and_leave(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(sun.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(fd);
}

static void
a_killed_listener_answers_again(void **state)
{
	struct tally t = { 0 };
	struct served s;

	(void)state;
	served_start(&s, "killed");
	for (unsigned i = 0; i < 3; i++) {
		struct ipc_client *c;

		connect_and_leave(ends_path("killed"));
		run_for(0.05);
		c = client_of(ends_url("killed"), NULL);
		ask(c, &t, i, 2.5);
		assert_true(run_until_ended(&t, i + 1, 4));
		assert_int_equal(t.results[IPC_OK], i + 1);
		ipc_client_free(c);
	}
	ipc_server_free(s.server);
}

static void
calls_under_way_survive_the_revival(void **state)
{
	struct tally t = { 0 };
	struct served s;
	struct ipc_client *c;

	(void)state;
	served_start(&s, "revival");
	s.hold = true;
	c = client_of(ends_url("revival"), NULL);
	for (unsigned i = 0; i < 100; i++)
		ask(c, &t, i, 10);
	assert_true(run_until(&s.asked, 100, 5));
	connect_and_leave(ends_path("revival"));
	run_for(1.5);
	s.hold = false;
	served_release(&s);
	assert_true(run_until_ended(&t, 100, 10));
	assert_int_equal(t.results[IPC_OK], 100);
	assert_int_equal(t.wrong, 0);
	ipc_client_free(c);
	ipc_server_free(s.server);
}

/* Its connections go on, and when they end nothing else does. */
static void
a_killed_listeners_connections_go_on(void **state)
{
	struct tally t = { 0 };
	struct served s;
	struct ipc_client *old, *later;

	(void)state;
	served_start(&s, "old");
	old = client_of(ends_url("old"), NULL);
	assert_true(run_until_connected(old, 1));
	for (unsigned i = 0; i < 3; i++) {
		connect_and_leave(ends_path("old"));
		run_for(1.2);
		ask(old, &t, i, 0.2);
		assert_true(run_until_ended(&t, i + 1, 2));
	}
	assert_int_equal(t.results[IPC_OK], 3);
	assert_int_equal(ipc_client_connected(old), 1);
	ipc_client_free(old);
	run_for(1.2);
	later = client_of(ends_url("old"), NULL);
	ask(later, &t, 4, 2);
	assert_true(run_until_ended(&t, 4, 3));
	assert_int_equal(t.results[IPC_OK], 4);
	ipc_client_free(later);
	ipc_server_free(s.server);
}

static void
a_killed_server_loses_no_call(void **state)
{
	struct tally t = { 0 };
	const char *at = ends_url("restart");
	struct ipc_client *c = client_of(at, NULL);
	unsigned asked = 0;

	(void)state;
	for (unsigned round = 0; round < 4; round++) {
		pid_t pid = server_spawn(at);

		for (unsigned i = 0; i < 200; i++) {
			ask(c, &t, asked++, 10);
			if (i % 20 == 0)
				run_for(0.01);
		}
		process_kill(pid);
	}
	{
		pid_t pid = server_spawn(at);

		assert_true(run_until_ended(&t, asked, 10));
		process_kill(pid);
	}
	assert_int_equal(t.results[IPC_OK], asked);
	assert_int_equal(t.wrong, 0);
	ipc_client_free(c);
}

static void
calls_are_spread_over_the_servers(void **state)
{
	struct tally t = { 0 };
	struct served one, two;
	struct ipc_client *c;

	(void)state;
	served_start(&one, "one");
	served_start(&two, "two");
	c = client_of(ends_url("one"), ends_url("two"));
	assert_true(run_until_connected(c, 2));
	for (unsigned i = 0; i < 100; i++)
		ask(c, &t, i, 5);
	assert_true(run_until_ended(&t, 100, 5));
	assert_int_equal(one.asked, 50);
	assert_int_equal(two.asked, 50);
	ipc_client_free(c);
	ipc_server_free(one.server);
	ipc_server_free(two.server);
}

static void
a_dead_servers_calls_go_to_the_other_at_once(void **state)
{
	struct tally t = { 0 };
	struct served one;
	pid_t two = server_spawn(ends_url("b"));
	struct ipc_client *c;
	double begun;

	(void)state;
	kill(two, SIGSTOP);
	served_start(&one, "a");
	c = client_of(ends_url("a"), ends_url("b"));
	/* A stopped process is connected to by the kernel, not by nng. */
	kill(two, SIGCONT);
	assert_true(run_until_connected(c, 2));
	kill(two, SIGSTOP);
	for (unsigned i = 0; i < 600; i++)
		ask(c, &t, i, 30);
	assert_true(run_until_ended(&t, 300, 5));
	run_for(0.1);
	assert_int_equal(t.results[IPC_OK], 300);
	begun = ev_time();
	process_kill(two);
	assert_true(run_until_ended(&t, 600, 5));
	assert_true(ev_time() - begun < 2);
	assert_int_equal(t.results[IPC_OK], 600);
	assert_int_equal(one.asked, 600);
	ipc_client_free(c);
	ipc_server_free(one.server);
}

static void
a_silent_servers_calls_go_to_another_in_time(void **state)
{
	struct tally t = { 0 };
	struct served loud, silent;
	struct ipc_client *c;

	(void)state;
	served_start(&loud, "loud");
	served_start(&silent, "silent");
	silent.hold = true;
	c = client_of(ends_url("loud"), ends_url("silent"));
	assert_true(run_until_connected(c, 2));
	for (unsigned i = 0; i < 20; i++)
		ask(c, &t, i, 1.5);
	assert_true(run_until_ended(&t, 20, 5));
	assert_int_equal(t.results[IPC_OK], 20);
	assert_int_equal(silent.asked, 10);
	/* And new ones are not given to the silent one first. */
	for (unsigned i = 0; i < 20; i++)
		ask(c, &t, i, 1.5);
	assert_true(run_until_ended(&t, 40, 5));
	assert_int_equal(silent.asked, 10);
	ipc_client_free(c);
	ipc_server_free(loud.server);
	ipc_server_free(silent.server);
}

/* --- clients that die --- */

static unsigned
descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/*
 * It dies while requests and answers are under way both ways: what once made
 * nng keep its connection, and that of every later client.
 */
static void
a_client_killed_under_load_leaves_no_descriptor(void **state)
{
	struct served s;
	unsigned before, after = 0;

	(void)state;
	served_start(&s, "load");
	before = descriptors();
	for (unsigned i = 0; i < 8; i++)
		process_kill(client_spawn(ends_url("load")));
	for (unsigned i = 0; i < 100; i++) {
		run_for(0.05);
		if ((after = descriptors()) <= before)
			break;
	}
	assert_true(after <= before);
	ipc_server_free(s.server);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_listener_answers_again),
		cmocka_unit_test(calls_under_way_survive_the_revival),
		cmocka_unit_test(a_killed_listeners_connections_go_on),
		cmocka_unit_test(a_killed_server_loses_no_call),
		cmocka_unit_test(calls_are_spread_over_the_servers),
		cmocka_unit_test(a_dead_servers_calls_go_to_the_other_at_once),
		cmocka_unit_test(a_silent_servers_calls_go_to_another_in_time),
		cmocka_unit_test(
		    a_client_killed_under_load_leaves_no_descriptor),
	};
	int status = ends_process(argc, argv);

	if (status != -1)
		return status;
	return cmocka_run_group_tests(tests, ends_setup, ends_teardown);
}
