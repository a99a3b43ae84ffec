/*
 * Recursive look-ups of server lists, wishes and names in domain lists. Knows
 * the resolvers, not the servers in the lists.
 */
#include "verifyd/list_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/complaint.h"
#include "common/log.h"
#include "verifyd/cache.h"
#include "verifyd/counters.h"
#include "verifyd/resolver_turn.h"
#include "verifyd/servers_asked.h"

/* The final dot keeps names of type A apart from those of TXT. */
static const struct topic {
	const char *prefix, *suffix; /* around the domain */
	enum dns_type type;
	list_answer_fn *read;
	double share; /* of the time that there is for a look-up */
	bool ours;    /* silence is rather the resolver's than a stranger's */
	enum counter known, asked;
} topics[LIST__COUNT] = {
	[LIST_SERVERS] = { "dnsmail.", "", DNS_TXT, list_answer_read, 1, true,
	    COUNT_LISTS_KNOWN, COUNT_LISTS_ASKED },
	[LIST_WISH] = { "_policy.dnsmail.", "", DNS_TXT, list_answer_wish, 1,
	    true, COUNT_WISHES_KNOWN, COUNT_WISHES_ASKED },
	[LIST_REPUTATION] = { "", ".", DNS_A, list_answer_addresses,
	    LIST_REPUTATION_SHARE, false, COUNT_REPUTATION_KNOWN,
	    COUNT_REPUTATION_ASKED },
};

enum { NAME_SIZE = sizeof("_policy.dnsmail.") + ADDRESS_DOMAIN_MAX };

/* A name being asked for. */
struct list_query {
	struct lists *lists;
	struct list_query *next, **at;
	struct list_wait *waits;
	struct dns_query *query;
	struct dns_question question;
	struct resolver_turn turn;
	ev_timer again;           /* all were away: the next try */
	struct net_address asked; /* the resolver */
	const struct topic *topic;
	char name[NAME_SIZE];
};

struct lists {
	struct ev_loop *loop;
	struct dns_exchange *exchange;
	struct cache *cache;
	size_t cache_size;
	uint8_t key[SIPHASH_KEY];
	struct net_addresses resolvers;
	size_t preferred; /* the resolver that answered last */
	double timeout;
	struct complaint trouble; /* with resolvers */
	struct list_query *queries;
};

struct lists *
lists_new(struct ev_loop *loop, struct dns_exchange *exchange)
{
	struct lists *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->loop = loop;
	l->exchange = exchange;
	if (getrandom(l->key, sizeof(l->key), 0) != sizeof(l->key)) {
		free(l);
		return NULL;
	}
	return l;
}

/* Nobody can join it any more. */
static void
query_unlink(struct list_query *q)
{
	*q->at = q->next;
	if (q->next != NULL)
		q->next->at = q->at;
}

static void
query_free(struct list_query *q)
{
	ev_timer_stop(q->lists->loop, &q->again);
	dns_query_cancel(q->query);
	free(q);
}

void
lists_free(struct lists *l)
{
	struct list_query *q;

	if (l == NULL)
		return;
	while ((q = l->queries) != NULL) {
		query_unlink(q);
		query_free(q);
	}
	cache_free(l->cache);
	free(l->resolvers.v);
	free(l);
}

int
lists_prepare(const struct lists *l, const struct net_addresses *resolvers,
    size_t cache_size, struct lists_next *next)
{
	struct net_addresses *copy = &next->resolvers;

	*next =
	    (struct lists_next){ .cache = l->cache, .cache_size = cache_size };
	copy->v = calloc(resolvers->n + 1, sizeof(*copy->v));
	copy->n = resolvers->n;
	if (l->cache == NULL || cache_size != l->cache_size)
		next->cache = cache_new(cache_size, l->key);
	if (copy->v == NULL || next->cache == NULL) {
		lists_abandon(l, next);
		return -1;
	}
	memcpy(copy->v, resolvers->v, resolvers->n * sizeof(*copy->v));
	return 0;
}

