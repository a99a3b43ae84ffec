/*
 * Requests between processes, for real: server and client in one loop, or the
 * server in a process of its own (this program again, "--server PATH") where
 * it is to be killed.
 */
#include "common/ipc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MESSAGE_MAX = 65536, HELD_MAX = 4096 };

static struct ev_loop *loop;
static char dir[] = "/tmp/dnsmail-ipc.XXXXXX";

/* --- a server and what it was asked --- */

struct served {
	struct ipc_server *server;
	bool hold;
	size_t answer_size; /* 0: an echo */
	unsigned asked;
	uid_t uid;
	struct ipc_request *held[HELD_MAX];
	struct {
		const uint8_t *data;
		size_t n;
	} said[HELD_MAX];
	unsigned n_held;
};

static void
serve(void *arg, struct ipc_request *r, const uint8_t *data, size_t n)
{
	static uint8_t big[MESSAGE_MAX * 2];
	struct served *s = arg;

	s->asked++;
	s->uid = ipc_request_uid(r);
	if (s->hold) {
		assert_true(s->n_held < HELD_MAX);
		s->said[s->n_held].data = data;
		s->said[s->n_held].n = n;
		s->held[s->n_held++] = r;
	} else if (s->answer_size > 0)
		ipc_answer(r, big, s->answer_size);
	else
		ipc_answer(r, data, n);
}

/* The last one first, so that nobody gets what he asked for by chance. */
static void
release(struct served *s)
{
	while (s->n_held > 0) {
		s->n_held--;
		ipc_answer(s->held[s->n_held], s->said[s->n_held].data,
		    s->said[s->n_held].n);
	}
}

static const char *
url(const char *name)
{
	static char text[4][200];
	static unsigned i;

	i = (i + 1) % 4;
	snprintf(text[i], sizeof(text[i]), "ipc://%s/%s", dir, name);
	return text[i];
}

static struct ipc_server *
server_at(const char *at, unsigned max_requests, ipc_peer_fn *peer_ok,
    struct served *s)
{
	struct ipc_server_options o = { .url = at,
		.mode = 0660,
		.max_message = MESSAGE_MAX,
		.max_requests = max_requests };

	return ipc_server_new(loop, &o, peer_ok, serve, s);
}

static void
served_start(struct served *s, const char *name)
{
	*s = (struct served){ 0 };
	s->server = server_at(url(name), 2000, NULL, s);
	assert_non_null(s->server);
}

/* --- a client and what it was answered --- */

struct tally {
	unsigned results[IPC__COUNT];
	unsigned wrong; /* answers that are no echo of the question */
};

struct question {
	struct tally *tally;
	size_t n;
	uint8_t data[64];
};

static void
answered(void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	struct question *q = arg;

	q->tally->results[result]++;
	if (result == IPC_OK &&
	    (n != q->n || memcmp(data, q->data, n < 64 ? n : 64) != 0))
		q->tally->wrong++;
	free(q);
}

/* The number makes it unlike any other. */
static struct ipc_call *
ask(struct ipc_client *c, struct tally *t, unsigned number, double timeout)
{
	struct question *q = calloc(1, sizeof(*q));
	struct ipc_call *call;

	q->tally = t;
	q->n = (size_t)snprintf(
	    (char *)q->data, sizeof(q->data), "question %u", number);
	call = ipc_call(c, q->data, q->n, timeout, answered, q);
	assert_non_null(call);
	return call;
}

static unsigned
ended(const struct tally *t)
{
	return t->results[IPC_OK] + t->results[IPC_TIMEOUT] +
	    t->results[IPC_ERROR];
}

static struct ipc_client *
client_of(const char *first, const char *second)
{
	const char *urls[] = { first, second };
	struct ipc_client *c =
	    ipc_client_new(loop, urls, second != NULL ? 2 : 1, MESSAGE_MAX);

	assert_non_null(c);
	return c;
}

/* --- running the loop --- */

static void
nothing(EV_P_ ev_timer *w, int revents)
{
	(void)loop;
	(void)w;
	(void)revents;
}

/* Runs it until *counter reaches n; false: not within so many seconds. */
static bool
run_until(const unsigned *counter, unsigned n, double seconds)
{
	double end = ev_time() + seconds;
	ev_timer tick;

	ev_timer_init(&tick, nothing, 0.01, 0.01);
	ev_timer_start(loop, &tick);
	while (*counter < n && ev_time() < end)
		ev_run(loop, EVRUN_ONCE);
	ev_timer_stop(loop, &tick);
	return *counter >= n;
}

