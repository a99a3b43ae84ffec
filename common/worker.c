/*
 * Owns the signs of life, and how a worker of an old configuration ends. It has
 * the parent's jail, and one thing less: it makes no processes.
 */
#include "worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "daemon.h"
#include "daemon_reload.h"
#include "jail.h"
#include "log.h"
#include "systemd.h"
#include "worker_pool.h"

/*
 * A connection of Postfix waits up to 300 s for the next message of its client
 * (smtpd_timeout); one that is closed meanwhile would put that one off.
 */
static const double retire_seconds = 300;

static struct {
	bool is;
	bool told; /* that it is ready */
	struct worker_place at;
	ev_timer beat, patience;
	ev_signal retire;
	struct log_last newest; /* of all processes */
} self;

/* ---- beside its work ---- */

/* The parent looks who is ready. */
static void
tell_ready(void)
{
	uint64_t one = 1;

	self.told = true;
	worker_pool_ready(self.at.pool, self.at.place);
	(void)!write(self.at.tell, &one, sizeof(one));
}

/*
 * The first is at the loop's first turn: its start went well, and the loop has
 * the descriptors that it needs (libev ends a process where it has none).
 */
static void
on_beat(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	worker_pool_beat(self.at.pool, self.at.place);
	if (!self.told)
		tell_ready();
}

static void
on_patience(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
	kill(getpid(), SIGTERM);
}

static void
on_retire(struct ev_loop *loop, ev_signal *w, int revents)
{
	struct daemon *d = w->data;

	(void)revents;
	log_debug("worker %ld takes no more connections", (long)getpid());
	ev_signal_stop(loop, w);
	signal(SIGUSR1, SIG_IGN);
	ev_timer_start(loop, &self.patience);
	daemon_retire(d);
}

static void
watch(struct daemon *d)
{
	ev_timer_init(&self.beat, on_beat, 0, WORKER_BEAT);
	ev_timer_init(&self.patience, on_patience, retire_seconds, 0);
	ev_signal_init(&self.retire, on_retire, SIGUSR1);
	self.retire.data = d;
	ev_timer_start(d->loop, &self.beat);
	if (!self.at.status)
		ev_signal_start(d->loop, &self.retire);
}

/* ---- becoming one ---- */

/* It only answers: what takes mail is not its own, nor what it counts. */
static int
become_status(struct daemon *d)
{
	struct metrics *m = d->spec->metrics;

	d->spec->close(d);
	d->state = NULL;
	m->values = calloc(m->n, sizeof(*m->values));
	m->latencies = calloc(m->n, sizeof(*m->latencies));
	if (m->values != NULL && m->latencies != NULL)
		return 0;
	log_warnx("status process: out of memory");
	return -1;
}

/* What ps(1) and top(1) show. */
static void
set_name(const char *daemon, bool status)
{
	char name[16];

	snprintf(
	    name, sizeof(name), "%s: %s", daemon, status ? "status" : "worker");
	prctl(PR_SET_NAME, name);
}

int
worker_become(struct daemon *d, const struct worker_place *at)
{
	self.is = true;
	self.at = *at;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != at->parent)
		_exit(0); /* it ended before we asked for the signal */
	set_name(d->spec->name, at->status);
	daemon_reload_abandon(d);
	systemd_mute();
	ev_loop_fork(d->loop);
	worker_pool_enter(at->pool, at->place, d->spec->metrics);
	watch(d);
	if (at->status && become_status(d) == -1)
		return -1;
	return jail_no_processes();
}

const struct log_last *
worker_gather(struct daemon *d)
{
	if (!worker_is_status())
		return NULL;
	worker_pool_sum(self.at.pool, d->spec->metrics, &self.newest);
	return &self.newest;
}

void
worker_close(struct daemon *d)
{
	if (worker_is_status()) {
		free(d->spec->metrics->values);
		free(d->spec->metrics->latencies);
	}
	log_keep_last(NULL);
	ev_timer_stop(d->loop, &self.beat);
	ev_timer_stop(d->loop, &self.patience);
	ev_signal_stop(d->loop, &self.retire);
}

bool
worker_is(void)
{
	return self.is;
}

bool
worker_is_status(void)
{
	return self.is && self.at.status;
}
