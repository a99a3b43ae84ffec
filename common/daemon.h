/*
 * The one life of every daemon: options, configuration, open, drop, jail,
 * loop, reload, stop, readiness. A daemon's main.c only fills a daemon_spec.
 */
#ifndef DNSMAIL_DAEMON_H
#define DNSMAIL_DAEMON_H

#include <ev.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "config.h"
#include "jail.h"
#include "metrics.h"

struct daemon {
	struct ev_loop *loop; /* the default loop */
	const struct daemon_spec *spec;
	struct config *config; /* the one in force */
	const char *config_path;
	char *run_dir; /* <run-dir>/<name>, exists */
	void *state;   /* the daemon's own */
	pid_t pid;     /* as the service manager knows it */
	time_t started;
	struct workers *workers; /* NULL: it is one process */
};

struct daemon_spec {
	const char *name;                     /* "signerd" */
	const struct config_section *section; /* with "user" */
	unsigned promises;                    /* JAIL_* */
	/* Or NULL: those that a configuration needs besides. */
	unsigned (*more_promises)(const struct config *);
	struct metrics *metrics; /* served as status */

	/*
	 * In the order of life. check is of the files that the configuration
	 * names, also with -t: exit 78 when it fails. open runs with the
	 * rights the daemon was started with: keys and listening sockets;
	 * start runs after the jail: nng, watchers: exit 69. All 0, or -1
	 * (logged; check with config_where()).
	 */
	int (*check)(const struct config *);
	int (*open)(struct daemon *);
	int (*start)(struct daemon *);
	/*
	 * `next` is valid and becomes daemon->config when this returns 0; -1
	 * (logged) keeps the old one. All or nothing.
	 */
	int (*reload)(struct daemon *, struct config *next);
	/* Stop accepting; daemon_stopped() once nothing is in flight. */
	void (*stop)(struct daemon *);
	/*
	 * Of a daemon that can be several processes (workers.h), else NULL:
	 * how many a configuration wants; its gauge among the metrics, with
	 * the counter of restarts behind it; a worker's end when there is
	 * no hurry: accept no more, daemon_stopped() when the last connection
	 * has ended. Then, in the parent, open() and close() alone of these,
	 * and in place of reload: `renew` opens the sockets of `next` besides
	 * those that there are; `settle` closes those before, or, where it was
	 * not taken, the new ones; d->config is what it is to be.
	 */
	int64_t (*workers)(const struct config *);
	size_t workers_row;
	void (*retire)(struct daemon *);
	int (*renew)(struct daemon *, const struct config *next);
	void (*settle)(struct daemon *, bool taken);
	/* Free everything; so that a leak checker sees a clean end. */
	void (*close)(struct daemon *);
};

/* main() is: return daemon_main(&spec, argc, argv); */
int daemon_main(const struct daemon_spec *, int argc, char **argv);

/* Tells that it is ready. */
void daemon_ready(struct daemon *);

/* A worker takes no more connections. */
void daemon_retire(struct daemon *);

/* By the configuration in force. */
void daemon_log(const struct daemon *);

/* Nothing is in flight any more; the daemon ends now (else after 10 s). */
void daemon_stopped(struct daemon *);

/*
 * The group of all sockets, as ipc_server_options wants it: NULL when there is
 * none, or when it is not for this user to give.
 */
const char *daemon_group(const struct daemon *);

#endif
