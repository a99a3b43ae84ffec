/*
 * Owns: the connections by TLS and what they have asked. Must not know what a
 * request means.
 */
#include "publishd/tls_in.h"

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
#include "common/tls_certificate.h"
#include "common/tls_stream.h"
#include "publishd/tls_listen.h"

enum { PEER_MAX = 80 };

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
	SSL *ssl;    /* the stream's */
	char *names; /* NULL: not yet verified */
	char peer[PEER_MAX];
	unsigned asked;
	ev_periodic expiry;  /* once verified */
	const char *leaving; /* why; NULL: it stays */
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
	struct tls_listen *listen; /* NULL: stopped */
	struct guests guests;      /* the oldest first */
	unsigned n;
	LIST_HEAD(, request) requests;
	struct complaint refusals;
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
	if (g->names != NULL)
		ev_periodic_stop(s->loop, &g->expiry);
	tls_stream_free(g->stream);
	free(g->names);
	free(g);
}

/* What it has asked is answered first. It may come again. */
static void
let_go(struct guest *g, const char *why)
{
	g->leaving = why;
	tls_stream_pause(g->stream, 1);
	if (g->asked == 0)
		tls_stream_end(g->stream, why);
}

static void
leave(struct guest *g, const char *why)
{
	char line[COMPLAINT_TEXT_MAX], quoted[160];

	if (g->leaving != NULL)
		return;
	log_quote(quoted, sizeof(quoted), g->names, strlen(g->names));
	snprintf(line, sizeof(line), "tls: %.100s: %s must leave: %s names=%s",
	    g->server->url, g->peer, why, quoted);
	complaint_log(&g->server->refusals, line, monotonic_now());
	let_go(g, why);
}

static void
expired(struct ev_loop *loop, ev_periodic *w, int revents)
{
	(void)loop;
	(void)revents;
	leave(w->data, "its certificate has expired");
}

static int
verified(void *arg, SSL *ssl)
{
	struct guest *g = arg;
	struct tls_in *s = g->server;
	char *names = tls_names(ssl);

	if (names == NULL || !s->names_ok(s->arg, names)) {
		tell_refused(s, g->peer, names != NULL ? names : "",
		    "no such name may ask");
		free(names);
		return -1;
	}
	g->names = names;
	g->ssl = ssl;
	ev_periodic_init(
	    &g->expiry, expired, (double)tls_until(ssl) + 1, 0., NULL);
	g->expiry.data = g;
	ev_periodic_start(s->loop, &g->expiry);
	return 0;
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
		else if (g->leaving != NULL && g->asked == 0)
			tls_stream_end(g->stream, g->leaving);
		else if (g->leaving == NULL &&
		    g->asked == r->server->options.max_asked - 1)
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
	struct request *r = malloc(sizeof(*r) + n + names + 1);

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
come_in(void *arg, int fd, const struct sockaddr *sa, socklen_t len)
{
	struct tls_in *s = arg;
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

/* ---- life -----------------------------------------------------------------
 */

struct tls_in *
tls_in_new(struct ev_loop *loop, const struct tls_in_options *options,
    struct tls_context *context, tls_names_fn *names_ok,
    ipc_request_fn *request, void *arg)
{
	struct tls_in *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	*s = (struct tls_in){ .loop = loop,
		.options = *options,
		.url = strdup(options->url),
		.context = tls_context_ref(context),
		.names_ok = names_ok,
		.request = request,
		.arg = arg };
	TAILQ_INIT(&s->guests);
	LIST_INIT(&s->requests);
	if (s->url != NULL)
		s->listen = tls_listen_new(loop, s->url, come_in, s);
	if (s->listen != NULL)
		return s;
	tls_in_free(s);
	return NULL;
}

/* A handshake under way is with what was before: it begins anew. */
static void
look_again(struct guest *g)
{
	if (g->names == NULL)
		guest_free(g);
	else if (!tls_context_vouches(g->server->context, g->ssl))
		leave(g, "its certificate is not of our authority any more");
}

void
tls_in_renew(struct tls_in *s, struct tls_context *context)
{
	struct tls_context *old = s->context;
	struct guest *g, *next;

	s->context = tls_context_ref(context);
	tls_context_unref(old);
	for (g = TAILQ_FIRST(&s->guests); g != NULL; g = next) {
		next = TAILQ_NEXT(g, link);
		look_again(g);
	}
}

/* So they know that they are to ask elsewhere. */
void
tls_in_stop(struct tls_in *s)
{
	struct guest *g, *next;

	if (s->listen == NULL)
		return;
	for (g = TAILQ_FIRST(&s->guests); g != NULL; g = next) {
		next = TAILQ_NEXT(g, link);
		if (g->asked == 0)
			guest_free(g);
		else
			let_go(g, "publishd stops");
	}
	tls_listen_free(s->listen);
	s->listen = NULL;
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
