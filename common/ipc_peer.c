/*
 * Owns: the connection to one server and the requests under way to it. Must
 * not know of other servers, nor of time.
 */
#include "ipc_peer.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "ipc_queue.h"
#include "ipc_socket.h"
#include "log.h"

enum {
	RECONNECT_MIN_MS = 10,
	RECONNECT_MAX_MS = 200,
	IDLE_MAX = 256 /* attempts kept for later requests */
};

struct nng_peer {
	struct ipc_peer base;
	nng_socket socket;
	atomic_int pipe;        /* nng's number of the connection; 0: none */
	int dead_pipe;          /* known to be gone before nng says so */
	struct ipc_event event; /* pipe has changed */
	LIST_HEAD(, ipc_attempt) busy, idle;
	size_t n_idle;
	bool ending; /* from peer_free() on */
	struct ipc_closing closing;
};

struct ipc_attempt {
	LIST_ENTRY(ipc_attempt) link; /* in its peer's busy or idle */
	struct nng_peer *peer;
	struct ipc_owner *owner; /* NULL: idle or dropped */
	struct ipc_event event;
	int pipe; /* over which it was sent, as far as known */
	bool sending;
	nng_ctx ctx;
	nng_aio *aio;
	nng_msg *answer;
};

/* --- attempts --- */

/* In a thread of nng. Receiving begins here, never before: nng wants it so. */
static void
attempt_completed(void *arg)
{
	struct ipc_attempt *a = arg;
	int error = nng_aio_result(a->aio);

	if (a->sending && error == 0) {
		a->sending = false;
		nng_ctx_recv(a->ctx, a->aio);
		return;
	}
	if (a->sending)
		nng_msg_free(nng_aio_get_msg(a->aio));
	else if (error == 0)
		a->answer = nng_aio_get_msg(a->aio);
	ipc_queue_push(&a->event);
}

static void attempt_over(void *arg);

static struct ipc_attempt *
attempt_new(struct nng_peer *p)
{
	struct ipc_attempt *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	if (nng_ctx_open(&a->ctx, p->socket) != 0) {
		free(a);
		return NULL;
	}
	if (nng_aio_alloc(&a->aio, attempt_completed, a) != 0) {
		nng_ctx_close(a->ctx);
		free(a);
		return NULL;
	}
	nng_aio_set_timeout(a->aio, NNG_DURATION_INFINITE);
	a->peer = p;
	a->event = (struct ipc_event){ .run = attempt_over, .arg = a };
	return a;
}

/* Of one that nng has given back. */
static void
attempt_free(struct ipc_attempt *a)
{
	LIST_REMOVE(a, link);
	nng_ctx_close(a->ctx);
	nng_aio_free(a->aio); /* waits for the last lines of its callback */
	ipc_queue_remove(&a->event);
	nng_msg_free(a->answer);
	free(a);
}

/* Out of idle, or a new one; in busy. */
static struct ipc_attempt *
attempt_take(struct nng_peer *p)
{
	struct ipc_attempt *a = LIST_FIRST(&p->idle);

	if (a != NULL) {
		LIST_REMOVE(a, link);
		p->n_idle--;
	} else if ((a = attempt_new(p)) == NULL)
		return NULL;
	LIST_INSERT_HEAD(&p->busy, a, link);
	p->base.n_busy++;
	return a;
}

static void
attempt_keep(struct ipc_attempt *a)
{
	struct nng_peer *p = a->peer;

	if (p->n_idle >= IDLE_MAX) {
		attempt_free(a);
		return;
	}
	LIST_REMOVE(a, link);
	LIST_INSERT_HEAD(&p->idle, a, link);
	p->n_idle++;
}

static struct ipc_attempt *
attempt_start(
    struct ipc_peer *base, const void *data, size_t n, struct ipc_owner *owner)
{
	struct nng_peer *p = (struct nng_peer *)base;
	struct ipc_attempt *a;
	nng_msg *msg;

	if (nng_msg_alloc(&msg, n) != 0)
		return NULL;
	if ((a = attempt_take(p)) == NULL) {
		nng_msg_free(msg);
		return NULL;
	}
	if (n > 0)
		memcpy(nng_msg_body(msg), data, n);
	a->owner = owner;
	a->pipe = p->pipe;
	a->sending = true;
	nng_aio_set_msg(a->aio, msg);
	nng_ctx_send(a->ctx, a->aio);
	return a;
}

static void
attempt_drop(struct ipc_attempt *a)
{
	a->owner = NULL;
	a->peer->base.n_busy--;
	nng_ctx_close(a->ctx);
}

static void
attempt_answered(struct ipc_attempt *a, struct ipc_owner *owner)
{
	nng_msg *answer = a->answer;

	a->answer = NULL;
	a->peer->base.shun_until = 0;
	attempt_keep(a);
	owner->answered(owner, nng_msg_body(answer), nng_msg_len(answer));
	nng_msg_free(answer);
}

