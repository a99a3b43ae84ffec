/* Owns a reload of workers: from the old ones to new, all or none. */
#include <signal.h>

#include "daemon.h"
#include "daemon_reload.h"
#include "log.h"
#include "workers.h"
#include "workers_state.h"

int
workers_reload(struct daemon *d, struct config *next)
{
	struct workers *ws = d->workers;

	/* Those of the reload before last have had their time. */
	workers_signal(ws, WORKER_RETIRED, SIGTERM);
	if (worker_list_add(&ws->list, (size_t)d->spec->workers(next),
		WORKER_COMING, false) == -1) {
		log_warnx("too many workers of earlier configurations are "
			  "still at work");
		return -1;
	}
	if (d->spec->renew(d, next) == -1) {
		worker_list_stand(&ws->list, WORKER_COMING, WORKER_VACANT);
		return -1;
	}
	ws->previous = d->config;
	d->config = next;
	daemon_log(d); /* they begin with it */
	return 0;
}

static void
replace(struct workers *ws)
{
	workers_signal(ws, WORKER_CURRENT, SIGUSR1);
	worker_list_stand(&ws->list, WORKER_CURRENT, WORKER_RETIRED);
	worker_list_stand(&ws->list, WORKER_COMING, WORKER_CURRENT);
}

static void
go_back(struct workers *ws)
{
	workers_signal(ws, WORKER_COMING, SIGTERM);
	worker_list_stand(&ws->list, WORKER_COMING, WORKER_RETIRED);
}

void
workers_settle(struct workers *ws, bool taken)
{
	struct daemon *d = ws->daemon;
	struct config *other = taken ? ws->previous : d->config;

	if (!taken)
		d->config = ws->previous;
	daemon_log(d);
	d->spec->settle(d, taken);
	ws->previous = NULL;
	config_unref(other);
	(taken ? replace : go_back)(ws);
	workers_count(ws);
	daemon_reload_done(d, taken);
}
