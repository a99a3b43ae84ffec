/*
 * One connection to one publisher, by the code with which signerd makes it.
 * Must not know what makes an answer good or bad.
 */
#include "admin/check_publisher.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/host_lookup.h"
#include "common/monotonic.h"
#include "common/publish_msg.h"
#include "common/tls_certificate.h"
#include "common/tls_stream.h"
#include "common/tls_url.h"

enum { QUESTION = 1 };

struct visit {
	struct ev_loop *loop;
	struct tls_context *context;
	struct tls_url url;
	struct host_lookup *lookup;
	struct addrinfo *found, *next; /* addresses not yet tried from next */
	struct tls_stream *stream;
	ev_timer timer;
	double began;
	struct publisher_seen *seen;
};

static void
over(struct visit *v, const char *why)
{
	snprintf(v->seen->why, sizeof(v->seen->why), "%s", why);
	v->seen->seconds = monotonic_now() - v->began;
	ev_break(v->loop, EVBREAK_ONE);
}

static int
verified(void *arg, SSL *ssl)
{
	struct visit *v = arg;

	v->seen->stage = PUBLISHER_BELIEVED;
	v->seen->until = tls_until(ssl);
	return 0;
}

/* An empty message asks whether it is there. */
static void
ready(void *arg)
{
	struct visit *v = arg;

	if (tls_stream_send(v->stream, QUESTION, "", 0) == -1)
		over(v, "out of memory");
}

static void
message(void *arg, uint32_t id, const uint8_t *data, size_t n)
{
	struct visit *v = arg;

	(void)id;
	(void)data;
	(void)n;
	v->seen->stage = PUBLISHER_ANSWERED;
	over(v, "");
}

static void connect_next(struct visit *v, const char *why);

static void
closed(void *arg, const char *why)
{
	struct visit *v = arg;

	tls_stream_free(v->stream);
	v->stream = NULL;
	if (v->seen->stage == PUBLISHER_BELIEVED)
		over(v, why);
	else
		connect_next(v, why);
}

static const struct tls_stream_events events = { verified, ready, message,
	closed };

static int
begin(struct visit *v, const struct addrinfo *ai)
{
	SSL *ssl = tls_context_open(v->context, v->url.host);
	int fd = socket(
	    ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (ssl == NULL || fd == -1 ||
	    (connect(fd, ai->ai_addr, ai->ai_addrlen) == -1 &&
		errno != EINPROGRESS)) {
		SSL_free(ssl);
		if (fd != -1)
			close(fd);
		return -1;
	}
	v->stream = tls_stream_new(
	    v->loop, ssl, fd, SP_REQ, PUBLISH_REQ_MAX, &events, v);
	return v->stream != NULL ? 0 : -1;
}

/* One address is enough; the last one's trouble is told. */
static void
connect_next(struct visit *v, const char *why)
{
	while (v->next != NULL) {
		const struct addrinfo *ai = v->next;

		v->next = ai->ai_next;
		if (begin(v, ai) == 0)
			return;
		why = strerror(errno);
	}
	over(v, why);
}

static void
found(void *arg, struct addrinfo *list, const char *why)
{
	struct visit *v = arg;

	v->lookup = NULL;
	v->found = v->next = list;
	if (list != NULL)
		v->seen->stage = PUBLISHER_CONNECTED;
	connect_next(v, why);
}

static void
late(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop;
	(void)revents;
	over(w->data, "no answer in time");
}

void
publisher_visit(struct ev_loop *loop, struct tls_context *context,
    const char *url, double patience, struct publisher_seen *seen)
{
	struct visit v = { .loop = loop, .context = context, .seen = seen };
	const char *why;

	*seen = (struct publisher_seen){ .stage = PUBLISHER_FOUND };
	v.began = monotonic_now();
	if (tls_url_parse(&v.url, url, &why) == -1)
		return;
	ev_now_update(loop);
	ev_timer_init(&v.timer, late, patience, 0.);
	v.timer.data = &v;
	ev_timer_start(loop, &v.timer);
	v.lookup = host_lookup_new(loop, v.url.host, v.url.port, found, &v);
	if (v.lookup != NULL)
		ev_run(loop, 0);
	else
		snprintf(seen->why, sizeof(seen->why), "out of memory");
	if (v.lookup != NULL)
		host_lookup_cancel(v.lookup);
	if (v.found != NULL)
		freeaddrinfo(v.found);
	tls_stream_free(v.stream);
	ev_timer_stop(loop, &v.timer);
}
