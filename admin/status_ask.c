/*
 * One nng REQ socket per daemon, so that the silent one can be named; all are
 * asked at once. nng's waiting is the only waiting here: the command has no
 * loop.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>

#include "admin/status.h"

enum {
	ANSWER_MS = 2000,
	DEGRADED_SECONDS = 300, /* a warning is that young */
	URL_BYTES = 256,
	DAEMONS_MAX = 8,
};

/* Stopped, hung, or killed so that its socket file stayed. */
static const char silent[] = "does not answer within 2 s";

struct question {
	struct status *status;
	nng_socket socket;
	nng_aio *aio;
	bool asked;
};

static void
say(struct status *s, enum status_state state, const char *why)
{
	s->state = state;
	snprintf(s->why, sizeof(s->why), "%s", why);
}

/* nng would try for ever where there is nothing, or nothing for us. */
static bool
may_ask(struct status *s, const char *path)
{
	if (access(path, R_OK | W_OK) == 0)
		return true;
	if (errno == ENOENT || errno == ENOTDIR)
		say(s, STATUS_DOWN, "does not run: it has no status socket");
	else
		say(s, STATUS_UNKNOWN, strerror(errno));
	return false;
}

static int
open_question(struct question *q, const char *url)
{
	int error = nng_aio_alloc(&q->aio, NULL, NULL);

	if (error == 0)
		error = nng_req0_open(&q->socket);
	if (error == 0)
		error = nng_socket_set_size(
		    q->socket, NNG_OPT_RECVMAXSZ, STATUS_MSG_MAX);
	/* In the background: a stopped daemon accepts and says nothing. */
	if (error == 0)
		error = nng_dial(q->socket, url, NULL, NNG_FLAG_NONBLOCK);
	return error;
}

static int
begin_send(struct question *q)
{
	const uint8_t version = STATUS_MSG_VERSION;
	nng_msg *msg;
	int error = nng_msg_alloc(&msg, 0);

	if (error == 0)
		error = nng_msg_append(msg, &version, 1);
	if (error != 0)
		return error;
	nng_aio_set_msg(q->aio, msg);
	nng_aio_set_timeout(q->aio, ANSWER_MS);
	nng_send_aio(q->socket, q->aio);
	q->asked = true;
	return 0;
}

static void
ask(struct question *q, const char *run_dir)
{
	char url[URL_BYTES];
	int error;

	snprintf(url, sizeof(url), "ipc://%s/%s/status.ipc", run_dir,
	    q->status->daemon);
	if (!may_ask(q->status, url + strlen("ipc://")))
		return;
	error = open_question(q, url);
	if (error == 0)
		error = begin_send(q);
	if (error != 0)
		say(q->status, STATUS_UNKNOWN, nng_strerror(error));
}

/* It went out, or nobody took it: then it is dropped here. */
static void
sent(struct question *q)
{
	if (!q->asked)
		return;
	nng_aio_wait(q->aio);
	if (nng_aio_result(q->aio) == 0) {
		nng_recv_aio(q->socket, q->aio);
		return;
	}
	nng_msg_free(nng_aio_get_msg(q->aio));
	say(q->status, STATUS_DOWN, silent);
	q->asked = false;
}

/* Degraded by the daemon's own clock: the two need not agree. */
static void
read_answer(struct status *s, const nng_msg *msg)
{
	struct wire w;

	wire_init_read(
	    &w, nng_msg_body((nng_msg *)(uintptr_t)msg), nng_msg_len(msg));
	if (status_msg_get(&w, &s->msg) == -1) {
		say(s, STATUS_UNKNOWN, "its answer cannot be understood");
		return;
	}
	s->state = s->msg.last_error[0] != '\0' &&
		s->msg.last_error_at + DEGRADED_SECONDS > s->msg.now
	    ? STATUS_DEGRADED
	    : STATUS_UP;
}

static void
answered(struct question *q)
{
	if (!q->asked)
		return;
	nng_aio_wait(q->aio);
	if (nng_aio_result(q->aio) == 0) {
		nng_msg *msg = nng_aio_get_msg(q->aio);

		read_answer(q->status, msg);
		nng_msg_free(msg);
	} else {
		say(q->status, STATUS_DOWN, silent);
	}
}

static void
close_all(struct question *q, size_t n)
{
	for (size_t i = 0; i < n && i < DAEMONS_MAX; i++) {
		nng_close(q[i].socket);
		nng_aio_free(q[i].aio);
	}
	nng_fini();
}

/*
 * A stopped daemon's connection is still in nng's handshake, and nng 1.5.2
 * panics now and then when that is taken down (pthread_mutex_lock: Invalid
 * argument, in its reaper). So that is left to the end of the process.
 */
static bool
any_silent(const struct status *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i].state == STATUS_DOWN)
			return true;
	return false;
}

void
status_ask(struct status *s, size_t n, const char *run_dir)
{
	struct question q[DAEMONS_MAX] = { 0 };

	for (size_t i = 0; i < n && i < DAEMONS_MAX; i++) {
		q[i].status = &s[i];
		ask(&q[i], run_dir);
	}
	for (size_t i = 0; i < n && i < DAEMONS_MAX; i++)
		sent(&q[i]);
	for (size_t i = 0; i < n && i < DAEMONS_MAX; i++)
		answered(&q[i]);
	if (!any_silent(s, n))
		close_all(q, n);
}
