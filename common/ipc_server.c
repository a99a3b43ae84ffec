/*
 * Owns: listening for requests and their answers. Must not know what a
 * request means, nor the lives of the daemons.
 *
 * A request is a context of nng that goes round: RECEIVING (nng has it) ->
 * GIVEN (the loop, then the handler has it) -> ANSWERING (nng has it). In
 * RECEIVING and ANSWERING only the completion callback, in a thread of nng,
 * may touch it, and each of the two ends with one completion. From
 * ipc_server_stop() on it stays GIVEN at the end of its round.
 */
#include "ipc.h"

#include <assert.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "ipc_door.h"
#include "ipc_listener.h"
#include "ipc_queue.h"
#include "ipc_request.h"
#include "ipc_socket.h"
#include "log.h"

enum {
	REQUESTS_STEP = 16,       /* contexts opened at a time */
	ANSWER_TIMEOUT_MS = 10000 /* for a peer that does not read */
};

enum request_state {
	RECEIVING,
	GIVEN,
	ANSWERING,
};

struct nng_request {
	struct ipc_request base;
	LIST_ENTRY(nng_request) link;
	struct ipc_server *server;
	struct ipc_event event;
	_Atomic enum request_state state;
	nng_ctx ctx;
	nng_aio *aio;
	nng_msg *msg; /* GIVEN, but NULL after the last round */
	struct ipc_asker asker;
};

struct ipc_server {
	unsigned max_requests;
	ipc_request_fn *request;
	void *arg;

	nng_socket socket;
	struct ipc_door door; /* closed: the server has been stopped */
	struct ipc_listener listener;
	struct ipc_closing closing;

	LIST_HEAD(, nng_request) requests;
	unsigned n_requests;
	atomic_uint n_busy; /* of them: not RECEIVING */
	int answer_ms;
	bool ending; /* from ipc_server_free() on */
};

/* --- requests, in nng's threads --- */

static void
give(struct nng_request *r)
{
	r->state = GIVEN;
	ipc_queue_push(&r->event);
}

/* The state comes first: request_end() relies on that. */
static void
receive(struct nng_request *r)
{
	r->state = RECEIVING;
	if (r->server->door.closed) {
		give(r);
		return;
	}
	nng_aio_set_timeout(r->aio, NNG_DURATION_INFINITE);
	nng_ctx_recv(r->ctx, r->aio);
}

/* Errors come only from a closed context: then it is over. */
static void
received(struct nng_request *r)
{
	if (nng_aio_result(r->aio) != 0) {
		give(r);
		return;
	}
	r->msg = nng_aio_get_msg(r->aio);
	if (ipc_door_asks(
		&r->server->door, nng_msg_get_pipe(r->msg), &r->asker) == -1) {
		/* Its pipe is gone, so nobody waits for the answer. */
		nng_msg_free(r->msg);
		r->msg = NULL;
		receive(r);
		return;
	}
	r->server->n_busy++;
	give(r);
}

/* What was asked is answered, or cannot be. */
static void
over(struct nng_request *r)
{
	ipc_door_answered(&r->server->door, &r->asker);
	r->server->n_busy--;
}

static void
completed(void *arg)
{
	struct nng_request *r = arg;

	if (r->state == RECEIVING) {
		received(r);
		return;
	}
	if (nng_aio_result(r->aio) != 0) {
		nng_msg_free(nng_aio_get_msg(r->aio));
		ipc_door_expel(&r->server->door, &r->asker);
	}
	over(r);
	receive(r);
}

/* --- requests, in the loop --- */

/* Of one that is GIVEN. */
static void
request_free(struct nng_request *r)
{
	nng_aio_free(r->aio); /* waits for the last lines of its callback */
	ipc_queue_remove(&r->event);
	nng_msg_free(r->msg);
	nng_ctx_close(r->ctx);
	LIST_REMOVE(r, link);
	r->server->n_requests--;
	free(r);
}

static void given(void *arg);
static void nng_answer(struct ipc_request *, const void *data, size_t n);

static int
request_new(struct ipc_server *s)
{
	struct nng_request *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return -1;
	if (nng_ctx_open(&r->ctx, s->socket) != 0) {
		free(r);
		return -1;
	}
	if (nng_aio_alloc(&r->aio, completed, r) != 0) {
		nng_ctx_close(r->ctx);
		free(r);
		return -1;
	}
	r->base.answer = nng_answer;
	r->server = s;
	r->event = (struct ipc_event){ .run = given, .arg = r };
	LIST_INSERT_HEAD(&s->requests, r, link);
	s->n_requests++;
	receive(r);
	return 0;
}

/* As soon as all are busy, some more; what cannot be had now comes later. */
static void
requests_grow(struct ipc_server *s)
{
	for (unsigned i = 0;
	     i < REQUESTS_STEP && s->n_requests < s->max_requests; i++)
		if (request_new(s) == -1) {
			log_warnx("ipc: %s: out of memory for more than %u "
				  "requests",
			    s->listener.path, s->n_requests);
			return;
		}
}