static void
run_for(double seconds)
{
	unsigned never = 0;

	(void)run_until(&never, 1, seconds);
}

static bool
run_until_ended(const struct tally *t, unsigned n, double seconds)
{
	double end = ev_time() + seconds;

	while (ended(t) < n && ev_time() < end)
		run_for(0.005);
	return ended(t) >= n;
}

static bool
run_until_connected(struct ipc_client *c, int n)
{
	double end = ev_time() + 5;

	while (ipc_client_connected(c) != n && ev_time() < end)
		run_for(0.005);
	return ipc_client_connected(c) == n;
}

/* --- a server in a process of its own --- */

static int
server_process(const char *at)
{
	struct served s = { 0 };

	loop = ev_default_loop(0);
	if (server_at(at, 2000, NULL, &s) == NULL)
		return 1;
	if (write(STDOUT_FILENO, "r", 1) != 1)
		return 1;
	ev_run(loop, 0);
	return 0;
}

/* Returns when it listens. */
static pid_t
server_spawn(const char *at)
{
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	if ((pid = fork()) == 0) {
		dup2(ready[1], STDOUT_FILENO);
		execl("/proc/self/exe", "server", "--server", at, NULL);
		_exit(127);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static void
server_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

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
	c = client_of(url("own"), NULL);
	for (unsigned i = 0; i < N; i++)
		ask(c, &t, i, 20);
	assert_int_equal(ipc_client_pending(c), N);
	/* All are held at a time: contexts are opened as they are needed. */
	assert_true(run_until(&s.n_held, N, 10));
	assert_int_equal(ended(&t), 0);
	release(&s);
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
	s.server = server_at(url("limit"), LIMIT, NULL, &s);
	c = client_of(url("limit"), NULL);
	for (unsigned i = 0; i < N; i++)
		ask(c, &t, i, 20);
	assert_true(run_until(&s.n_held, LIMIT, 10));
	run_for(0.1);
	assert_int_equal(s.asked, LIMIT);
	s.hold = false;
	release(&s);
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
	c = client_of(url("empty"), NULL);
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
	struct ipc_client *c = client_of(url("nobody"), NULL);
	double begun = ev_time();

	(void)state;
	ev_now_update(loop);
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
	struct ipc_client *c = client_of(url("early"), NULL);

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
	c = client_of(url("big"), NULL);
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
	static uint8_t big[MESSAGE_MAX + 1];
	const char *at = url("outsize");
	struct tally good = { 0 }, bad = { 0 };
	struct served s;
	struct ipc_client *c, *rude;

	(void)state;
	served_start(&s, "outsize");
	c = client_of(at, NULL);
	rude = ipc_client_new(loop, &at, 1, sizeof(big));
	assert_non_null(
	    ipc_call(rude, big, sizeof(big), 0.5, empty_question, &bad));
	for (unsigned i = 0; i < 50; i++) {
		ask(c, &good, i, 5);
		run_for(0.01);
	}
	assert_true(run_until_ended(&bad, 1, 5));
	assert_true(run_until_ended(&good, 50, 5));
	assert_int_equal(bad.results[IPC_TIMEOUT], 1);
	assert_int_equal(good.results[IPC_OK], 50);
	assert_int_equal(s.asked, 50);
	ipc_client_free(rude);
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
	c = client_of(url("loud"), NULL);
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
	s.server = server_at(url("uid"), 16, only_another_uid, &s);
	c = client_of(url("uid"), NULL);
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
	c = client_of(url("whose"), NULL);
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
	assert_int_equal(stat(url("mode") + 6, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0660);
	ipc_server_free(s.server);
	assert_int_equal(stat(url("mode") + 6, &st), -1);
}

static void
a_second_server_leaves_the_first_alone(void **state)
{
	struct tally t = { 0 };
	struct served s, second = { 0 };
	struct ipc_client *c;

	(void)state;
	served_start(&s, "twice");
	assert_null(server_at(url("twice"), 16, NULL, &second));
	c = client_of(url("twice"), NULL);
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
	const char *path = url("file") + 6;
	FILE *f = fopen(path, "w");
	struct stat st;

	(void)state;
	assert_non_null(f);
	fputs("precious", f);
	fclose(f);
	assert_null(server_at(url("file"), 16, NULL, &s));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8);
}

static void
only_ipc_addresses_are_served(void **state)
{
	struct served s = { 0 };

	(void)state;
	assert_null(server_at("tcp://127.0.0.1:1", 16, NULL, &s));
	assert_null(server_at("ipc:///nonexistent/x.ipc", 16, NULL, &s));
}

/* --- the claims: trouble --- */

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

		connect_and_leave(url("killed") + 6);
		run_for(0.05);
		c = client_of(url("killed"), NULL);
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
	c = client_of(url("revival"), NULL);
	for (unsigned i = 0; i < 100; i++)
		ask(c, &t, i, 10);
	assert_true(run_until(&s.asked, 100, 5));
	connect_and_leave(url("revival") + 6);
	run_for(1.5);
	s.hold = false;
	release(&s);
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
	old = client_of(url("old"), NULL);
	assert_true(run_until_connected(old, 1));
	for (unsigned i = 0; i < 3; i++) {
		connect_and_leave(url("old") + 6);
		run_for(1.2);
		ask(old, &t, i, 0.2);
		assert_true(run_until_ended(&t, i + 1, 2));
	}
	assert_int_equal(t.results[IPC_OK], 3);
	assert_int_equal(ipc_client_connected(old), 1);
	ipc_client_free(old);
	run_for(1.2);
	later = client_of(url("old"), NULL);
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
	const char *at = url("restart");
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
		server_kill(pid);
	}
	{
		pid_t pid = server_spawn(at);

		assert_true(run_until_ended(&t, asked, 10));
		server_kill(pid);
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
	c = client_of(url("one"), url("two"));
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
	pid_t two = server_spawn(url("b"));
	struct ipc_client *c;
	double begun;

	(void)state;
	kill(two, SIGSTOP);
	served_start(&one, "a");
	c = client_of(url("a"), url("b"));
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
	server_kill(two);
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
	c = client_of(url("loud"), url("silent"));
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

/* --- the claims: cancelling and ending --- */

/* Cancelled after any number of turns of the loop, `done` never comes. */
static void
a_cancelled_call_is_never_answered(void **state)
{
	struct tally t = { 0 }, other = { 0 };
	struct served s;
	struct ipc_client *c;

	(void)state;
	served_start(&s, "cancel");
	c = client_of(url("cancel"), NULL);
	for (unsigned turns = 0; turns < 300; turns++) {
		struct question *q = calloc(1, sizeof(*q));
		struct ipc_call *call;

		q->tally = &t;
		s.hold = turns % 3 == 0;
		call = ipc_call(c, "x", 1, 5, answered, q);
		assert_non_null(call);
		for (unsigned i = 0; i < turns % 60; i++)
			ev_run(loop, EVRUN_NOWAIT);
		if (ended(&t) > 0) { /* it was quicker */
			t = (struct tally){ 0 };
			continue;
		}
		ipc_cancel(call);
		free(q);
		release(&s);
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
	struct ipc_client *c = client_of(url("absent"), NULL);
	struct question *q = calloc(1, sizeof(*q));
	struct ipc_call *call = ipc_call(c, "x", 1, 0.1, answered, q);

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
	fail_msg("a call was answered after its client was freed");
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
		c = client_of(url(name), url("nobody"));
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
	c = client_of(url("stop"), NULL);
	for (unsigned i = 0; i < 20; i++)
		ask(c, &t, i, 5);
	assert_true(run_until(&s.n_held, 20, 5));
	ipc_server_stop(s.server);
	ask(c, &late, 0, 0.5);
	run_for(0.2);
	release(&s);
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
	struct ipc_client *c = client_of(url("signal"), NULL);
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

static int
setup(void **state)
{
	(void)state;
	loop = ev_default_loop(0);
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	(void)state;
	ipc_end();
	ev_loop_destroy(loop);
	while ((e = readdir(d)) != NULL)
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	return rmdir(dir);
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
		cmocka_unit_test(a_killed_listener_answers_again),
		cmocka_unit_test(calls_under_way_survive_the_revival),
		cmocka_unit_test(a_killed_listeners_connections_go_on),
		cmocka_unit_test(a_killed_server_loses_no_call),
		cmocka_unit_test(calls_are_spread_over_the_servers),
		cmocka_unit_test(a_dead_servers_calls_go_to_the_other_at_once),
		cmocka_unit_test(a_silent_servers_calls_go_to_another_in_time),
		cmocka_unit_test(a_cancelled_call_is_never_answered),
		cmocka_unit_test(a_waiting_call_can_be_cancelled),
		cmocka_unit_test(
		    both_ends_can_be_freed_with_everything_under_way),
		cmocka_unit_test(
		    a_stopped_server_answers_what_it_has_and_takes_no_more),
		cmocka_unit_test(no_thread_of_nng_takes_a_signal),
	};

	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "--server") == 0)
		return server_process(argv[2]);
	return cmocka_run_group_tests(tests, setup, teardown);
}
