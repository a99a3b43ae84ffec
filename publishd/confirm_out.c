/*
 * Owns the questions to the further servers. Must not know the primary's ways,
 * nor who asked for the publishing.
 *
 * A `look` is one name at one server: all records of a request at one name are
 * seen by one question.
 */
#include "publishd/confirm_out.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/complaint.h"
#include "common/dns_exchange.h"
#include "common/log.h"
#include "common/monotonic.h"
#include "publishd/away_out.h"
#include "publishd/confirm_state.h"
#include "publishd/counters.h"
#include "publishd/shown.h"

#define PAUSE_FIRST 0.01 /* seconds between two questions */
#define PAUSE_LAST  1.0
#define ASK_TIMEOUT 2.0 /* for one question, retries included */

/* Questions under way at a time: each has a socket. */
/* To servers of our own, which need no protection from us. */
static const struct dns_limits limits = { .queries = 512 };

struct confirm_out {
	struct ev_loop *loop;
	struct dns_exchange *exchange;
	struct away_out *away;
	struct complaint complaint;
};

/* --- how it ends --- */

/* Also in the middle of it all: neither timers nor answers come later. */
void
confirm_free(struct confirm *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++) {
		ev_timer_stop(c->loop, &c->looks[i].pause);
		dns_query_cancel(c->looks[i].query);
	}
	metric_add(&counters, COUNT_CONFIRM_UNDER_WAY, -1);
	free(c);
}

/* The confirm goes first: its owner may be gone after done(). */
static void
confirm_end(struct confirm *c, enum publish_status status)
{
	confirm_done_fn *done = c->done;
	double now = monotonic_now();
	void *arg = c->arg;
	char why[PUBLISH_REASON_MAX];

	memcpy(why, c->why, sizeof(why));
	if (status == PUB_DONE) {
		why[0] = '\0';
		metric_observe(
		    &counters, COUNT_CONFIRM_LATENCY, now - c->began);
	} else {
		complaint_log(&c->out->complaint, why, now);
	}
	confirm_free(c);
	done(arg, status, why);
}

/* --- one name at one server --- */

static bool
look_at_primary(const struct look *l)
{
	const struct config_domain *d = l->confirm->domain;

	for (size_t i = 0; i < d->primaries.n; i++)
		if (net_address_equal(l->server, &d->primaries.v[i]))
			return true;
	return false;
}

/* The last pause ends at the deadline. */
static void
look_again(struct look *l, const char *what)
{
	struct confirm *c = l->confirm;
	double left = c->deadline - monotonic_now();
	char server[NET_ADDRESS_TEXT_MAX];

	peers_ask(l);
	snprintf(c->why, sizeof(c->why), "%s does not show the record: %s",
	    net_address_text(l->server, server), what);
	if (left <= 0) {
		confirm_end(c, PUB_LATER);
		return;
	}
	ev_now_update(c->loop);
	ev_timer_set(&l->pause, fmin(l->next_pause, left), 0);
	ev_timer_start(c->loop, &l->pause);
	l->next_pause = fmin(l->next_pause * 2, PAUSE_LAST);
}

static const char *
look_trouble(const struct dns_reply *reply)
{
	if (reply->outcome != DNS_ANSWERED)
		return reply->why;
	if (reply->rcode != DNS_NOERROR)
		return dns_rcode_text(reply->rcode);
	return "not there yet";
}

/*
 * One of several primaries that is away: who asks it goes on to the next, and
 * another primary has the record.
 */
static bool
is_excused(const struct look *l, const struct dns_reply *reply)
{
	return (reply->outcome == DNS_TIMED_OUT ||
		   reply->outcome == DNS_UNREACHABLE) &&
	    look_at_primary(l) && peers_show(l);
}

static void
looks_ended(struct confirm *c, size_t n)
{
	if ((c->left -= n) == 0)
		confirm_end(c, PUB_DONE);
}

/* Nobody waits for a primary that was away a moment ago. */
static bool
look_left_out(struct look *l)
{
	struct confirm *c = l->confirm;

	if (l->left_out || !look_at_primary(l) || !peers_look(l) ||
	    !away_out_has(c->out->away, l->server, &l->question))
		return false;
	if (peers_show(l))
		looks_ended(c, 1);
	else
		l->left_out = true;
	return true;
}

/* An answer without the AA bit counts too: what is asked for is that
   strangers who ask there will see it. */
static void
look_answered(void *arg, const struct dns_reply *reply)
{
	struct look *l = arg;

	l->query = NULL;
	l->seen = reply->outcome == DNS_ANSWERED &&
	    reply->rcode == DNS_NOERROR &&
	    shown_all(
		reply->msg, reply->len, &l->question.name, l->records, l->n);
	if (l->seen) {
		looks_ended(l->confirm, 1 + peers_settle(l));
	} else if (is_excused(l, reply)) {
		away_out_add(l->confirm->out->away, l->server, reply->why);
		looks_ended(l->confirm, 1);
	} else {
		look_again(l, look_trouble(reply));
	}
}

