/* What the files of workers.h share: the parent, all in one. */
#ifndef DNSMAIL_WORKERS_STATE_H
#define DNSMAIL_WORKERS_STATE_H

#include <ev.h>
#include <stdbool.h>

#include "worker_list.h"

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

/* ---- workers_end.c ---- */

/* The watchers of ends, and of the patience with them. */
void workers_end_watch(struct workers *);
void workers_end_unwatch(struct workers *);

void workers_signal(struct workers *, enum worker_standing, int signum);
/* The last of all, so that it can be asked to the end. */
void workers_end_status(struct workers *);

/* The gauge of those that are ready. */
void workers_count(const struct workers *);

/* One that could not even begin; logged. */
void workers_not_begun(struct workers *, struct worker *);

/* ---- workers_reload.c ---- */

/* The end of a reload: the new ones take the place of the old, or end. */
void workers_settle(struct workers *, bool taken);

#endif
