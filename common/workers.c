/*
 * The parent. It forks at the top of its own loop and nowhere else, so that a
 * child begins with an empty stack.
 */
#include "workers.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon.h"
#include "daemon_reload.h"
#include "log.h"
#include "monotonic.h"
#include "worker.h"
#include "worker_list.h"
#include "worker_pool.h"

enum {
	MISSED_MOST = 8,  /* looks without a sign of life: it is killed */
	MISSED_DEAD = 12, /* and does not even end: nor is the parent well */
	/* Failures in a row, of all: 25 s. */
	FAILURES_MOST = 8,
};

static const double
    /* Longer than a worker's own patience, and than any pause. */
    kill_seconds = 12,
    never = 1e9;

struct workers {
	struct daemon *daemon;
	struct worker_pool *pool;
	struct worker_list list;
	struct config *previous; /* while a reload is under way */
	bool ready;              /* was so once */
	bool stopping;
	int exit;
	int tell; /* eventfd */
	ev_io told;
	ev_child ended;
	ev_timer tick, due, patience;
};

/* ---- what it counts ---- */

static void
count_ready(struct workers *ws)
{
	metric_set(ws->daemon->spec->metrics, ws->daemon->spec->workers_row,
	    (int64_t)(worker_list_ready(&ws->list, WORKER_CURRENT) +
		worker_list_ready(&ws->list, WORKER_COMING)));
}

static const char *
word_of(const struct worker *w)
{
	return w->status ? "status process" : "worker";
}

/* ---- ending them ---- */

static void
signal_all(struct workers *ws, enum worker_standing standing, int signum)
{
	for (size_t i = 0; i < WORKER_LIST_MAX; i++) {
		struct worker *w = &ws->list.v[i];

		if (w->standing == standing && !w->status && w->pid != 0)
			kill(w->pid, signum);
	}
}

/* Those of a standing get another; who has no process has none at all. */
static void
stand(struct workers *ws, enum worker_standing from, enum worker_standing to)
{
	for (size_t i = 0; i < WORKER_LIST_MAX; i++) {
		struct worker *w = &ws->list.v[i];

		if (w->standing == from && !w->status)
			w->standing = w->pid != 0 ? to : WORKER_VACANT;
	}
}

static void
on_patience(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct workers *ws = t->data;

	(void)loop, (void)revents;
	log_warnx("workers do not end, they are killed");
	signal_all(ws, WORKER_RETIRED, SIGKILL);
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
	stand(ws, WORKER_COMING, WORKER_RETIRED);
	stand(ws, WORKER_CURRENT, WORKER_RETIRED);
	signal_all(ws, WORKER_RETIRED, SIGTERM);
	ev_timer_start(d->loop, &ws->patience);
}

/* The last of all, so that it can be asked to the end. */
static void
stop_status(struct workers *ws)
{
	int signum = ev_is_active(&ws->patience) ? SIGTERM : SIGKILL;

	for (size_t i = 0; i < WORKER_LIST_MAX; i++) {
		struct worker *w = &ws->list.v[i];

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

/* ---- a reload ---- */

int
workers_reload(struct daemon *d, struct config *next)
{
	struct workers *ws = d->workers;

	/* Those of the reload before last have had their time. */
	signal_all(ws, WORKER_RETIRED, SIGTERM);
	if (worker_list_add(&ws->list, (size_t)d->spec->workers(next),
		WORKER_COMING, false) == -1) {
		log_warnx("too many workers of earlier configurations are "
			  "still at work");
		return -1;
	}
	if (d->spec->renew(d, next) == -1) {
		stand(ws, WORKER_COMING, WORKER_VACANT);
		return -1;
	}
	ws->previous = d->config;
	d->config = next;
	daemon_log(d); /* they begin with it */
	return 0;
}

static void
reload_settled(struct workers *ws, bool taken)
{
	struct daemon *d = ws->daemon;
	struct config *other = taken ? ws->previous : d->config;

	if (!taken)
		d->config = ws->previous;
	daemon_log(d);
	d->spec->settle(d, taken);
	ws->previous = NULL;
	config_unref(other);
	if (taken) {
		signal_all(ws, WORKER_CURRENT, SIGUSR1);
		stand(ws, WORKER_CURRENT, WORKER_RETIRED);
		stand(ws, WORKER_COMING, WORKER_CURRENT);
	} else {
		signal_all(ws, WORKER_COMING, SIGTERM);
		stand(ws, WORKER_COMING, WORKER_RETIRED);
	}
	count_ready(ws);
	daemon_reload_done(d, taken);
}

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
	count_ready(ws);
	if (ws->stopping)
		return;
	if (ws->previous != NULL && all_ready(ws, WORKER_COMING))
		reload_settled(ws, true);
	if (!ws->ready && all_ready(ws, WORKER_CURRENT)) {
		ws->ready = true;
		daemon_ready(ws->daemon);
	}
}

/* ---- who has ended ---- */

static void
tell_end(const struct worker *w, int status, double pause)
{
	if (WIFSIGNALED(status))
		log_warnx("%s %ld was ended by signal %d (%s), another "
			  "begins in %.1f s",
		    word_of(w), (long)w->pid, WTERMSIG(status),
		    strsignal(WTERMSIG(status)), pause);
	else
		log_warnx("%s %ld ended with status %d, another begins in "
			  "%.1f s",
		    word_of(w), (long)w->pid, WEXITSTATUS(status), pause);
}

static void
begin_again(struct workers *ws, struct worker *w, int status)
{
	double now = monotonic_now(), pause = restart_pause(&w->restart, now);
	const struct daemon_spec *spec = ws->daemon->spec;

	tell_end(w, status, pause);
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
on_ended(struct ev_loop *loop, ev_child *c, int revents)
{
	struct workers *ws = c->data;
	struct worker *w = worker_list_find(&ws->list, c->rpid);

	(void)loop, (void)revents;
	if (w == NULL)
		return; /* the one that read the configuration */
	worker_pool_give_back(ws->pool, w->place);
	if (w->standing == WORKER_CURRENT && !ws->stopping)
		begin_again(ws, w, c->rstatus);
	else if (w->standing == WORKER_COMING) {
		tell_end(w, c->rstatus, 0);
		w->standing = WORKER_VACANT;
		reload_settled(ws, false);
	} else
		w->standing = WORKER_VACANT;
	count_ready(ws);
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
		    word_of(w), (long)w->pid);
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
	ev_child_init(&ws->ended, on_ended, 0, 0);
	ev_timer_init(&ws->tick, on_tick, WORKER_BEAT, WORKER_BEAT);
	ev_timer_init(&ws->patience, on_patience, kill_seconds, 0);
	ws->told.data = ws->ended.data = ws->tick.data = ws->patience.data = ws;
	ev_io_start(loop, &ws->told);
	ev_child_start(loop, &ws->ended);
	ev_timer_start(loop, &ws->tick);
}

static void
unwatch(struct workers *ws)
{
	struct ev_loop *loop = ws->daemon->loop;

	ev_io_stop(loop, &ws->told);
	ev_child_stop(loop, &ws->ended);
	ev_timer_stop(loop, &ws->tick);
	ev_timer_stop(loop, &ws->due);
	ev_timer_stop(loop, &ws->patience);
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
	log_warn("fork a worker");
	w->pid = 0;
	w->due = now + restart_pause(&w->restart, now);
	worker_pool_give_back(ws->pool, w->place);
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
			stop_status(ws);
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