static void
look_ask(struct look *l)
{
	struct confirm *c = l->confirm;
	double left = c->deadline - monotonic_now();

	if (left <= 0) {
		confirm_end(c, PUB_LATER);
		return;
	}
	if (look_left_out(l))
		return;
	metric_add(&counters, COUNT_CONFIRM_QUESTIONS, 1);
	l->query = dns_exchange_ask(c->out->exchange, l->server, &l->question,
	    fmin(left, ASK_TIMEOUT), look_answered, l);
	if (l->query == NULL)
		look_again(l, "no memory to ask");
}

static void
look_paused(struct ev_loop *loop, ev_timer *w, int events)
{
	(void)loop;
	(void)events;
	look_ask(w->data);
}

/* --- all of them --- */

/* It need not be asked: it has said so, to the UPDATE. */
static bool
is_primary_alone(
    const struct config_domain *d, const struct net_address *server)
{
	return d->primaries.n == 1 &&
	    net_address_equal(server, &d->primaries.v[0]);
}

/* How many records from `first` on have the same name. */
static size_t
same_name(const struct publish_req *req, size_t first)
{
	size_t n = 1;

	while (first + n < req->n &&
	    strcmp(req->records[first + n].owner, req->records[first].owner) ==
		0)
		n++;
	return n;
}

static void
look_init(struct look *l, struct confirm *c, const struct net_address *server,
    const struct publish_record *records, size_t n)
{
	l->confirm = c;
	l->server = server;
	l->records = records;
	l->n = n;
	l->question.type = DNS_TXT;
	/* Names were checked when they came in. */
	if (dns_name_parse(&l->question.name, records[0].owner) == -1)
		abort();
	l->next_pause = PAUSE_FIRST;
	ev_timer_init(&l->pause, look_paused, 0, 0);
	l->pause.data = l;
}

static void
looks_init(struct confirm *c, const struct publish_req *req)
{
	const struct config_domain *d = c->domain;
	size_t n;

	for (size_t i = 0; i < req->n; i += n) {
		n = same_name(req, i);
		for (size_t s = 0; s < d->servers.n; s++)
			if (!is_primary_alone(d, &d->servers.v[s]))
				look_init(&c->looks[c->n++], c,
				    &d->servers.v[s], &req->records[i], n);
	}
}

static size_t
count_names(const struct publish_req *req)
{
	size_t names = 0;

	for (size_t i = 0; i < req->n; i += same_name(req, i))
		names++;
	return names;
}

static size_t
count_servers(const struct config_domain *d)
{
	size_t servers = 0;

	for (size_t s = 0; s < d->servers.n; s++)
		servers += !is_primary_alone(d, &d->servers.v[s]);
	return servers;
}

bool
confirm_needed(const struct config_domain *d)
{
	return count_servers(d) > 0;
}

struct confirm *
confirm_new(struct confirm_out *out, const struct config_domain *domain,
    const struct publish_req *req, double deadline, confirm_done_fn *done,
    void *arg)
{
	size_t servers = count_servers(domain), n = servers * count_names(req);
	struct confirm *c = calloc(1, sizeof(*c) + n * sizeof(c->looks[0]));

	assert(n > 0);
	if (c == NULL)
		return NULL;
	c->out = out;
	c->loop = out->loop;
	c->domain = domain;
	c->servers = servers;
	c->done = done;
	c->arg = arg;
	c->began = monotonic_now();
	c->deadline = deadline;
	snprintf(c->why, sizeof(c->why), "no time to ask the further servers");
	looks_init(c, req);
	c->left = c->n;
	metric_add(&counters, COUNT_CONFIRM_UNDER_WAY, 1);
	/* From the loop, so that nothing can end inside here. */
	for (size_t i = 0; i < n; i++)
		ev_feed_event(c->loop, &c->looks[i].pause, EV_TIMER);
	return c;
}

struct confirm_out *
confirm_out_new(struct ev_loop *loop)
{
	struct confirm_out *out = calloc(1, sizeof(*out));

	if (out == NULL)
		return NULL;
	out->loop = loop;
	out->exchange = dns_exchange_new(loop, &limits);
	if (out->exchange != NULL)
		out->away = away_out_new(out->exchange);
	if (out->away != NULL)
		return out;
	confirm_out_free(out);
	return NULL;
}

void
confirm_out_free(struct confirm_out *out)
{
	if (out == NULL)
		return;
	away_out_free(out->away);
	dns_exchange_free(out->exchange);
	free(out);
}
