/*
 * Owns: calls, spread over the servers that are connected, asked again where
 * one fails, and their time. Must not know what a call means, nor nng.
 *
 * A call is `waiting` for a connection or `asked` (it has an attempt). It
 * belongs to the loop and is freed as soon as it is over, whatever nng still
 * does with the attempt that it had.
 */
#include "ipc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "ipc_choice.h"
#include "ipc_peer.h"
#include "ipc_watch.h"
#include "log.h"
#include "metrics.h"

/* After this share of its time a call tries another server, and again. */
#define RETRY_SHARE (1. / 3)
/* What the loop's clock may be early. */
#define TIMER_SLACK 0.001

TAILQ_HEAD(calls, ipc_call);

struct ipc_call {
	struct ipc_owner owner;     /* of the attempt: the first member */
	TAILQ_ENTRY(ipc_call) link; /* in its client's waiting or asked */
	struct ipc_client *client;
	struct ipc_attempt *attempt; /* NULL: waiting */
	struct ipc_peer *peer;       /* of the attempt */
	size_t n_again;              /* answers not taken as the last */
	ev_timer timer;
	double deadline;
	double retry_every;
	enum ipc_result failure; /* what it is when the time is over */
	ipc_answer_fn *done;
	void *arg;
	size_t n;
	uint8_t data[];
};

struct ipc_client {
	struct ev_loop *loop;
	size_t max_message;
	struct ipc_client_options options;
	struct calls waiting, asked;
	size_t n_calls;
	size_t next; /* whose turn it is, where all are equal */
	size_t n_peers;
	struct ipc_watch *watch; /* NULL: nobody wants to know */
	struct ipc_peer *peers[];
};

/* --- which server --- */

/* NULL: none. */
static struct ipc_peer *
peer_pick(struct ipc_client *c, const struct ipc_peer *except)
{
	return ipc_choose(
	    c->peers, c->n_peers, ++c->next, except, ev_now(c->loop));
}

/* --- calls --- */

/* Asks a server; waits where none is connected, or memory is out. */
static void
call_start(struct ipc_call *call, const struct ipc_peer *except)
{
	struct ipc_client *c = call->client;
	struct ipc_peer *p = peer_pick(c, except);

	call->peer = p;
	call->attempt = p != NULL && call->n <= c->max_message
	    ? p->ops->start(p, call->data, call->n, &call->owner)
	    : NULL;
	if (call->attempt != NULL)
		TAILQ_INSERT_TAIL(&c->asked, call, link);
	else
		TAILQ_INSERT_TAIL(&c->waiting, call, link);
}

static void
call_stop(struct ipc_call *call)
{
	struct ipc_client *c = call->client;

	if (call->attempt == NULL) {
		TAILQ_REMOVE(&c->waiting, call, link);
		return;
	}
	TAILQ_REMOVE(&c->asked, call, link);
	call->peer->ops->drop(call->attempt);
	call->attempt = NULL;
}

static void
call_free(struct ipc_call *call)
{
	ev_timer_stop(call->client->loop, &call->timer);
	call->client->n_calls--;
	free(call);
}

/* The caller may do anything in done, even free the client. */
static void
call_end(struct ipc_call *call, enum ipc_result result, const uint8_t *data,
    size_t n)
{
	ipc_answer_fn *done = call->done;
	void *arg = call->arg;

	call_free(call);
	done(arg, result, data, n);
}

/* Once more, while its time lasts; the log and the counters know. */
static void
call_elsewhere(struct ipc_call *call, const struct ipc_peer *except)
{
	struct ipc_client *c = call->client;

	if (c->options.metrics != NULL)
		metric_add(c->options.metrics, c->options.again_row, 1);
	call_start(call, except);
}

/* Another server may do what this one cannot now. Each has one try. */
static bool
call_asked_again(struct ipc_call *call, const uint8_t *data, size_t n)
{
	struct ipc_client *c = call->client;
	struct ipc_peer *busy = call->peer;

	if (c->options.again == NULL || !c->options.again(data, n) ||
	    ++call->n_again >= c->n_peers || peer_pick(c, busy) == NULL)
		return false;
	busy->shun_until = ev_now(c->loop) + IPC_BUSY_SECONDS;
	call_elsewhere(call, busy);
	return true;
}

static void
call_answered(struct ipc_owner *owner, const uint8_t *data, size_t n)
{
	struct ipc_call *call = (struct ipc_call *)owner;

	TAILQ_REMOVE(&call->client->asked, call, link);
	call->attempt = NULL;
	ipc_watch_look(call->client->watch);
	if (!call_asked_again(call, data, n))
		call_end(call, IPC_OK, data, n);
}

static void
call_failed(struct ipc_owner *owner)
{
	struct ipc_call *call = (struct ipc_call *)owner;

	TAILQ_REMOVE(&call->client->asked, call, link);
	call_elsewhere(call, NULL);
}

/* Its server keeps it waiting: another may be quicker. */
static void
call_try_another(struct ipc_call *call)
{
	struct ipc_peer *slow = call->peer;

	slow->shun_until = ev_now(call->client->loop) + IPC_SHUN_SECONDS;
	ipc_watch_look(call->client->watch);
	if (peer_pick(call->client, slow) == NULL)
		return;
	call_stop(call);
	call_elsewhere(call, slow);
}

