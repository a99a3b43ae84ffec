/*
 * Owns: listening for TLS, its connections and what they have asked. Must not
 * know what a request means.
 */
#include "publishd/tls_in.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "common/complaint.h"
#include "common/ipc_request.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/monotonic.h"
#include "common/tls_stream.h"
#include "publishd/tls_listen.h"

enum { ACCEPTS_MOST = 16, PEER_MAX = 80 };

/* After accept(2) had no descriptor left. */
#define ACCEPT_PAUSE 0.5

struct request {
	struct ipc_request base;
	LIST_ENTRY(request) link;
	struct guest *guest; /* NULL: has gone; then only answer() is left */
	struct tls_in *server;
	uint32_t id;
	size_t n;
	uint8_t data[];
};

struct guest {
	TAILQ_ENTRY(guest) link;
	struct tls_in *server;
	struct tls_stream *stream;
	char *names; /* NULL: not yet verified */
	char peer[PEER_MAX];
	unsigned asked;
};

TAILQ_HEAD(guests, guest);

struct tls_in {
	struct ev_loop *loop;
	struct tls_in_options options;
	char *url;
	struct tls_context *context;
	tls_names_fn *names_ok;
	ipc_request_fn *request;
	void *arg;
	ev_io accept;
	ev_timer again;
	struct guests guests; /* the oldest first */
	unsigned n;
	LIST_HEAD(, request) requests;
	struct complaint refusals;
	bool stopped;
};

/* ---- guests ---------------------------------------------------------------
 */

static void
tell_refused(
    struct tls_in *s, const char *peer, const char *names, const char *why)
{
	char line[COMPLAINT_TEXT_MAX];
	char quoted[160];

	log_quote(quoted, sizeof(quoted), names, strlen(names));
	snprintf(line, sizeof(line), "tls: %.100s: %s refused: %s names=%s",
	    s->url, peer, why, quoted);
	complaint_log(&s->refusals, line, monotonic_now());
	metric_add(s->options.metrics, s->options.refused_row, 1);
}

/* What it asked is answered to nobody. */
static void
guest_free(struct guest *g)
{
	struct tls_in *s = g->server;
	struct request *r;

	LIST_FOREACH(r, &s->requests, link)
	if (r->guest == g)
		r->guest = NULL;
	TAILQ_REMOVE(&s->guests, g, link);
	metric_set(s->options.metrics, s->options.open_row, --s->n);
	tls_stream_free(g->stream);
	free(g->names);
	free(g);
}

static int
verified(void *arg, const char *names)
{
	struct guest *g = arg;
	struct tls_in *s = g->server;

	if (!s->names_ok(s->arg, names)) {
		tell_refused(s, g->peer, names, "no such name may ask");
		return -1;
	}
	g->names = strdup(names);
	return g->names != NULL ? 0 : -1;
}

static void
ready(void *arg)
{
	const struct guest *g = arg;

	log_debug("tls: %s: %s comes as %s", g->server->url, g->peer, g->names);
}

/* Those whose names were refused have been told of. */
static void
closed(void *arg, const char *why)
{
	struct guest *g = arg;

	if (g->names == NULL && strcmp(why, "it may not ask") != 0)
		tell_refused(g->server, g->peer, "", why);
	else
		log_debug("tls: %s leaves: %s", g->peer, why);
	guest_free(g);
}

/* ---- requests -------------------------------------------------------------
 */

/* An answer that cannot be given must not be waited for: it asks again, or
   elsewhere. */
static void
break_off(struct guest *g)
{
	char line[COMPLAINT_TEXT_MAX];

	snprintf(line, sizeof(line),
	    "tls: %.100s: %s is disconnected: it "
	    "reads no answers, or memory is out",
	    g->server->url, g->peer);
	complaint_log(&g->server->refusals, line, monotonic_now());
	guest_free(g);
}

static void
answer(struct ipc_request *base, const void *data, size_t n)
{
	struct request *r = (struct request *)base;
	struct guest *g = r->guest;

	LIST_REMOVE(r, link);
	if (g != NULL) {
		g->asked--;
		if (tls_stream_send(g->stream, r->id, data, n) == -1)
			break_off(g);
		else if (g->asked == r->server->options.max_asked - 1)
			tls_stream_pause(g->stream, 0);
	}
	free(r);
}

/* Memory that is out is told by silence: the other side asks again. */
static void
message(void *arg, uint32_t id, const uint8_t *data, size_t n)
{
	struct guest *g = arg;
	struct tls_in *s = g->server;
	size_t names = strlen(g->names);
	struct request *r =
	    s->stopped ? NULL : malloc(sizeof(*r) + n + names + 1);

	if (r == NULL)
		return;
	*r = (struct request){ .base = { .answer = answer,
				   .uid = (uid_t)-1,
				   .names = (char *)r->data + n },
		.guest = g,
		.server = s,
		.id = id,
		.n = n };
	memcpy(r->data, data, n);
	memcpy(r->data + n, g->names, names + 1);
	LIST_INSERT_HEAD(&s->requests, r, link);
	if (++g->asked == s->options.max_asked)
		tls_stream_pause(g->stream, 1);
	s->request(s->arg, &r->base, r->data, n);
}