static void server_close(struct ipc_server *);

static void
given(void *arg)
{
	struct nng_request *r = arg;
	struct ipc_server *s = r->server;

	if (s->ending) {
		request_free(r);
		server_close(s);
		return;
	}
	if (s->door.closed)
		return;
	if (s->n_busy >= s->n_requests)
		requests_grow(s);
	r->base.uid = r->asker.uid;
	r->base.pid = r->asker.pid;
	s->request(s->arg, &r->base, nng_msg_body(r->msg), nng_msg_len(r->msg));
}

static void
nng_answer(struct ipc_request *base, const void *data, size_t n)
{
	struct nng_request *r = (struct nng_request *)base;
	nng_msg *answer;

	assert(r->state == GIVEN && r->msg != NULL);
	if (nng_msg_alloc(&answer, n) != 0) {
		log_warnx("ipc: %s: out of memory for an answer of %zu octets",
		    r->server->listener.path, n);
		nng_msg_free(r->msg);
		r->msg = NULL;
		over(r);
		receive(r);
		return;
	}
	if (n > 0)
		memcpy(nng_msg_body(answer), data, n);
	nng_msg_free(r->msg);
	r->msg = NULL;
	r->state = ANSWERING;
	nng_aio_set_msg(r->aio, answer);
	nng_aio_set_timeout(r->aio, r->server->answer_ms);
	nng_ctx_send(r->ctx, r->aio);
}

void
ipc_answer(struct ipc_request *r, const void *data, size_t n)
{
	r->answer(r, data, n);
}

pid_t
ipc_request_pid(const struct ipc_request *r)
{
	return r->pid;
}

uid_t
ipc_request_uid(const struct ipc_request *r)
{
	return r->uid;
}

const char *
ipc_request_names(const struct ipc_request *r)
{
	return r->names;
}

/* --- life --- */

static int
server_open(struct ipc_server *s, const struct ipc_server_options *options)
{
	int error;

	if (ipc_listener_init(&s->listener, options) == -1)
		return -1;
	ipc_door_open(&s->door, s->listener.path);
	if ((error = ipc_socket_open(nng_rep0_open, &s->socket)) != 0 ||
	    (error = nng_socket_set_size(
		 s->socket, NNG_OPT_RECVMAXSZ, options->max_message)) != 0) {
		log_warnx("ipc: %s: %s", s->listener.path, nng_strerror(error));
		return -1;
	}
	requests_grow(s);
	return s->n_requests > 0 ? ipc_listener_open(&s->listener, s->socket)
				 : -1;
}

struct ipc_server *
ipc_server_new(struct ev_loop *loop, const struct ipc_server_options *options,
    ipc_peer_fn *peer_ok, ipc_request_fn *request, void *arg)
{
	struct ipc_server *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		log_warnx("ipc: out of memory");
		return NULL;
	}
	*s = (struct ipc_server){ .max_requests = options->max_requests,
		.answer_ms = options->answer_ms > 0 ? (int)options->answer_ms
						    : ANSWER_TIMEOUT_MS,
		.request = request,
		.arg = arg };
	LIST_INIT(&s->requests);
	ipc_queue_attach(loop);
	if (ipc_door_init(&s->door, loop, options, peer_ok, arg) == -1)
		log_warnx("ipc: out of memory");
	else if (server_open(s, options) == 0)
		return s;
	ipc_server_free(s);
	return NULL;
}

/* What nng hands over after this is dropped by given(). */
void
ipc_server_stop(struct ipc_server *s)
{
	ipc_door_close(&s->door);
}

static void
closed(void *arg)
{
	struct ipc_server *s = arg;

	ipc_door_free(&s->door);
	ipc_listener_free(&s->listener);
	free(s);
	ipc_queue_detach();
}

/* As soon as nng has given back the last request. */
static void
server_close(struct ipc_server *s)
{
	if (!LIST_EMPTY(&s->requests))
		return;
	s->closing = (struct ipc_closing){ .socket = s->socket,
		.closed = { .run = closed, .arg = s } };
	ipc_socket_close(&s->closing);
}

/*
 * An answer ends in ANSWER_TIMEOUT_MS by itself; its context must not be
 * closed, since that timeout may be going off in it. If it ends just now it
 * sees that the door is closed, which was done before this.
 */
static void
request_end(struct nng_request *r)
{
	const enum request_state state = r->state;

	if (state == RECEIVING)
		nng_ctx_close(r->ctx);
	else if (state == GIVEN)
		request_free(r);
}

/* Nor is the listener closed here: that would close its busy connections. */
void
ipc_server_free(struct ipc_server *s)
{
	struct nng_request *r, *next;

	if (s == NULL)
		return;
	ipc_server_stop(s);
	ipc_listener_close(&s->listener);
	s->ending = true;
	for (r = LIST_FIRST(&s->requests); r != NULL; r = next) {
		next = LIST_NEXT(r, link);
		request_end(r);
	}
	server_close(s);
}
