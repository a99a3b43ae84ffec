/* What is seen of a daemon, question by question. Knows no terminal. */
#include "admin/watch_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "admin/history.h"
#include "admin/watch_view.h"
#include "common/ipc.h"
#include "common/monotonic.h"

enum { URL_BYTES = 256 };

/* Each knock leaves a connection in the queue of a stopped daemon. */
#define KNOCK_SECONDS 15.

struct watch_ask {
	struct ev_loop *loop;
	struct watch_daemon *daemon;
	const char *run_dir;
	struct ipc_client *client; /* NULL: it was never there */
	struct ipc_call *call;     /* under way */
	double knocked;
	watch_ask_fn *news;
	void *arg;
};

struct watch_ask *
watch_ask_new(struct ev_loop *loop, struct watch_daemon *daemon,
    const char *run_dir, watch_ask_fn *news, void *arg)
{
	struct watch_ask *a = calloc(1, sizeof(*a));

	if (a == NULL || (daemon->history = history_new()) == NULL) {
		free(a);
		return NULL;
	}
	a->loop = loop;
	a->daemon = daemon;
	a->run_dir = run_dir;
	a->news = news;
	a->arg = arg;
	return a;
}

/* Since when: as files tell, or when it was seen to go. */
static void
no_answer(struct watch_ask *a, enum status_state before)
{
	struct watch_daemon *d = a->daemon;

	if (d->status.state != STATUS_DOWN) {
		d->down_since = 0;
	} else if (d->status.since != 0) {
		d->down_since = d->status.since;
		d->down_exactly = true;
	} else if (before != STATUS_DOWN || d->down_since == 0) {
		d->down_since = (uint64_t)time(NULL);
		d->down_exactly = d->known && before != STATUS_UNKNOWN;
	}
	d->known = true;
	history_gap(d->history);
	a->news(a->arg);
}

static void
silent(struct watch_ask *a)
{
	struct watch_daemon *d = a->daemon;
	enum status_state before = d->status.state;
	double now = monotonic_now();

	if (d->status.reason != REASON_SILENT ||
	    now - a->knocked > KNOCK_SECONDS) {
		status_probe(&d->status, a->run_dir, true);
		a->knocked = now;
	}
	no_answer(a, before);
}

static void
on_answer(void *arg, enum ipc_result result, const uint8_t *data, size_t n)
{
	struct watch_ask *a = arg;
	struct watch_daemon *d = a->daemon;
	enum status_state before = d->status.state;

	a->call = NULL;
	if (result != IPC_OK) {
		silent(a);
		return;
	}
	status_read(&d->status, data, n);
	if (d->status.reason != REASON_NONE) {
		no_answer(a, before);
		return;
	}
	history_add(d->history, &d->status.msg, monotonic_now());
	d->known = true;
	d->down_since = 0;
	a->news(a->arg);
}

/* Not before there is a socket: nng would try to connect all the time. */
static void
connect_to(struct watch_ask *a)
{
	char url[URL_BYTES];
	const char *urls[] = { url };

	snprintf(url, sizeof(url), "ipc://%s/%s/status.ipc", a->run_dir,
	    a->daemon->status.daemon);
	a->client = ipc_client_new(a->loop, urls, 1, STATUS_MSG_MAX);
}

void
watch_ask_again(struct watch_ask *a)
{
	static const uint8_t version = STATUS_MSG_VERSION;
	enum status_state before = a->daemon->status.state;

	if (a->call != NULL)
		return;
	if (!status_probe(&a->daemon->status, a->run_dir, false)) {
		no_answer(a, before);
		return;
	}
	if (a->client == NULL)
		connect_to(a);
	if (a->client == NULL)
		return; /* out of memory: logged, and tried again */
	a->call = ipc_call(
	    a->client, &version, 1, STATUS_ANSWER_MS / 1e3, on_answer, a);
}
