/*
 * One nng REQ socket per daemon, so that the silent one can be named; all are
 * asked at once. nng's waiting is the only waiting here: the command has no
 * loop.
 */
#include <stdio.h>
#include <string.h>

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>

#include "admin/status.h"

enum { URL_BYTES = 256 };

struct question {
	struct status *status;
	nng_socket socket;
	nng_aio *aio;
	bool asked;
};

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
	nng_aio_set_timeout(q->aio, STATUS_ANSWER_MS);
	nng_send_aio(q->socket, q->aio);
	q->asked = true;
	return 0;
}

static void
ask(struct question *q, const char *run_dir)
{
	char url[URL_BYTES];
	int error;

	if (!status_probe(q->status, run_dir, false))
		return;
	snprintf(url, sizeof(url), "ipc://%s/%s/status.ipc", run_dir,
	    q->status->daemon);
	error = open_question(q, url);
	if (error == 0)
		error = begin_send(q);
	if (error != 0)
		status_fail(q->status, REASON_SYSTEM, nng_strerror(error));
}

/* It went out, or nobody took it: then it is dropped here. */
static void
sent(struct question *q, const char *run_dir)
{
	if (!q->asked)
		return;
	nng_aio_wait(q->aio);
	if (nng_aio_result(q->aio) == 0) {
		nng_recv_aio(q->socket, q->aio);
		return;
	}
	nng_msg_free(nng_aio_get_msg(q->aio));
	status_probe(q->status, run_dir, true);
	q->asked = false;
}

static void
answered(struct question *q, const char *run_dir)
{
	nng_msg *msg;

	if (!q->asked)
		return;
	nng_aio_wait(q->aio);
	if (nng_aio_result(q->aio) != 0) {
		status_probe(q->status, run_dir, true);
		return;
	}
	msg = nng_aio_get_msg(q->aio);
	status_read(q->status, nng_msg_body(msg), nng_msg_len(msg));
	nng_msg_free(msg);
}

static void
close_all(struct question *q, size_t n)
{
	for (size_t i = 0; i < n && i < STATUS_DAEMONS_MAX; i++) {
		nng_close(q[i].socket);
		nng_aio_free(q[i].aio);
	}
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
	struct question q[STATUS_DAEMONS_MAX] = { 0 };

	for (size_t i = 0; i < n && i < STATUS_DAEMONS_MAX; i++) {
		q[i].status = &s[i];
		ask(&q[i], run_dir);
	}
	for (size_t i = 0; i < n && i < STATUS_DAEMONS_MAX; i++)
		sent(&q[i], run_dir);
	for (size_t i = 0; i < n && i < STATUS_DAEMONS_MAX; i++)
		answered(&q[i], run_dir);
	if (!any_silent(s, n))
		close_all(q, n);
}

void
status_ask_end(const struct status *s, size_t n)
{
	if (!any_silent(s, n))
		nng_fini();
}