void
lists_abandon(const struct lists *l, struct lists_next *next)
{
	free(next->resolvers.v);
	if (next->cache != l->cache)
		cache_free(next->cache);
	*next = (struct lists_next){ 0 };
}

/* A cache of the same size goes on. */
void
lists_commit(struct lists *l, struct lists_next *next, double timeout)
{
	free(l->resolvers.v);
	l->resolvers = next->resolvers;
	l->preferred = 0;
	l->timeout = timeout;
	if (next->cache != l->cache)
		cache_free(l->cache);
	l->cache = next->cache;
	l->cache_size = next->cache_size;
	*next = (struct lists_next){ 0 };
}

static const char *
name_of(char name[NAME_SIZE], const struct topic *topic, const char *domain)
{
	snprintf(
	    name, NAME_SIZE, "%s%s%s", topic->prefix, domain, topic->suffix);
	return name;
}

bool
lists_known(struct lists *l, enum list_topic topic, const char *domain,
    struct list_answer *answer_r)
{
	char name[NAME_SIZE];
	struct dns_name parsed;
	size_t n;
	const void *kept = cache_get(l->cache,
	    name_of(name, &topics[topic], domain), ev_now(l->loop), &n);

	if (kept == NULL && dns_name_parse(&parsed, name) == 0)
		return false;
	if (kept == NULL) { /* too long: no later answer will differ */
		*answer_r = (struct list_answer){ .outcome = LOOKUP_NO_RECORD,
			.nothing_below = true };
		return true;
	}
	metric_add(&counters, topics[topic].known, 1);
	memcpy(answer_r, kept, n);
	return true;
}

static void
query_end(struct list_query *q, const struct list_answer *answer)
{
	struct list_wait *w;

	query_unlink(q);
	while ((w = q->waits) != NULL) {
		list_wait_cancel(w);
		w->done(w->arg, answer);
	}
	query_free(q);
}

static void
query_fail(struct list_query *q, enum lookup_outcome outcome)
{
	const struct list_answer answer = { .outcome = outcome };

	query_end(q, &answer);
}