/* The connection broke, or something worse: nng shall make it anew. */
static void
attempt_failed(struct ipc_attempt *a, struct ipc_owner *owner)
{
	struct nng_peer *p = a->peer;

	p->dead_pipe = a->pipe;
	nng_pipe_close((nng_pipe){ .id = (uint32_t)a->pipe });
	attempt_free(a);
	owner->failed(owner);
}

static void peer_close(struct nng_peer *);

static void
attempt_over(void *arg)
{
	struct ipc_attempt *a = arg;
	struct nng_peer *p = a->peer;
	struct ipc_owner *owner = a->owner;

	if (owner == NULL) {
		attempt_free(a);
		if (p->ending)
			peer_close(p);
		return;
	}
	a->owner = NULL;
	p->base.n_busy--;
	if (a->answer != NULL)
		attempt_answered(a, owner);
	else
		attempt_failed(a, owner);
}

/* --- the connection --- */

static bool
peer_connected(const struct ipc_peer *base)
{
	const struct nng_peer *p = (const struct nng_peer *)base;
	int pipe = p->pipe;

	return pipe != 0 && pipe != p->dead_pipe;
}

/* In a thread of nng. */
static void
pipe_changed(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
	struct nng_peer *p = arg;
	int id = nng_pipe_id(pipe);

	if (event == NNG_PIPE_EV_ADD_POST)
		p->pipe = id;
	else
		atomic_compare_exchange_strong(&p->pipe, &id, 0);
	ipc_queue_push(&p->event);
}

/*
 * What was sent over an old connection is lost, and so is what waits in nng
 * for a new one, since that may take long while others are there.
 */
static void
peer_event(void *arg)
{
	struct nng_peer *p = arg;
	int pipe = p->pipe;
	struct ipc_attempt *a;

	if (p->ending)
		return;
	LIST_FOREACH(a, &p->busy, link)
	{
		struct ipc_owner *owner = a->owner;

		if (owner == NULL || a->pipe == pipe)
			continue;
		attempt_drop(a);
		owner->failed(owner);
	}
	p->base.changed(p->base.arg);
}

/* Endless resending would ask a server twice that is merely slow. */
static int
socket_setup(struct nng_peer *p, size_t max_message)
{
	int error;

	if ((error = nng_socket_set_ms(p->socket, NNG_OPT_REQ_RESENDTIME,
		 NNG_DURATION_INFINITE)) != 0 ||
	    (error = nng_socket_set_ms(
		 p->socket, NNG_OPT_RECONNMINT, RECONNECT_MIN_MS)) != 0 ||
	    (error = nng_socket_set_ms(
		 p->socket, NNG_OPT_RECONNMAXT, RECONNECT_MAX_MS)) != 0 ||
	    (error = nng_socket_set_size(
		 p->socket, NNG_OPT_RECVMAXSZ, max_message)) != 0 ||
	    (error = nng_pipe_notify(
		 p->socket, NNG_PIPE_EV_ADD_POST, pipe_changed, p)) != 0)
		return error;
	return nng_pipe_notify(
	    p->socket, NNG_PIPE_EV_REM_POST, pipe_changed, p);
}

static int
peer_dial(struct nng_peer *p, const char *url, size_t max_message)
{
	int error;

	if ((error = ipc_socket_open(nng_req0_open, &p->socket)) == 0 &&
	    (error = socket_setup(p, max_message)) == 0)
		error = nng_dial(p->socket, url, NULL, NNG_FLAG_NONBLOCK);
	if (error == 0)
		return 0;
	log_warnx("ipc: %s: %s", url, nng_strerror(error));
	return -1;
}

static void
closed(void *arg)
{
	struct nng_peer *p = arg;

	ipc_queue_remove(&p->event);
	free(p);
	ipc_queue_detach();
}

/* As soon as nng has given back the last attempt. */
static void
peer_close(struct nng_peer *p)
{
	if (!LIST_EMPTY(&p->busy))
		return;
	p->closing = (struct ipc_closing){ .socket = p->socket,
		.closed = { .run = closed, .arg = p } };
	ipc_socket_close(&p->closing);
}

static void
peer_free(struct ipc_peer *base)
{
	struct nng_peer *p = (struct nng_peer *)base;

	p->ending = true;
	while (!LIST_EMPTY(&p->idle))
		attempt_free(LIST_FIRST(&p->idle));
	peer_close(p);
}

static const struct ipc_peer_ops ops = {
	.start = attempt_start,
	.drop = attempt_drop,
	.connected = peer_connected,
	.free = peer_free,
};

struct ipc_peer *
ipc_peer_new(struct ev_loop *loop, const char *url, size_t max_message,
    ipc_changed_fn *changed, void *arg)
{
	struct nng_peer *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		log_warnx("ipc: out of memory");
		return NULL;
	}
	p->base =
	    (struct ipc_peer){ .ops = &ops, .changed = changed, .arg = arg };
	p->event = (struct ipc_event){ .run = peer_event, .arg = p };
	LIST_INIT(&p->busy);
	LIST_INIT(&p->idle);
	ipc_queue_attach(loop);
	if (peer_dial(p, url, max_message) == 0)
		return &p->base;
	peer_free(&p->base);
	return NULL;
}
