/*
 * The order of life, once for all daemons. Knows no daemon's work: a
 * daemon_spec names it.
 */
#include "daemon.h"

#include <assert.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon_jail.h"
#include "daemon_reload.h"
#include "daemon_status.h"
#include "descriptors.h"
#include "fd_store.h"
#include "identity.h"
#include "ipc.h"
#include "loop_memory.h"
#include "run_dir.h"
#include "systemd.h"
#include "version.h"
#include "worker.h"
#include "workers.h"

/* After SIGTERM, for what is in flight. */
#define STOP_SECONDS 10.0

#define DEFAULT_CONFIG "/etc/dnsmail/dnsmail.conf"

struct arguments {
	const char *config;
	bool check, version, debug;
};

/* There is one daemon in a process. */
static struct {
	struct daemon daemon;
	ev_signal terminate, interrupt, hangup;
	ev_timer watchdog, patience;
	bool stopping, retiring;
} life;

/* ---- wrong use, wrong configuration ---- */

static void
arguments_read(struct arguments *a, int argc, char **argv)
{
	bool wrong = false;
	int ch;

	*a = (struct arguments){ .config = DEFAULT_CONFIG };
	while ((ch = getopt(argc, argv, "c:tVd")) != -1) {
		if (ch == 'c')
			a->config = optarg;
		else if (ch == 't')
			a->check = true;
		else if (ch == 'V')
			a->version = true;
		else if (ch == 'd')
			a->debug = true;
		else
			wrong = true;
	}
	if (wrong || optind != argc) {
		fprintf(stderr, "usage: %s [-dtV] [-c FILE]\n", argv[0]);
		exit(EX_USAGE);
	}
}

static void
complain(void *arg, const char *text)
{
	(void)arg;
	log_warnx("%s", text);
}

static struct config *
load(const struct daemon_spec *spec, const char *path)
{
	struct config *config = config_load(path, complain, NULL);

	if (config == NULL ||
	    (spec->check != NULL && spec->check(config) == -1))
		fatal(EX_CONFIG, "%s: the configuration is wrong", path);
	return config;
}

/* ---- from root to less ---- */

static const char *
configured_user(const struct daemon *d)
{
	const struct config_section *kind = d->spec->section;
	const char *section = config_section(d->config, kind);
	const char *user = NULL;

	for (size_t i = 0; i < kind->n_options; i++)
		if (strcmp(kind->options[i].name, "user") == 0)
			memcpy(&user, section + kind->options[i].offset,
			    sizeof(user));
	assert(user != NULL);
	return user;
}

static void
identity_choose(struct identity *id, const struct daemon *d)
{
	const char *user = configured_user(d);

	if (identity_find(id, user) == -1)
		fatal(EX_CONFIG,
		    "%s: section %s, option user: there is no user \"%s\"",
		    d->config_path, d->spec->name, user);
	if (id->uid == 0)
		log_warnx("runs as root, as the option user says");
}

/* The directory's group is that of all sockets, if it exists. */
static void
make_run_dir(struct daemon *d, const struct identity *id)
{
	const struct config_global *global = config_global(d->config);
	const struct group *gr = getgrnam(global->group);

	d->run_dir = run_dir_make(global->run_dir, d->spec->name, id->uid,
	    gr != NULL ? gr->gr_gid : id->gid);
	if (d->run_dir == NULL)
		fatal(EX_OSERR, "there is no place for sockets in %s",
		    global->run_dir);
}

/* Opens what needs rights, then gives the rights up. */
static void
open_and_drop(struct daemon *d)
{
	struct identity id = { .uid = geteuid(), .gid = getegid() };
	bool root = id.uid == 0;

	if (root)
		identity_choose(&id, d);
	make_run_dir(d, &id);
	systemd_notify("STATUS=starting");
	if (d->spec->open != NULL && d->spec->open(d) == -1)
		fatal(EX_UNAVAILABLE, "cannot open what it needs");
	if (daemon_jail_enter(d, root ? &id : NULL) == -1)
		fatal(EX_OSERR, "cannot give up its rights");
	identity_clear(&id);
}

/* ---- the loop ---- */

void
daemon_stopped(struct daemon *d)
{
	assert(life.stopping || life.retiring);
	ev_break(d->loop, EVBREAK_ALL);
}

static void
on_impatience(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)w, (void)revents;
	log_warnx(
	    "stopping although work is in flight: waited %.0f s", STOP_SECONDS);
	ev_break(loop, EVBREAK_ALL);
}

/* A second signal changes nothing: the patience of the first goes on. */
static void
on_terminate(struct ev_loop *loop, ev_signal *w, int revents)
{
	struct daemon *d = w->data;

	(void)revents;
	if (life.stopping)
		return;
	life.stopping = true;
	if (!worker_is())
		log_info("stopping on signal %d", w->signum);
	systemd_notify("STOPPING=1\nSTATUS=stopping");
	daemon_reload_cancel(d);
	if (d->workers != NULL && !worker_is()) {
		workers_stop(d);
		return;
	}
	ev_timer_init(&life.patience, on_impatience, STOP_SECONDS, 0);
	ev_timer_start(loop, &life.patience);
	if (d->spec->stop != NULL && !worker_is_status())
		d->spec->stop(d);
	else
		daemon_stopped(d);
}

