/*
 * Owns: the connection to one server by TLS and the requests under way to it.
 * Must not know of other servers, nor of the time of calls.
 */
#include "tls_peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "complaint.h"
#include "host_lookup.h"
#include "ipc_queue.h"
#include "log.h"
#include "monotonic.h"
#include "tls_certificate.h"
#include "tls_stream.h"
#include "tls_url.h"

#define RECONNECT_MIN 0.1 /* seconds */
#define RECONNECT_MAX 5.0

struct ipc_attempt {
	TAILQ_ENTRY(ipc_attempt) link;
	struct tls_peer *peer;
	struct ipc_owner *owner;
	uint32_t id;
};

struct tls_peer {
	struct ipc_peer base;
	struct ev_loop *loop;
	struct tls_context *context;
	struct tls_url url;
	size_t max_message;
	struct host_lookup *lookup;
	struct addrinfo *found, *next; /* addresses not yet tried from next */
	struct tls_stream *stream;
	bool ready;
	ev_periodic expiry;  /* of the server's certificate, once verified */
	const char *leaving; /* why it is asked no more; NULL: it may be */
	double pause;
	ev_timer again;
	uint32_t last_id;
	TAILQ_HEAD(, ipc_attempt) busy; /* the oldest first */
	struct complaint trouble;
};

/* ---- requests -------------------------------------------------------------
 */

static void
attempt_free(struct ipc_attempt *a)
{
	struct tls_peer *p = a->peer;

	TAILQ_REMOVE(&p->busy, a, link);
	p->base.n_busy--;
	free(a);
	if (p->leaving != NULL && TAILQ_EMPTY(&p->busy))
		tls_stream_end(p->stream, p->leaving);
}

static struct ipc_attempt *
start(
    struct ipc_peer *base, const void *data, size_t n, struct ipc_owner *owner)
{
	struct tls_peer *p = (struct tls_peer *)base;
	struct ipc_attempt *a = p->ready ? calloc(1, sizeof(*a)) : NULL;

	if (a == NULL)
		return NULL;
	a->peer = p;
	a->owner = owner;
	a->id = ++p->last_id | UINT32_C(0x80000000);
	if (tls_stream_send(p->stream, a->id, data, n) == -1) {
		free(a);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&p->busy, a, link);
	p->base.n_busy++;
	return a;
}

/* What it answers still will find nobody. */
static void
drop(struct ipc_attempt *a)
{
	attempt_free(a);
}

/* Answers come about in the order of the requests: few are looked at. */
static void
message(void *arg, uint32_t id, const uint8_t *data, size_t n)
{
	struct tls_peer *p = arg;
	struct ipc_attempt *a;
	struct ipc_owner *owner;

	TAILQ_FOREACH(a, &p->busy, link)
	if (a->id == id)
		break;
	if (a == NULL)
		return;
	owner = a->owner;
	attempt_free(a);
	p->base.shun_until = 0;
	owner->answered(owner, data, n);
}

/* ---- the connection -------------------------------------------------------
 */

static void connect_next(struct tls_peer *p);

/* A refused client would come at once, and again. */
static void
try_later(struct tls_peer *p)
{
	ev_timer_set(&p->again, p->pause, 0.);
	ev_timer_start(p->loop, &p->again);
	p->pause = 2 * p->pause < RECONNECT_MAX ? 2 * p->pause : RECONNECT_MAX;
}

static void
complain(struct tls_peer *p, const char *why)
{
	char line[COMPLAINT_TEXT_MAX];

	snprintf(line, sizeof(line), "publisher %s: no connection: %s",
	    p->base.url, why);
	complaint_log(&p->trouble, line, monotonic_now());
}

static void
stream_free(struct tls_peer *p)
{
	ev_periodic_stop(p->loop, &p->expiry);
	tls_stream_free(p->stream);
	p->stream = NULL;
	p->ready = false;
	p->leaving = NULL;
}

/* Its calls are asked elsewhere. */
static void
closed(void *arg, const char *why)
{
	struct tls_peer *p = arg;
	struct ipc_attempt *a;

	complain(p, why);
	stream_free(p);
	connect_next(p);
	while ((a = TAILQ_FIRST(&p->busy)) != NULL) {
		struct ipc_owner *owner = a->owner;

		attempt_free(a);
		owner->failed(owner);
	}
	p->base.changed(p->base.arg);
}

