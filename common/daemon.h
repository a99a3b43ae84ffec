/*
 * The one life of every daemon: options, configuration, open, drop, jail,
 * loop, reload, stop, readiness. A daemon's main.c only fills a daemon_spec.
 */
#ifndef DNSMAIL_DAEMON_H
#define DNSMAIL_DAEMON_H

#include <ev.h>

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
};

struct daemon_spec {
	const char *name;                     /* "signerd" */
	const struct config_section *section; /* with "user" */
	unsigned promises;                    /* JAIL_* */
	/* Or NULL: those that a configuration needs besides. */
	unsigned (*more_promises)(const struct config *);
	struct metrics *metrics;              /* served as status */

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
	/* Free everything; so that a leak checker sees a clean end. */
	void (*close)(struct daemon *);
};

/* main() is: return daemon_main(&spec, argc, argv); */
int daemon_main(const struct daemon_spec *, int argc, char **argv);

/* Nothing is in flight any more; the daemon ends now (else after 10 s). */
void daemon_stopped(struct daemon *);

/*
 * The group of all sockets, as ipc_server_options wants it: NULL when there is
 * none, or when it is not for this user to give.
 */
const char *daemon_group(const struct daemon *);

#endif