static void
on_hangup(struct ev_loop *loop, ev_signal *w, int revents)
{
	(void)loop, (void)revents;
	if (!life.stopping && !worker_is())
		daemon_reload(w->data);
}

static void
on_watchdog(struct ev_loop *loop, ev_timer *w, int revents)
{
	const struct daemon *d = w->data;

	(void)loop, (void)revents;
	if (d->workers == NULL || workers_alive(d))
		systemd_beat();
}

static void
watch_signal(struct daemon *d, ev_signal *w,
    void (*on)(struct ev_loop *, ev_signal *, int), int signum)
{
	ev_signal_init(w, on, signum);
	w->data = d;
	ev_signal_start(d->loop, w);
}

static void
watch(struct daemon *d)
{
	double limit = systemd_watchdog();

	watch_signal(d, &life.terminate, on_terminate, SIGTERM);
	watch_signal(d, &life.interrupt, on_terminate, SIGINT);
	watch_signal(d, &life.hangup, on_hangup, SIGHUP);
	if (limit > 0) {
		ev_timer_init(
		    &life.watchdog, on_watchdog, limit / 2, limit / 2);
		life.watchdog.data = d;
		ev_timer_start(d->loop, &life.watchdog);
	}
}

/* ---- the life ---- */

void
daemon_log(const struct daemon *d)
{
	const struct config_global *global = config_global(d->config);

	log_open(d->spec->name, (enum log_target)global->log, log_is_debug());
	log_addresses((enum log_addresses)global->log_addresses);
}

void
daemon_ready(struct daemon *d)
{
	(void)d;
	log_info("version %s is ready", dnsmail_version);
	systemd_notify("READY=1\nSTATUS=ready");
}

void
daemon_retire(struct daemon *d)
{
	if (life.stopping)
		return;
	life.retiring = true;
	d->spec->retire(d);
}

/*
 * Signals are watched before anything is opened: one that comes early is
 * heeded when the loop begins. nng starts its threads in start(), behind the
 * jail, since landlock binds only threads that are made later.
 */
static void
begin(struct daemon *d, bool debug)
{
	log_open(d->spec->name, LOG_TO_STDERR, debug);
	daemon_log(d);
	d->pid = getpid();
	d->started = time(NULL);
	signal(SIGPIPE, SIG_IGN);
	loop_memory_keep();
	descriptors_raise();
	d->loop = ev_default_loop(EVFLAG_AUTO);
	if (d->loop == NULL)
		fatal(EX_OSERR, "cannot make an event loop");
	watch(d);
	open_and_drop(d);
}

/* What a process does that is alone, or is a worker, or answers for all. */
static void
serve(struct daemon *d)
{
	bool status = !worker_is() || worker_is_status();
	bool mail = !worker_is_status();

	if ((status && daemon_status_open(d) == -1) ||
	    (mail && d->spec->start != NULL && d->spec->start(d) == -1))
		fatal(EX_UNAVAILABLE, "cannot start");
	if (!worker_is())
		daemon_ready(d);
	ev_run(d->loop, 0);
}

/* In the reverse order, so that a leak checker sees a clean end. */
static void
end(struct daemon *d)
{
	if (d->spec->close != NULL)
		d->spec->close(d);
	daemon_status_close();
	if (worker_is())
		worker_close(d);
	if (d->workers == NULL || worker_is())
		ipc_end();
	workers_free(d);
	config_unref(d->config);
	free(d->run_dir);
	ev_loop_destroy(d->loop);
	if (!worker_is())
		log_info("stopped");
}

/* One process, or the parent, or one that it forked. */
static int
live(struct daemon *d)
{
	int n = d->spec->workers != NULL ? (int)d->spec->workers(d->config) : 1;
	int code = EX_OK;

	if (n > 1 && workers_open(d, n) == -1)
		fatal(EX_OSERR, "cannot make workers");
	if (n > 1) /* as one process it left them */
		fd_store_drop();
	if (n == 1 && d->spec->workers != NULL)
		metric_set(d->spec->metrics, d->spec->workers_row, 1);
	if (n == 1 || workers_run(d))
		serve(d);
	else
		code = workers_exit(d);
	end(d);
	return code;
}

int
daemon_main(const struct daemon_spec *spec, int argc, char **argv)
{
	struct daemon *d = &life.daemon;
	struct arguments a;

	arguments_read(&a, argc, argv);
	if (a.version) {
		printf("%s (DNS Mail) %s\n", spec->name, dnsmail_version);
		return EX_OK;
	}
	log_open(spec->name, LOG_TO_STDERR, a.debug);
	d->spec = spec;
	d->config_path = a.config;
	d->config = load(spec, a.config);
	if (a.check) {
		config_unref(d->config);
		printf("%s: the configuration is right\n", a.config);
		return EX_OK;
	}
	begin(d, a.debug);
	return live(d);
}

const char *
daemon_group(const struct daemon *d)
{
	const char *name = config_global(d->config)->group;
	const struct group *gr = name[0] != '\0' ? getgrnam(name) : NULL;

	return gr != NULL && identity_may_give(gr->gr_gid) ? name : NULL;
}
