/*
 * Owns the ends: those that come by themselves, those of a stop, and what they
 * are counted as.
 */
#include "workers_state.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "daemon.h"
#include "log.h"
#include "monotonic.h"
#include "worker_pool.h"
#include "workers.h"

/* Failures in a row, of all: 25 s. */
enum { FAILURES_MOST = 8 };

/* Longer than a worker's own patience, and than any pause. */
static const double kill_seconds = 12;

void
workers_count(const struct workers *ws)
{
	const struct daemon_spec *spec = ws->daemon->spec;

	metric_set(spec->metrics, spec->workers_row,
	    (int64_t)(worker_list_ready(&ws->list, WORKER_CURRENT) +
		worker_list_ready(&ws->list, WORKER_COMING)));
}

/* ---- a stop ---- */

void
workers_signal(struct workers *ws, enum worker_standing standing, int signum)
{
	for (size_t i = 0; i < WORKER_LIST_MAX; i++) {
		const struct worker *w = &ws->list.v[i];

		if (w->standing == standing && !w->status && w->pid != 0)
			kill(w->pid, signum);
	}
}

static void
on_patience(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct workers *ws = t->data;

	(void)loop, (void)revents;
	log_warnx("workers do not end, they are killed");
	workers_signal(ws, WORKER_RETIRED, SIGKILL);
}

void
workers_stop(struct daemon *d)
{
	struct workers *ws = d->workers;

	if (ws->stopping)
		return;
	ws->stopping = true;
	d->spec->close(d);
	d->state = NULL;
	worker_list_stand(&ws->list, WORKER_COMING, WORKER_RETIRED);
	worker_list_stand(&ws->list, WORKER_CURRENT, WORKER_RETIRED);
	workers_signal(ws, WORKER_RETIRED, SIGTERM);
	ev_timer_start(d->loop, &ws->patience);
}

void
workers_end_status(struct workers *ws)
{
	int signum = ev_is_active(&ws->patience) ? SIGTERM : SIGKILL;

	for (size_t i = 0; i < WORKER_LIST_MAX; i++) {
		const struct worker *w = &ws->list.v[i];

		if (w->status && w->pid != 0)
			kill(w->pid, signum);
	}
}

static void
fail(struct workers *ws, const char *why)
{
	log_warnx("%s", why);
	ws->exit = EX_UNAVAILABLE;
	workers_stop(ws->daemon);
}

/* ---- an end that nobody asked for ---- */

enum { END_MAX = 96 };

static void
describe_end(char text[static END_MAX], const struct worker *w, int status)
{
	if (WIFSIGNALED(status))
		snprintf(text, END_MAX, "%s %ld was ended by signal %d (%s)",
		    worker_word(w), (long)w->pid, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(text, END_MAX, "%s %ld ended with status %d",
		    worker_word(w), (long)w->pid, WEXITSTATUS(status));
}

static void
make_again(struct workers *ws, struct worker *w, const char *what)
{
	const struct daemon_spec *spec = ws->daemon->spec;
	double now = monotonic_now(), pause = restart_pause(&w->restart, now);

	log_warnx("%s, another begins in %.1f s", what, pause);
	metric_add(spec->metrics, spec->workers_row + 1, 1);
	w->pid = 0;
	w->ready = false;
	w->due = now + pause;
	if (!ws->ready)
		fail(ws,
		    "cannot start: a worker ended before all were "
		    "ready");
	else if (w->restart.failures >= FAILURES_MOST &&
	    worker_list_ready(&ws->list, WORKER_CURRENT) == 0)
		fail(ws, "cannot go on: workers end as soon as they begin");
}

static void
lose(struct workers *ws, struct worker *w, const char *what)
{
	if (w->standing == WORKER_CURRENT && !ws->stopping)
		make_again(ws, w, what);
	else if (w->standing == WORKER_COMING) {
		log_warnx(
		    "%s before all of the new configuration were ready", what);
		w->standing = WORKER_VACANT;
		workers_settle(ws, false);
	} else
		w->standing = WORKER_VACANT;
	workers_count(ws);
}

static void
on_ended(struct ev_loop *loop, ev_child *c, int revents)
{
	struct workers *ws = c->data;
	struct worker *w = worker_list_find(&ws->list, c->rpid);
	char what[END_MAX];

	(void)loop, (void)revents;
	if (w == NULL)
		return; /* the one that read the configuration */
	worker_pool_give_back(ws->pool, w->place);
	describe_end(what, w, c->rstatus);
	lose(ws, w, what);
}

void
workers_not_begun(struct workers *ws, struct worker *w)
{
	log_warn("fork a worker");
	w->pid = 0;
	worker_pool_give_back(ws->pool, w->place);
	lose(ws, w, "a worker could not begin");
}

/* ---- the watchers ---- */

void
workers_end_watch(struct workers *ws)
{
	ev_child_init(&ws->ended, on_ended, 0, 0);
	ev_timer_init(&ws->patience, on_patience, kill_seconds, 0);
	ws->ended.data = ws->patience.data = ws;
	ev_child_start(ws->daemon->loop, &ws->ended);
}

void
workers_end_unwatch(struct workers *ws)
{
	ev_child_stop(ws->daemon->loop, &ws->ended);
	ev_timer_stop(ws->daemon->loop, &ws->patience);
}