static void
call_timer_start(struct ipc_call *call)
{
	double left = call->deadline - ev_now(call->client->loop);

	ev_timer_set(&call->timer,
	    left < call->retry_every ? left : call->retry_every, 0.);
	ev_timer_start(call->client->loop, &call->timer);
}

static void
call_timer(EV_P_ ev_timer *w, int revents)
{
	struct ipc_call *call = w->data;

	(void)revents;
	if (call->deadline - ev_now(EV_A) < TIMER_SLACK) {
		call_stop(call);
		call_end(call, call->failure, NULL, 0);
		return;
	}
	if (call->attempt != NULL)
		call_try_another(call);
	else {
		call_stop(call);
		call_start(call, NULL);
	}
	call_timer_start(call);
}

/* Those that waited for a connection, each once. */
static void
calls_start_waiting(void *arg)
{
	struct ipc_client *c = arg;
	struct calls calls = TAILQ_HEAD_INITIALIZER(calls);
	struct ipc_call *call;

	ipc_watch_look(c->watch);
	TAILQ_CONCAT(&calls, &c->waiting, link);
	while ((call = TAILQ_FIRST(&calls)) != NULL) {
		TAILQ_REMOVE(&calls, call, link);
		call_start(call, NULL);
	}
}

struct ipc_call *
ipc_call(struct ipc_client *c, const void *data, size_t n, double timeout,
    ipc_answer_fn *done, void *arg)
{
	struct ipc_call *call = malloc(sizeof(*call) + n);

	if (call == NULL)
		return NULL;
	*call = (struct ipc_call){ .owner = { call_answered, call_failed },
		.client = c,
		.deadline = ev_now(c->loop) + timeout,
		.retry_every = timeout * RETRY_SHARE,
		.failure = IPC_TIMEOUT,
		.done = done,
		.arg = arg,
		.n = n };
	if (n > 0)
		memcpy(call->data, data, n);
	if (n > c->max_message) {
		call->failure = IPC_ERROR;
		call->deadline = ev_now(c->loop);
	}
	c->n_calls++;
	ev_init(&call->timer, call_timer);
	call->timer.data = call;
	call_start(call, NULL);
	call_timer_start(call);
	return call;
}

void
ipc_cancel(struct ipc_call *call)
{
	call_stop(call);
	call_free(call);
}

/* --- the client --- */

static struct ipc_peer *
peer_new(struct ipc_client *c, const char *url)
{
	const struct ipc_client_options *o = &c->options;
	char *copy = strdup(url);
	struct ipc_peer *p = NULL;

	if (copy == NULL)
		log_warnx("ipc: out of memory");
	else if (o->connect == NULL || strncmp(url, "ipc://", 6) == 0)
		p = ipc_peer_new(
		    c->loop, url, c->max_message, calls_start_waiting, c);
	else
		p = o->connect(o->connect_arg, c->loop, url, c->max_message,
		    calls_start_waiting, c);
	if (p == NULL)
		free(copy);
	else
		p->url = copy;
	return p;
}

/* -1: out of memory. */
static int
watch_begin(struct ipc_client *c)
{
	const struct ipc_client_options *o = &c->options;

	if (o->metrics == NULL)
		return 0;
	c->watch = ipc_watch_new(c->loop, c->peers, c->n_peers, IPC_WATCH_FIRST,
	    o->metrics, o->up_row);
	return c->watch != NULL ? 0 : -1;
}

struct ipc_client *
ipc_client_new_with(struct ev_loop *loop, const char *const *urls,
    size_t n_urls, size_t max_message, const struct ipc_client_options *options)
{
	struct ipc_client *c =
	    calloc(1, sizeof(*c) + n_urls * sizeof(c->peers[0]));

	if (c == NULL) {
		log_warnx("ipc: out of memory");
		return NULL;
	}
	c->loop = loop;
	c->max_message = max_message;
	c->options = *options;
	TAILQ_INIT(&c->waiting);
	TAILQ_INIT(&c->asked);
	while (c->n_peers < n_urls) {
		struct ipc_peer *p = peer_new(c, urls[c->n_peers]);

		if (p == NULL) {
			ipc_client_free(c);
			return NULL;
		}
		c->peers[c->n_peers++] = p;
	}
	if (watch_begin(c) == 0)
		return c;
	log_warnx("ipc: out of memory");
	ipc_client_free(c);
	return NULL;
}

struct ipc_client *
ipc_client_new(struct ev_loop *loop, const char *const *urls, size_t n_urls,
    size_t max_message)
{
	static const struct ipc_client_options none;

	return ipc_client_new_with(loop, urls, n_urls, max_message, &none);
}

size_t
ipc_client_pending(const struct ipc_client *c)
{
	return c->n_calls;
}

int
ipc_client_connected(const struct ipc_client *c)
{
	int n = 0;

	for (size_t i = 0; i < c->n_peers; i++)
		n += c->peers[i]->ops->connected(c->peers[i]);
	return n;
}

void
ipc_client_free(struct ipc_client *c)
{
	struct ipc_call *call;

	if (c == NULL)
		return;
	while ((call = TAILQ_FIRST(&c->asked)) != NULL ||
	    (call = TAILQ_FIRST(&c->waiting)) != NULL)
		ipc_cancel(call);
	ipc_watch_free(c->watch);
	for (size_t i = 0; i < c->n_peers; i++) {
		free(c->peers[i]->url);
		c->peers[i]->url = NULL;
		c->peers[i]->ops->free(c->peers[i]);
	}
	free(c);
}