/* Nobody on the way can have set the AD bit only if there is no way. */
static bool
is_loopback(const struct net_address *a)
{
	if (a->sa.sa_family == AF_INET)
		return ntohl(a->in4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
}

/* SERVFAIL may be the fault of the domain; silence and refusal hardly are. */
static void
resolver_failed(const struct list_query *q, const struct dns_reply *reply)
{
	struct lists *l = q->lists;
	char where[NET_ADDRESS_TEXT_MAX], line[COMPLAINT_TEXT_MAX];
	const char *what = reply->outcome == DNS_ANSWERED
	    ? dns_rcode_text(reply->rcode)
	    : reply->why;

	net_address_text(&q->asked, where);
	log_debug("%s: resolver %s: %s", q->name, where, what);
	if ((reply->outcome == DNS_ANSWERED && reply->rcode == DNS_SERVFAIL) ||
	    !q->topic->ours)
		return;
	snprintf(line, sizeof(line), "resolver %s: %s", where, what);
	complaint_log(&l->trouble, line, ev_now(l->loop));
}

static void
resolver_answered(struct lists *l)
{
	double seconds = complaint_over(&l->trouble, ev_now(l->loop));

	if (seconds >= 0)
		log_info("resolvers answer again, after %.0f s", seconds);
}

static void
answered(struct list_query *q, const struct dns_reply *reply)
{
	struct lists *l = q->lists;
	struct list_answer answer;

	q->topic->read(&answer, reply->msg, reply->len, &q->question.name);
	answer.ad = answer.ad && is_loopback(&q->asked);
	l->preferred = q->turn.at;
	resolver_answered(l);
	if (answer.keep > 0 && answer.outcome != LOOKUP_SERVFAIL &&
	    cache_put(l->cache, q->name, &answer, list_answer_size(&answer),
		ev_now(l->loop) + answer.keep) != 0)
		log_warnx("no memory to keep what %s says", q->name);
	metric_set(
	    &counters, COUNT_LISTS_KEPT, (int64_t)cache_entries(l->cache));
	query_end(q, &answer);
}

static int query_send(struct list_query *q);

/* All are away, as while a host's only one is restarted. */
static bool
try_again(struct list_query *q)
{
	if (!resolver_turn_again(&q->turn, ev_now(q->lists->loop)))
		return false;
	ev_timer_set(&q->again, RESOLVER_PAUSE, 0);
	ev_timer_start(q->lists->loop, &q->again);
	return true;
}

static void
on_again(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	if (query_send(timer->data) != 0)
		query_fail(timer->data, LOOKUP_TIMEOUT);
}

static void
query_reply(void *arg, const struct dns_reply *reply)
{
	struct list_query *q = arg;
	struct lists *l = q->lists;

	q->query = NULL;
	if (reply->outcome == DNS_ANSWERED &&
	    (reply->rcode == DNS_NOERROR || reply->rcode == DNS_NXDOMAIN)) {
		answered(q, reply);
		return;
	}
	if (reply->outcome == DNS_OVER_BUDGET) { /* not the resolver's fault */
		query_fail(q, LOOKUP_OVER_BUDGET);
		return;
	}
	resolver_failed(q, reply);
	if (resolver_turn_failed(&q->turn, l->resolvers.n, reply) &&
	    query_send(q) == 0)
		return;
	if (!try_again(q))
		query_fail(q, lookup_trouble(reply));
}

/* To the next resolver. -1: no time or no memory for it. */
static int
query_send(struct list_query *q)
{
	struct lists *l = q->lists;
	double left =
	    resolver_turn_seconds(&q->turn, l->resolvers.n, ev_now(l->loop));

	if (left <= 0)
		return -1;
	q->asked = l->resolvers.v[q->turn.at];
	q->query = dns_exchange_ask(
	    l->exchange, &q->asked, &q->question, left, query_reply, q);
	return q->query != NULL ? 0 : -1;
}

static struct list_query *
query_new(struct lists *l, const struct topic *topic, const char *name)
{
	struct list_query *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->lists = l;
	q->topic = topic;
	snprintf(q->name, sizeof(q->name), "%s", name);
	q->question.type = topic->type;
	q->question.flags = DNS_RD | DNS_AD;
	metric_add(&counters, topic->asked, 1);
	resolver_turn_begin(
	    &q->turn, l->preferred, ev_now(l->loop), l->timeout, topic->share);
	ev_timer_init(&q->again, on_again, 0, 0);
	q->again.data = q;
	q->at = &l->queries;
	q->next = l->queries;
	if (q->next != NULL)
		q->next->at = &q->next;
	l->queries = q;
	if (dns_name_parse(&q->question.name, name) == 0 && query_send(q) == 0)
		return q;
	query_unlink(q);
	query_free(q);
	return NULL;
}

static struct list_query *
query_find(struct lists *l, const struct topic *topic, const char *domain)
{
	struct list_query *q = l->queries;
	char name[NAME_SIZE];

	name_of(name, topic, domain);
	while (q != NULL && strcmp(q->name, name) != 0)
		q = q->next;
	return q != NULL ? q : query_new(l, topic, name);
}

int
lists_wait(struct lists *l, enum list_topic topic, const char *domain,
    struct list_wait *w)
{
	struct list_query *q = query_find(l, &topics[topic], domain);

	if (q == NULL)
		return -1;
	w->at = &q->waits;
	w->next = q->waits;
	if (w->next != NULL)
		w->next->at = &w->next;
	q->waits = w;
	return 0;
}

void
list_wait_cancel(struct list_wait *w)
{
	if (w->at == NULL)
		return;
	*w->at = w->next;
	if (w->next != NULL)
		w->next->at = w->at;
	w->at = NULL;
	w->next = NULL;
}
