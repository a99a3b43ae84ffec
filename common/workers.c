/*
 * The parent. It forks at the top of its own loop and nowhere else, so that a
 * child begins with an empty stack.
 */
#include "workers.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon.h"
#include "log.h"
#include "monotonic.h"
#include "worker.h"
#include "worker_pool.h"
#include "workers_state.h"

enum {
	MISSED_MOST = 8,  /* looks without a sign of life: it is killed */
	MISSED_DEAD = 12, /* and does not even end: nor is the parent well */
};

static const double never = 1e9;

/* ---- who is ready ---- */

static bool
all_ready(const struct workers *ws, enum worker_standing standing)
{
	return worker_list_ready(&ws->list, standing) ==
	    worker_list_count(&ws->list, standing);
}

static void
on_told(struct ev_loop *loop, ev_io *io, int revents)
{
	struct workers *ws = io->data;
	uint64_t n;

	(void)loop, (void)revents;
	(void)!read(ws->tell, &n, sizeof(n));
	for (size_t i = 0; i < WORKER_LIST_MAX; i++) {
		struct worker *w = &ws->list.v[i];

		if (w->standing != WORKER_VACANT && w->pid != 0)
			w->ready = worker_pool_is_ready(ws->pool, w->place);
	}
	workers_count(ws);
	if (ws->stopping)
		return;
	if (ws->previous != NULL && all_ready(ws, WORKER_COMING))
		workers_settle(ws, true);
	if (!ws->ready && all_ready(ws, WORKER_CURRENT)) {
		ws->ready = true;
		daemon_ready(ws->daemon);
	}
}

/* ---- who is silent ---- */

static void
on_tick(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct workers *ws = t->data;

	(void)loop, (void)revents;
	for (size_t i = 0; i < WORKER_LIST_MAX; i++) {
		struct worker *w = &ws->list.v[i];

		if (w->standing == WORKER_VACANT || w->pid == 0 ||
		    pulse_look(&w->pulse,
			worker_pool_beats(ws->pool, w->place)) != MISSED_MOST)
			continue;
		log_warnx("%s %ld shows no sign of life, it is killed",
		    worker_word(w), (long)w->pid);
		kill(w->pid, SIGKILL);
	}
}

bool
workers_alive(const struct daemon *d)
{
	for (size_t i = 0; i < WORKER_LIST_MAX; i++) {
		const struct worker *w = &d->workers->list.v[i];

		if (w->standing != WORKER_VACANT && w->pid != 0 &&
		    w->pulse.missed >= MISSED_DEAD)
			return false;
	}
	return true;
}

/* ---- its loop ---- */

static void
watch(struct workers *ws)
{
	struct ev_loop *loop = ws->daemon->loop;

	ev_io_init(&ws->told, on_told, ws->tell, EV_READ);
	ev_timer_init(&ws->tick, on_tick, WORKER_BEAT, WORKER_BEAT);
	ws->told.data = ws->tick.data = ws;
	ev_io_start(loop, &ws->told);
	ev_timer_start(loop, &ws->tick);
	workers_end_watch(ws);
}

static void
unwatch(struct workers *ws)
{
	struct ev_loop *loop = ws->daemon->loop;

	ev_io_stop(loop, &ws->told);
	ev_timer_stop(loop, &ws->tick);
	ev_timer_stop(loop, &ws->due);
	workers_end_unwatch(ws);
}

static void
on_due(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)t, (void)revents; /* workers_run() looks */
}

static void
wait_for_more(struct workers *ws)
{
	struct ev_loop *loop = ws->daemon->loop;
	double now = monotonic_now();
	double next = worker_list_next(&ws->list, now + never);

	ev_now_update(loop);
	ev_timer_stop(loop, &ws->due);
	ev_timer_init(&ws->due, on_due, next > now ? next - now : 0, 0);
	if (!ws->stopping)
		ev_timer_start(loop, &ws->due);
	ev_run(loop, EVRUN_ONCE);
}

/* The first lines of a child. */
static void
become(struct workers *ws, const struct worker *w, pid_t parent)
{
	struct daemon *d = ws->daemon;
	const struct worker_place at = { ws->pool, w->place, ws->tell, parent,
		w->status };

	unwatch(ws);
	if (ws->previous != NULL) {
		d->spec->settle(d, true);
		config_unref(ws->previous);
		ws->previous = NULL;
	}
	if (worker_become(d, &at) == -1)
		fatal(EX_OSERR, "cannot begin its work");
}

/* True in the child. */
static bool
begin(struct workers *ws, struct worker *w)
{
	double now = monotonic_now();
	pid_t parent = getpid();

	w->place = worker_pool_take(ws->pool);
	w->pulse = (struct pulse){ 0 };
	w->restart.began = now;
	w->pid = fork();
	if (w->pid == 0) {
		become(ws, w, parent);
		return true;
	}
	if (w->pid != -1)
		return false;
	workers_not_begun(ws, w);
	return false;
}

bool
workers_run(struct daemon *d)
{
	struct workers *ws = d->workers;
	struct worker *w;

	for (;;) {
		while (!ws->stopping &&
		    (w = worker_list_due(&ws->list, monotonic_now())) != NULL)
			if (begin(ws, w))
				return true;
		if (ws->stopping && !worker_list_any(&ws->list, false))
			workers_end_status(ws);
		if (ws->stopping && !worker_list_any(&ws->list, false) &&
		    !worker_list_any(&ws->list, true))
			return false;
		wait_for_more(ws);
	}
}

int
workers_open(struct daemon *d, int n)
{
	struct workers *ws = calloc(1, sizeof(*ws));

	d->workers = ws;
	if (ws == NULL) {
		log_warn("workers");
		return -1;
	}
	ws->daemon = d;
	ws->tell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ws->pool = worker_pool_new(WORKER_LIST_MAX, d->spec->metrics);
	if (ws->tell == -1 || ws->pool == NULL) {
		log_warn("workers");
		return -1;
	}
	worker_pool_enter(ws->pool, 0, d->spec->metrics);
	worker_list_add(&ws->list, 1, WORKER_CURRENT, true);
	worker_list_add(&ws->list, (size_t)n, WORKER_CURRENT, false);
	watch(ws);
	return 0;
}

int
workers_exit(const struct daemon *d)
{
	return d->workers->exit;
}

void
workers_free(struct daemon *d)
{
	struct workers *ws = d->workers;

	if (ws == NULL)
		return;
	unwatch(ws);
	if (ws->previous != NULL)
		config_unref(ws->previous);
	log_keep_last(NULL);
	worker_pool_free(ws->pool);
	close(ws->tell);
	free(ws);
	d->workers = NULL;
}
