/*
 * Owns: what the tests of ipc ask and answer with.
 */
#include "tests/unit/ipc_ends.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct ev_loop *ends_loop;
static char dir[] = "/tmp/dnsmail-ipc.XXXXXX";

/* --- a server and what it was asked --- */

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

void
served_release(struct served *s)
{
	while (s->n_held > 0) {
		s->n_held--;
		ipc_answer(s->held[s->n_held], s->said[s->n_held].data,
		    s->said[s->n_held].n);
	}
}

const char *
ends_url(const char *name)
{
	static char text[4][200];
	static unsigned i;

	i = (i + 1) % 4;
	snprintf(text[i], sizeof(text[i]), "ipc://%s/%s", dir, name);
	return text[i];
}

const char *
ends_path(const char *name)
{
	return ends_url(name) + strlen("ipc://");
}

struct ipc_server *
served_at(const char *at, unsigned max_requests, ipc_peer_fn *peer_ok,
    struct served *s)
{
	struct ipc_server_options o = { .url = at,
		.mode = 0660,
		.max_message = MESSAGE_MAX,
		.max_requests = max_requests };

	return ipc_server_new(ends_loop, &o, peer_ok, serve, s);
}

void
served_start(struct served *s, const char *name)
{
	*s = (struct served){ 0 };
	s->server = served_at(ends_url(name), 2000, NULL, s);
	assert_non_null(s->server);
}

/* --- a client and what it was answered --- */

void
question_answered(
    void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	struct question *q = arg;

	q->tally->results[result]++;
	if (result == IPC_OK &&
	    (n != q->n || memcmp(data, q->data, n < 64 ? n : 64) != 0))
		q->tally->wrong++;
	free(q);
}

struct ipc_call *
ask(struct ipc_client *c, struct tally *t, unsigned number, double timeout)
{
	struct question *q = calloc(1, sizeof(*q));
	struct ipc_call *call;

	q->tally = t;
	q->n = (size_t)snprintf(
	    (char *)q->data, sizeof(q->data), "question %u", number);
	call = ipc_call(c, q->data, q->n, timeout, question_answered, q);
	assert_non_null(call);
	return call;
}

unsigned
ended(const struct tally *t)
{
	return t->results[IPC_OK] + t->results[IPC_TIMEOUT] +
	    t->results[IPC_ERROR];
}

struct ipc_client *
client_of(const char *first, const char *second)
{
	const char *urls[] = { first, second };
	struct ipc_client *c = ipc_client_new(
	    ends_loop, urls, second != NULL ? 2 : 1, MESSAGE_MAX);

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

bool
run_until(const unsigned *counter, unsigned n, double seconds)
{
	double end = ev_time() + seconds;
	ev_timer tick;

	ev_timer_init(&tick, nothing, 0.01, 0.01);
	ev_timer_start(ends_loop, &tick);
	while (*counter < n && ev_time() < end)
		ev_run(ends_loop, EVRUN_ONCE);
	ev_timer_stop(ends_loop, &tick);
	return *counter >= n;
}

void
run_for(double seconds)
{
	unsigned never = 0;

	(void)run_until(&never, 1, seconds);
}

bool
run_until_ended(const struct tally *t, unsigned n, double seconds)
{
	double end = ev_time() + seconds;

	while (ended(t) < n && ev_time() < end)
		run_for(0.005);
	return ended(t) >= n;
}

bool
run_until_connected(struct ipc_client *c, int n)
{
	double end = ev_time() + 5;

	while (ipc_client_connected(c) != n && ev_time() < end)
		run_for(0.005);
	return ipc_client_connected(c) == n;
}

/* --- processes of their own --- */

static int
ready(void)
{
	return write(STDOUT_FILENO, "r", 1) == 1 ? 0 : -1;
}

static int
server_process(const char *at)
{
	struct served s = { 0 };

	if (served_at(at, 2000, NULL, &s) == NULL || ready() == -1)
		return 1;
	ev_run(ends_loop, 0);
	return 0;
}

static void
ask_again(void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	static unsigned answers;

	(void)result;
	(void)data;
	(void)n;
	if (answers++ == 1000 && ready() == -1)
		_exit(1);
	ipc_call(arg, "again", 5, 5, ask_again, arg);
}

static int
client_process(const char *at)
{
	struct ipc_client *c = client_of(at, NULL);

	for (unsigned i = 0; i < 64; i++)
		ipc_call(c, "first", 5, 5, ask_again, c);
	ev_run(ends_loop, 0);
	return 0;
}

static void
leave(void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	(void)arg;
	(void)data;
	(void)n;
	_exit(result == IPC_TIMEOUT ? 0 : 1);
}

/* Exits with 0 if it was not answered. */
static int
rude_process(const char *at)
{
	static uint8_t big[MESSAGE_MAX + 1];
	struct ipc_client *c = ipc_client_new(ends_loop, &at, 1, sizeof(big));

	ipc_call(c, big, sizeof(big), 0.5, leave, NULL);
	if (ready() == -1)
		return 1;
	ev_run(ends_loop, 0);
	return 1;
}

int
ends_process(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	ends_loop =
	    ev_loop_new(EVFLAG_AUTO); /* the default one reaps children */
	if (argc == 3 && strcmp(argv[1], "--server") == 0)
		return server_process(argv[2]);
	if (argc == 3 && strcmp(argv[1], "--client") == 0)
		return client_process(argv[2]);
	if (argc == 3 && strcmp(argv[1], "--rude") == 0)
		return rude_process(argv[2]);
	return -1;
}

/* Runs our own loop until it says that it is ready. */
static pid_t
spawn(const char *what, const char *at)
{
	int says[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe2(says, O_CLOEXEC | O_NONBLOCK), 0);
	if ((pid = fork()) == 0) {
		dup2(says[1], STDOUT_FILENO);
		execl("/proc/self/exe", "ipc", what, at, NULL);
		_exit(127);
	}
	close(says[1]);
	for (double end = ev_time() + 10; read(says[0], &c, 1) != 1;) {
		assert_true(ev_time() < end);
		run_for(0.01);
	}
	close(says[0]);
	return pid;
}

pid_t
server_spawn(const char *at)
{
	return spawn("--server", at);
}

pid_t
client_spawn(const char *at)
{
	return spawn("--client", at);
}

pid_t
rude_spawn(const char *at)
{
	return spawn("--rude", at);
}

void
process_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* --- before and after the tests --- */

int
ends_setup(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

int
ends_teardown(void **state)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	(void)state;
	ipc_end();
	ev_loop_destroy(ends_loop);
	while ((e = readdir(d)) != NULL)
		unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	return rmdir(dir);
}
