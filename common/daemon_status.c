/*
 * Answers every request of the right version with all there is. Knows the
 * metrics' table, not what they mean.
 */
#include "daemon_status.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon.h"
#include "ipc.h"
#include "log.h"
#include "status_msg.h"
#include "version.h"
#include "worker.h"

enum {
	REQUEST_MAX = 64, /* octets */
	CONNECTIONS_MAX = 64,
	ASKED_MAX = 4, /* at a time, by one connection */
	REQUESTS_MAX = CONNECTIONS_MAX * ASKED_MAX, /* so never too few */
	ANSWER_MS = 1000,                           /* for a peer to read */
};

static struct {
	struct ipc_server *server;
	uint8_t *answer; /* STATUS_MSG_MAX octets */
} status;

static void
fill(struct status_msg *s, struct daemon *d)
{
	const struct log_last *last = worker_gather(d);

	if (last == NULL)
		last = log_last();
	snprintf(s->daemon, sizeof(s->daemon), "%s", d->spec->name);
	snprintf(s->version, sizeof(s->version), "%s", dnsmail_version);
	snprintf(s->last_error, sizeof(s->last_error), "%.*s",
	    (int)sizeof(last->text) - 1, last->text);
	s->last_error_at = (uint64_t)last->at;
	s->pid = (uint32_t)d->pid;
	s->now = (uint64_t)time(NULL);
	s->started = (uint64_t)d->started;
	if (d->spec->metrics != NULL)
		s->metrics = *d->spec->metrics;
}

/* An empty answer: asked for in a version that is not ours. */
static void
on_request(
    void *arg, struct ipc_request *request, const uint8_t *data, size_t n)
{
	struct status_msg s = { 0 };
	struct wire w;

	if (n != 1 || data[0] != STATUS_MSG_VERSION) {
		ipc_answer(request, NULL, 0);
		return;
	}
	fill(&s, arg);
	wire_init(&w, status.answer, STATUS_MSG_MAX);
	status_msg_put(&w, &s);
	ipc_answer(request, status.answer, wire_done(&w) ? w.pos : 0);
}

int
daemon_status_open(struct daemon *d)
{
	struct ipc_server_options options = {
		.mode = 0660,
		.group = daemon_group(d),
		.max_message = REQUEST_MAX,
		.max_requests = REQUESTS_MAX,
		.max_connections = CONNECTIONS_MAX,
		.max_asked = ASKED_MAX,
		.answer_ms = ANSWER_MS,
	};
	char *url;

	status.answer = malloc(STATUS_MSG_MAX);
	if (status.answer == NULL ||
	    asprintf(&url, "ipc://%s/status.ipc", d->run_dir) == -1) {
		log_warnx("status socket: out of memory");
		return -1;
	}
	options.url = url;
	status.server = ipc_server_new(d->loop, &options, NULL, on_request, d);
	free(url);
	return status.server != NULL ? 0 : -1;
}

void
daemon_status_close(void)
{
	if (status.server != NULL)
		ipc_server_free(status.server);
	free(status.answer);
	status.server = NULL;
	status.answer = NULL;
}
