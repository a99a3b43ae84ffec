/*
 * Owns: the one queue between nng's threads and the loop, and the life of
 * nng as a whole. Must not know what the events mean.
 */
#include "ipc_queue.h"

#include <assert.h>
#include <nng/nng.h>
#include <pthread.h>
#include <signal.h>

#include "ipc.h"

/* Run in one go; then the loop's other watchers have their turn. */
enum { BURST_MAX = 256 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static TAILQ_HEAD(, ipc_event) events = TAILQ_HEAD_INITIALIZER(events);
static bool waking; /* the loop will look at the queue again */

static struct ev_loop *queue_loop;
static ev_async wake;
static unsigned attached;

static struct ipc_event *
pop(void)
{
	struct ipc_event *e;

	pthread_mutex_lock(&mutex);
	if ((e = TAILQ_FIRST(&events)) != NULL) {
		TAILQ_REMOVE(&events, e, link);
		e->queued = false;
	} else
		waking = false;
	pthread_mutex_unlock(&mutex);
	return e;
}

/* An event may free itself and others: nothing of it is used afterwards. */
static void
run_events(EV_P_ ev_async *w, int revents)
{
	struct ipc_event *e;

	(void)revents;
	for (int i = 0; i < BURST_MAX; i++) {
		if ((e = pop()) == NULL)
			return;
		e->run(e->arg);
		if (attached == 0)
			return;
	}
	ev_async_send(EV_A_ w);
}

void
ipc_queue_push(struct ipc_event *e)
{
	bool send = false;

	pthread_mutex_lock(&mutex);
	if (!e->queued) {
		TAILQ_INSERT_TAIL(&events, e, link);
		e->queued = true;
		send = !waking;
		waking = true;
	}
	pthread_mutex_unlock(&mutex);
	if (send)
		ev_async_send(queue_loop, &wake);
}

void
ipc_queue_remove(struct ipc_event *e)
{
	pthread_mutex_lock(&mutex);
	if (e->queued)
		TAILQ_REMOVE(&events, e, link);
	e->queued = false;
	pthread_mutex_unlock(&mutex);
}

void
ipc_queue_attach(struct ev_loop *loop)
{
	if (attached++ > 0) {
		assert(loop == queue_loop);
		return;
	}
	queue_loop = loop;
	ev_async_init(&wake, run_events);
	ev_async_start(loop, &wake);
}

void
ipc_queue_detach(void)
{
	assert(attached > 0);
	if (--attached > 0)
		return;
	assert(TAILQ_EMPTY(&events));
	ev_async_stop(queue_loop, &wake);
	waking = false;
}

int
ipc_open(int (*open)(nng_socket *), nng_socket *socket_r)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = open(socket_r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

void
ipc_end(void)
{
	assert(attached == 0);
	nng_fini();
}
