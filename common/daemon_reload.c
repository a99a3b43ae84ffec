/*
 * The child writes its complaints into a pipe and ends with 0 when there are
 * none. It uses neither nng nor the loop: both belong to the parent.
 */
#include "daemon_reload.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon.h"
#include "log.h"
#include "systemd.h"
#include "workers.h"

enum { CHECK_SECONDS = 30, LINE_BYTES = 1024 };

static struct {
	struct daemon *daemon; /* NULL: none is being read */
	bool busy;             /* one is under way */
	bool again;            /* asked for meanwhile */
	ev_io complaint;
	ev_child end;
	pid_t child;
	char line[LINE_BYTES]; /* of the pipe, not yet complete */
	size_t used;
} reload;

/* ---- in the child ---- */

static void
child_complain(void *arg, const char *text)
{
	char line[LINE_BYTES];
	int n = snprintf(line, sizeof(line) - 1, "%s", text);

	if (n >= (int)sizeof(line) - 1)
		n = sizeof(line) - 2;
	line[n] = '\n';
	(void)!write(*(int *)arg, line, (size_t)n + 1);
}

static void
child_check(const char *path, int fd)
{
	static const int theirs[] = { SIGTERM, SIGINT, SIGHUP };

	/* The parent's handlers write into the parent's loop. */
	for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
		signal(theirs[i], SIG_DFL);
	alarm(CHECK_SECONDS);
	_exit(config_load(path, child_complain, &fd) != NULL ? 0 : 1);
}

/* ---- in the parent ---- */

static void
ready(const char *status)
{
	char text[128];

	snprintf(text, sizeof(text), "READY=1\nSTATUS=%s", status);
	systemd_notify(text);
}

static void
complain(void *arg, const char *text)
{
	(void)arg;
	log_warnx("%s", text);
}

enum outcome { REFUSED, TAKEN, BEGUN };

/* Who began as one process has threads by now, and cannot fork workers. */
static bool
may_change(const struct daemon *d, const struct config *next)
{
	const struct daemon_spec *spec = d->spec;
	const char *run_dir = config_global(d->config)->run_dir;

	if (strcmp(run_dir, config_global(next)->run_dir) != 0) {
		log_warnx("run-dir: cannot change before a restart");
		return false;
	}
	if (d->workers == NULL && spec->workers != NULL &&
	    spec->workers(next) != 1) {
		log_warnx("workers: cannot change from 1 before a restart");
		return false;
	}
	return true;
}

static enum outcome
take(struct daemon *d, struct config *next)
{
	if (!may_change(d, next))
		return REFUSED;
	if (d->workers != NULL)
		return workers_reload(d, next) == 0 ? BEGUN : REFUSED;
	if (d->spec->reload != NULL && d->spec->reload(d, next) == -1)
		return REFUSED;
	config_unref(d->config);
	d->config = next;
	daemon_log(d);
	return TAKEN;
}

/* The parent reads the file again: between the two it may have changed. */
static enum outcome
apply(struct daemon *d)
{
	struct config *next = config_load(d->config_path, complain, NULL);
	enum outcome outcome = next != NULL ? take(d, next) : REFUSED;

	if (outcome == REFUSED && next != NULL)
		config_unref(next);
	return outcome;
}

/* The child's lines; the last of a burst may be cut. */
static void
take_lines(void)
{
	char *line = reload.line, *end;

	reload.line[reload.used] = '\0';
	while ((end = strchr(line, '\n')) != NULL) {
		*end = '\0';
		log_warnx("%s", line);
		line = end + 1;
	}
	reload.used = strlen(line);
	if (reload.used == sizeof(reload.line) - 1)
		reload.used = 0; /* no line of ours is so long */
	memmove(reload.line, line, reload.used);
}

static void
on_complaint(struct ev_loop *loop, ev_io *w, int revents)
{
	ssize_t n;

	(void)revents;
	do {
		n = read(w->fd, reload.line + reload.used,
		    sizeof(reload.line) - 1 - reload.used);
		if (n > 0) {
			reload.used += (size_t)n;
			take_lines();
		}
	} while (n > 0);
	if (n == 0 || errno != EAGAIN)
		ev_io_stop(loop, w);
}

static void
forget(struct ev_loop *loop)
{
	ev_child_stop(loop, &reload.end);
	ev_io_stop(loop, &reload.complaint);
	close(reload.complaint.fd);
	reload.daemon = NULL;
	reload.used = 0;
}

static void
on_end(struct ev_loop *loop, ev_child *w, int revents)
{
	struct daemon *d = reload.daemon;
	bool good = WIFEXITED(w->rstatus) && WEXITSTATUS(w->rstatus) == 0;
	enum outcome outcome;

	on_complaint(loop, &reload.complaint, revents);
	forget(loop);
	outcome = good ? apply(d) : REFUSED;
	if (outcome != BEGUN)
		daemon_reload_done(d, outcome == TAKEN);
}

void
daemon_reload_done(struct daemon *d, bool taken)
{
	reload.busy = false;
	if (taken) {
		log_info("configuration reloaded from %s", d->config_path);
		ready("ready");
	} else {
		log_warnx("%s is not taken, the old configuration stays",
		    d->config_path);
		ready("ready, but the configuration file is wrong");
	}
	if (reload.again) {
		reload.again = false;
		daemon_reload(d);
	}
}

static void
watch(struct daemon *d, pid_t child, int fd)
{
	reload.busy = true;
	reload.daemon = d;
	reload.child = child;
	ev_io_init(&reload.complaint, on_complaint, fd, EV_READ);
	ev_io_start(d->loop, &reload.complaint);
	ev_child_init(&reload.end, on_end, child, 0);
	ev_child_start(d->loop, &reload.end);
}

/* sd_notify(3): the time tells this reload from one before. */
static void
tell_reloading(void)
{
	struct timespec now;
	char text[128];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text),
	    "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=reloading",
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	systemd_notify(text);
}

void
daemon_reload(struct daemon *d)
{
	int fds[2];
	pid_t child;

	if (reload.busy) {
		reload.again = true;
		return;
	}
	tell_reloading();
	if (pipe2(fds, O_CLOEXEC) == -1) {
		log_warn("reload: pipe");
		ready("ready, but a reload failed");
		return;
	}
	/*
	 * nng has threads by now, and cannot be used in the child; the child
	 * only parses, writes to the pipe and leaves by _exit().
	 */
	child = fork();
	if (child == 0)
		child_check(d->config_path, fds[1]);
	close(fds[1]);
	if (child == -1 || fcntl(fds[0], F_SETFL, O_NONBLOCK) == -1) {
		log_warn("reload: fork");
		close(fds[0]);
		ready("ready, but a reload failed");
		return;
	}
	watch(d, child, fds[0]);
}

void
daemon_reload_abandon(struct daemon *d)
{
	if (reload.daemon != NULL)
		forget(d->loop);
}

void
daemon_reload_cancel(struct daemon *d)
{
	if (reload.daemon == NULL)
		return;
	forget(d->loop);
	kill(reload.child, SIGKILL);
}
