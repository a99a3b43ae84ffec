/*
 * Owns: the one queue between nng's threads and the loop, and the end of nng
 * as a whole. Must not know what the events mean.
 */
#include "ipc_queue.h"

#include <assert.h>
#include <nng/nng.h>
#include <pthread.h>
#include <time.h>

#include "ipc.h"
#include "log.h"

/* Run in one go; then the loop's other watchers have their turn. */
enum { BURST_MAX = 256 };

/* For nng to end; it does within 0.1 s, or never (see ipc_socket.h). */
enum { END_SECONDS = 2 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t pushed = PTHREAD_COND_INITIALIZER; /* for ipc_end() */
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
		pthread_cond_signal(&pushed);
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

/* Waits for an event, but not beyond `end`. False: none came. */
static bool
wait_pushed(const struct timespec *end)
{
	int error = 0;
	bool some;

	pthread_mutex_lock(&mutex);
	while (TAILQ_EMPTY(&events) && error == 0)
		error = pthread_cond_timedwait(&pushed, &mutex, end);
	some = !TAILQ_EMPTY(&events);
	pthread_mutex_unlock(&mutex);
	return some;
}

/* The loop runs no more, so this runs what is pushed. */
void
ipc_end(void)
{
	struct timespec end;
	struct ipc_event *e;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += END_SECONDS;
	while (attached > 0 && wait_pushed(&end))
		if ((e = pop()) != NULL)
			e->run(e->arg);
	if (attached == 0) {
		nng_fini();
		return;
	}
	log_debug("ipc: nng does not end, it is left as it is");
	pthread_mutex_lock(&mutex);
	waking = true; /* what still comes wakes a loop that may be gone */
	pthread_mutex_unlock(&mutex);
}
