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

/* --- peers that leave --- */

static int
connect_raw(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(sun.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

/*
 * What ends the listener of an untreated nng before 1.6: a peer that connects,
 * says something or nothing, and leaves.
 */
static void
a_peer_that_leaves_in_the_handshake_ends_no_listener(void **state)
{
	static const struct {
		const char *says;
		size_t n;
	} peers[] = {
		{ "", 0 },
		{ "\0SP", 3 },                    /* half a greeting */
		{ "\0SP\0\0\x30\0\0", 8 },        /* a whole one */
		{ "\0SP\0\0\x30\0\0\1\0\0", 11 }, /* and half a head */
		{ "GET / HTTP/1.0\r\n\r\n", 18 },
	};
	struct tally t = { 0 };
	struct served s;

	(void)state;
	served_start(&s, "leave");
	for (unsigned i = 0; i < 50; i++) {
		const size_t k = i % (sizeof(peers) / sizeof(peers[0]));
		int fd = connect_raw(ends_path("leave"));

		assert_int_equal(
		    write(fd, peers[k].says, peers[k].n), peers[k].n);
		close(fd);
		if (i % 10 == 9) {
			struct ipc_client *c =
			    client_of(ends_url("leave"), NULL);

			ask(c, &t, i, 5);
			assert_true(run_until_ended(&t, i / 10 + 1, 6));
			ipc_client_free(c);
		}
	}
	assert_int_equal(t.results[IPC_OK], 5);
	assert_int_equal(s.asked, 5);
	ipc_server_free(s.server);
}

static void
others_do_not_feel_a_peer_that_leaves(void **state)
{
	struct tally t = { 0 };
	struct served s;
	struct ipc_client *c;

	(void)state;
	served_start(&s, "others");
	s.hold = true;
	c = client_of(ends_url("others"), NULL);
	for (unsigned i = 0; i < 100; i++)
		ask(c, &t, i, 10);
	assert_true(run_until(&s.asked, 100, 5));
	close(connect_raw(ends_path("others")));
	run_for(0.1);
	served_release(&s);
	assert_true(run_until_ended(&t, 100, 10));
	assert_int_equal(t.results[IPC_OK], 100);
	assert_int_equal(t.wrong, 0);
	assert_int_equal(s.asked, 100); /* none was asked twice */
	ipc_client_free(c);
	ipc_server_free(s.server);
}

/* --- servers that die or hang --- */

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
descriptors(pid_t pid)
{
	char path[40];
	DIR *d;
	unsigned n = 0;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	d = opendir(path);
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
	const char *at = ends_url("load");
	pid_t server = server_spawn(at);
	struct ipc_client *c = client_of(at, NULL);
	struct tally t = { 0 };
	unsigned before, after = 0;

	(void)state;
	ask(c, &t, 0, 5); /* epoll and the like are open now */
	assert_true(run_until_ended(&t, 1, 5));
	before = descriptors(server);
	for (unsigned i = 0; i < 10; i++)
		process_kill(client_spawn(at));
	for (unsigned i = 0; i < 60; i++) {
		if ((after = descriptors(server)) <= before)
			break;
		run_for(0.05);
	}
	assert_in_range(after, 1, before);
	ipc_client_free(c);
	process_kill(server);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_peer_that_leaves_in_the_handshake_ends_no_listener),
		cmocka_unit_test(others_do_not_feel_a_peer_that_leaves),
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