static const struct tls_stream_events events = { verified, ready, message,
	closed };

/* ---- coming in ------------------------------------------------------------
 */

static void
peer_text(struct guest *g, const struct sockaddr *sa, socklen_t len)
{
	char host[64] = "?";

	getnameinfo(sa, len, host, sizeof(host), NULL, 0, NI_NUMERICHOST);
	snprintf(g->peer, sizeof(g->peer), "%s", host);
}

/* The oldest that has not shown a certificate; those that have stay. */
static bool
make_room(struct tls_in *s)
{
	struct guest *g;

	if (s->n < s->options.max_connections)
		return true;
	TAILQ_FOREACH(g, &s->guests, link)
	if (g->names == NULL)
		break;
	if (g == NULL)
		return false;
	tell_refused(s, g->peer, "", "others wait, and its handshake is slow");
	guest_free(g);
	return true;
}

static void
come_in(struct tls_in *s, int fd, const struct sockaddr *sa, socklen_t len)
{
	struct guest *g = calloc(1, sizeof(*g));
	SSL *ssl = NULL;

	if (g != NULL)
		peer_text(g, sa, len);
	if (g == NULL || !make_room(s) ||
	    (ssl = tls_context_open(s->context, NULL)) == NULL) {
		tell_refused(s, g != NULL ? g->peer : "?", "",
		    "there are too many connections");
		close(fd);
		free(g);
		return;
	}
	g->server = s;
	g->stream = tls_stream_new(
	    s->loop, ssl, fd, SP_REP, s->options.max_message, &events, g);
	if (g->stream == NULL) {
		free(g);
		return;
	}
	TAILQ_INSERT_TAIL(&s->guests, g, link);
	metric_set(s->options.metrics, s->options.open_row, ++s->n);
}

static void
on_accept(struct ev_loop *loop, ev_io *w, int revents)
{
	struct tls_in *s = w->data;

	(void)revents;
	for (int i = 0; i < ACCEPTS_MOST; i++) {
		struct sockaddr_storage sa;
		socklen_t len = sizeof(sa);
		int fd = accept4(w->fd, (struct sockaddr *)&sa, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd != -1) {
			come_in(s, fd, (struct sockaddr *)&sa, len);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
			ev_io_stop(loop, w);
			ev_timer_start(loop, &s->again);
		}
		return;
	}
}

static void
accept_again(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct tls_in *s = w->data;

	(void)revents;
	if (!s->stopped)
		ev_io_start(loop, &s->accept);
}

/* ---- life -----------------------------------------------------------------
 */

struct tls_in *
tls_in_new(struct ev_loop *loop, const struct tls_in_options *options,
    struct tls_context *context, tls_names_fn *names_ok,
    ipc_request_fn *request, void *arg)
{
	struct tls_in *s = calloc(1, sizeof(*s));
	int fd = s != NULL ? tls_listen(options->url) : -1;

	if (fd == -1) {
		free(s);
		return NULL;
	}
	*s = (struct tls_in){ .loop = loop,
		.options = *options,
		.url = strdup(options->url),
		.context = tls_context_ref(context),
		.names_ok = names_ok,
		.request = request,
		.arg = arg };
	TAILQ_INIT(&s->guests);
	LIST_INIT(&s->requests);
	ev_io_init(&s->accept, on_accept, fd, EV_READ);
	ev_timer_init(&s->again, accept_again, ACCEPT_PAUSE, 0.);
	s->accept.data = s->again.data = s;
	ev_io_start(loop, &s->accept);
	if (s->url != NULL)
		return s;
	tls_in_free(s);
	return NULL;
}

void
tls_in_renew(struct tls_in *s, struct tls_context *context)
{
	struct tls_context *old = s->context;

	s->context = tls_context_ref(context);
	tls_context_unref(old);
}

/* Those that wait for nothing are told to ask elsewhere. */
void
tls_in_stop(struct tls_in *s)
{
	struct guest *g, *next;

	if (s->stopped)
		return;
	for (g = TAILQ_FIRST(&s->guests); g != NULL; g = next) {
		next = TAILQ_NEXT(g, link);
		if (g->asked == 0)
			guest_free(g);
	}
	s->stopped = true;
	ev_timer_stop(s->loop, &s->again);
	ev_io_stop(s->loop, &s->accept);
	close(s->accept.fd);
}

void
tls_in_free(struct tls_in *s)
{
	struct request *r;

	if (s == NULL)
		return;
	tls_in_stop(s);
	while (!TAILQ_EMPTY(&s->guests))
		guest_free(TAILQ_FIRST(&s->guests));
	while ((r = LIST_FIRST(&s->requests)) != NULL) {
		LIST_REMOVE(r, link);
		free(r);
	}
	tls_context_unref(s->context);
	free(s->url);
	free(s);
}