/* Answers to what it was asked are waited for; then it is connected to anew. */
static void
expired(struct ev_loop *loop, ev_periodic *w, int revents)
{
	struct tls_peer *p = w->data;

	(void)loop;
	(void)revents;
	p->ready = false;
	p->leaving = "its certificate: certificate has expired";
	if (TAILQ_EMPTY(&p->busy))
		tls_stream_end(p->stream, p->leaving);
	p->base.changed(p->base.arg);
}

/* OpenSSL has compared its names with the url's host. */
static int
verified(void *arg, SSL *ssl)
{
	struct tls_peer *p = arg;

	ev_periodic_set(&p->expiry, (double)tls_until(ssl) + 1, 0., NULL);
	ev_periodic_start(p->loop, &p->expiry);
	return 0;
}

static void
ready(void *arg)
{
	struct tls_peer *p = arg;

	p->ready = p->leaving == NULL;
	p->pause = RECONNECT_MIN;
	complaint_over(&p->trouble, monotonic_now());
	p->base.changed(p->base.arg);
}

static const struct tls_stream_events events = { verified, ready, message,
	closed };

static int
begin(struct tls_peer *p, const struct addrinfo *ai)
{
	SSL *ssl = tls_context_open(p->context, p->url.host);
	int fd = socket(
	    ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (ssl == NULL || fd == -1 ||
	    (connect(fd, ai->ai_addr, ai->ai_addrlen) == -1 &&
		errno != EINPROGRESS)) {
		complain(p, strerror(errno));
		SSL_free(ssl);
		if (fd != -1)
			close(fd);
		return -1;
	}
	p->stream = tls_stream_new(
	    p->loop, ssl, fd, SP_REQ, p->max_message, &events, p);
	return p->stream != NULL ? 0 : -1;
}

/* The next address, or all again after a pause. */
static void
connect_next(struct tls_peer *p)
{
	while (p->next != NULL) {
		const struct addrinfo *ai = p->next;

		p->next = ai->ai_next;
		if (begin(p, ai) == 0)
			return;
	}
	try_later(p);
}

static void
found(void *arg, struct addrinfo *list, const char *why)
{
	struct tls_peer *p = arg;

	p->lookup = NULL;
	if (list == NULL)
		complain(p, why);
	p->found = p->next = list;
	connect_next(p);
}

static void
connect_again(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct tls_peer *p = w->data;

	(void)revents;
	if (p->found != NULL)
		freeaddrinfo(p->found);
	p->found = p->next = NULL;
	p->lookup = host_lookup_new(loop, p->url.host, p->url.port, found, p);
	if (p->lookup == NULL)
		try_later(p);
}

/* ---- life -----------------------------------------------------------------
 */

static bool
connected(const struct ipc_peer *base)
{
	return ((const struct tls_peer *)base)->ready;
}

static void
peer_free(struct ipc_peer *base)
{
	struct tls_peer *p = (struct tls_peer *)base;

	while (!TAILQ_EMPTY(&p->busy))
		attempt_free(TAILQ_FIRST(&p->busy));
	ev_timer_stop(p->loop, &p->again);
	if (p->lookup != NULL)
		host_lookup_cancel(p->lookup);
	if (p->found != NULL)
		freeaddrinfo(p->found);
	stream_free(p);
	tls_context_unref(p->context);
	free(p);
	ipc_queue_detach();
}

static const struct ipc_peer_ops ops = {
	.start = start,
	.drop = drop,
	.connected = connected,
	.free = peer_free,
};

struct ipc_peer *
tls_peer_new(void *context, struct ev_loop *loop, const char *url,
    size_t max_message, ipc_changed_fn *changed, void *arg)
{
	struct tls_peer *p = calloc(1, sizeof(*p));
	const char *why = "out of memory";

	if (p == NULL || tls_url_parse(&p->url, url, &why) == -1) {
		log_warnx("ipc: %s: %s", url, why);
		free(p);
		return NULL;
	}
	p->base = (struct ipc_peer){ &ops, changed, arg, NULL, 0, 0 };
	p->loop = loop;
	p->context = tls_context_ref(context);
	p->max_message = max_message;
	p->pause = RECONNECT_MIN;
	TAILQ_INIT(&p->busy);
	ev_timer_init(&p->again, connect_again, 0., 0.);
	ev_init(&p->expiry, expired);
	p->again.data = p->expiry.data = p;
	ev_timer_start(loop, &p->again);
	ipc_queue_attach(loop);
	return &p->base;
}
