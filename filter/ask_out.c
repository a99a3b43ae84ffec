/*
 * Connections to the daemon. Knows octets, time and where an answer ends.
 */
#include "filter/ask_out.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/endpoint.h"
#include "filter/answer.h"

enum { READ_MOST = 16 * 1024 };

/* Seconds until a daemon is tried again whose backlog is full. */
static const double again_pause = 0.05;

struct ask {
	TAILQ_ENTRY(ask) entry;
	struct asker *asker;
	struct buffer request, answer;
	ev_io io; /* active: it has its turn */
	ev_timer timer;
	bool over; /* in no list any more */
	void (*done)(void *, const struct answer *, const char *);
	void *arg;
};
TAILQ_HEAD(asks, ask);

struct asker {
	struct ev_loop *loop;
	const struct endpoint *endpoint;
	double timeout;
	struct asks waiting, asked;
	unsigned n_asked;
	ev_timer next; /* lets those that wait have their turn */
};

static void on_next(struct ev_loop *, ev_timer *, int);

struct asker *
asker_new(struct ev_loop *loop, const struct endpoint *e, double timeout)
{
	struct asker *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->loop = loop;
	a->endpoint = e;
	a->timeout = timeout;
	TAILQ_INIT(&a->waiting);
	TAILQ_INIT(&a->asked);
	ev_init(&a->next, on_next);
	a->next.data = a;
	return a;
}

void
asker_free(struct asker *a)
{
	if (a == NULL)
		return;
	ev_timer_stop(a->loop, &a->next);
	free(a);
}

static void
start_next(struct asker *a, double after)
{
	if (ev_is_active(&a->next))
		return;
	ev_timer_set(&a->next, after, 0.);
	ev_timer_start(a->loop, &a->next);
}

/* Gives its turn away. */
static void
leave(struct ask *q)
{
	struct asker *a = q->asker;

	if (q->over)
		return;
	q->over = true;
	ev_timer_stop(a->loop, &q->timer);
	if (!ev_is_active(&q->io)) {
		TAILQ_REMOVE(&a->waiting, q, entry);
		return;
	}
	ev_io_stop(a->loop, &q->io);
	close(q->io.fd);
	TAILQ_REMOVE(&a->asked, q, entry);
	a->n_asked--;
	if (!TAILQ_EMPTY(&a->waiting))
		start_next(a, 0.);
}

void
ask_free(struct ask *q)
{
	if (q == NULL)
		return;
	leave(q);
	buffer_free(&q->request);
	buffer_free(&q->answer);
	free(q);
}

/* q may be gone after this. */
static void
finish(struct ask *q, const struct answer *answer, const char *why)
{
	leave(q);
	q->done(q->arg, answer, why);
}

static void
on_time_over(struct ev_loop *loop, ev_timer *w, int events)
{
	struct ask *q = w->data;

	(void)loop;
	(void)events;
	finish(q, NULL,
	    ev_is_active(&q->io) ? "no answer in time"
				 : "too many questions are before it");
}

/* ---- its turn ---- */

static void
watch(struct ask *q, int events)
{
	ev_io_stop(q->asker->loop, &q->io);
	ev_io_set(&q->io, q->io.fd, events);
	ev_io_start(q->asker->loop, &q->io);
}

/* The end of what we say is told by closing our half. */
static void
write_request(struct ask *q)
{
	if (buffer_write(&q->request, q->io.fd) == -1) {
		if (errno != EAGAIN && errno != EINTR)
			finish(q, NULL, strerror(errno));
		return;
	}
	if (q->request.len > 0)
		return;
	shutdown(q->io.fd, SHUT_WR);
	watch(q, EV_READ);
}

static void
read_answer(struct ask *q)
{
	ssize_t n = buffer_read(&q->answer, q->io.fd, READ_MOST);
	struct answer answer;
	size_t length;

	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			finish(q, NULL, strerror(errno));
		return;
	}
	length = answer_length((char *)q->answer.data, q->answer.len);
	if (length == 0 && n == 0)
		finish(q, NULL, "it closed the connection");
	else if (length > ANSWER_MAX || q->answer.len > ANSWER_MAX)
		finish(q, NULL, "its answer is too long");
	else if (length > 0 &&
	    answer_parse(&answer, (char *)q->answer.data, length) == -1)
		finish(q, NULL, "its answer cannot be understood");
	else if (length > 0)
		finish(q, &answer, NULL);
}

/* An answer may come before all is said: that something is too long. */
static void
on_io(struct ev_loop *loop, ev_io *w, int events)
{
	struct ask *q = w->data;

	(void)loop;
	if (events & EV_READ)
		read_answer(q);
	else
		write_request(q);
}

/* -1: not now, for the backlog is full. */
static int
ask_now(struct ask *q)
{
	struct asker *a = q->asker;
	int fd = endpoint_connect(a->endpoint);

	if (fd == -1 && errno == EAGAIN)
		return -1;
	if (fd == -1) {
		finish(q, NULL, strerror(errno));
		return 0;
	}
	TAILQ_REMOVE(&a->waiting, q, entry);
	TAILQ_INSERT_TAIL(&a->asked, q, entry);
	a->n_asked++;
	ev_io_set(&q->io, fd, EV_READ | EV_WRITE);
	ev_io_start(a->loop, &q->io);
	return 0;
}

static void
on_next(struct ev_loop *loop, ev_timer *w, int events)
{
	struct asker *a = w->data;

	(void)loop;
	(void)events;
	while (a->n_asked < ASK_AT_ONCE && !TAILQ_EMPTY(&a->waiting))
		if (ask_now(TAILQ_FIRST(&a->waiting)) == -1) {
			start_next(a, again_pause);
			return;
		}
}

struct ask *
ask_new(struct asker *a, struct buffer *request,
    void (*done)(void *, const struct answer *, const char *), void *arg)
{
	struct ask *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->asker = a;
	q->request = *request;
	*request = (struct buffer){ 0 };
	q->done = done;
	q->arg = arg;
	ev_init(&q->io, on_io);
	ev_timer_init(&q->timer, on_time_over, a->timeout, 0.);
	q->io.data = q->timer.data = q;
	ev_timer_start(a->loop, &q->timer);
	TAILQ_INSERT_TAIL(&a->waiting, q, entry);
	start_next(a, 0.);
	return q;
}
