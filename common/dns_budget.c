/*
 * Owns the counts of questions, packets and connections. Must not know what
 * is asked, nor sockets.
 */
#include "dns_budget.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#include "siphash.h"

enum { SERVERS_PER_QUERY = 4 };

/* Seconds after which a full bucket is sure: nothing need be remembered. */
static const double forget_after = 1.0;

const char *const dns_refusal_texts[DNS_REFUSAL__COUNT] = {
	[DNS_MAY] = "may be asked",
	[DNS_OVER_QUERIES] = "too many questions under way",
	[DNS_OVER_PER_SERVER] = "too many questions under way to this server",
	[DNS_OVER_RATE] = "too many questions a second to this server",
	[DNS_OVER_TCP] = "too many TCP connections to name servers",
};

struct key {
	uint8_t family, octets[8];
};

struct dns_account {
	LIST_ENTRY(dns_account) chain; /* in its bucket */
	TAILQ_ENTRY(dns_account) age;  /* in idle, when queries is 0 */
	struct key key;
	unsigned queries, tcp;
	double tokens, filled; /* as they were at that time */
};

LIST_HEAD(bucket, dns_account);

struct dns_budget {
	struct dns_limits limits;
	uint8_t hash_key[SIPHASH_KEY];
	size_t queries, tcp, servers;
	TAILQ_HEAD(, dns_account) idle; /* the longest idle first */
	size_t n_buckets;               /* a power of two */
	struct bucket *buckets;
};

static struct bucket *
bucket_of(const struct dns_budget *b, const struct key *key)
{
	uint64_t hash = siphash(b->hash_key, key, sizeof(*key));

	return &b->buckets[hash & (b->n_buckets - 1)];
}

/* So many lists that each has a server or two. NULL: out of memory. */
static struct bucket *
buckets_new(unsigned queries, size_t *n_r)
{
	struct bucket *v;
	size_t n = 16;

	while (n < queries)
		n *= 2;
	if ((v = calloc(n, sizeof(*v))) == NULL)
		return NULL;
	*n_r = n;
	return v;
}

struct dns_budget *
dns_budget_new(const struct dns_limits *limits)
{
	struct dns_budget *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->buckets = buckets_new(limits->queries, &b->n_buckets);
	if (b->buckets == NULL ||
	    getrandom(b->hash_key, sizeof(b->hash_key), 0) !=
		sizeof(b->hash_key)) {
		free(b->buckets);
		free(b);
		return NULL;
	}
	b->limits = *limits;
	TAILQ_INIT(&b->idle);
	return b;
}

void
dns_budget_limit(struct dns_budget *b, const struct dns_limits *limits)
{
	struct bucket *old = b->buckets, *now;
	size_t n_old = b->n_buckets, n;
	struct dns_account *a;

	b->limits = *limits;
	now = buckets_new(limits->queries, &n);
	if (now == NULL) /* the old ones do, only with more in each */
		return;
	b->buckets = now;
	b->n_buckets = n;
	for (size_t i = 0; i < n_old; i++)
		while ((a = LIST_FIRST(&old[i])) != NULL) {
			LIST_REMOVE(a, chain);
			LIST_INSERT_HEAD(bucket_of(b, &a->key), a, chain);
		}
	free(old);
}

static void
forget(struct dns_budget *b, struct dns_account *a)
{
	TAILQ_REMOVE(&b->idle, a, age);
	LIST_REMOVE(a, chain);
	free(a);
	b->servers--;
}

static void
forget_old(struct dns_budget *b, double now)
{
	struct dns_account *a;

	while ((a = TAILQ_FIRST(&b->idle)) != NULL &&
	    now - a->filled > forget_after)
		forget(b, a);
}

void
dns_budget_free(struct dns_budget *b)
{
	struct dns_account *a;

	if (b == NULL)
		return;
	for (size_t i = 0; i < b->n_buckets; i++)
		while ((a = LIST_FIRST(&b->buckets[i])) != NULL) {
			LIST_REMOVE(a, chain);
			free(a);
		}
	free(b->buckets);
	free(b);
}

static struct key
key_of(const struct net_address *server)
{
	struct key key = { .family = (uint8_t)server->sa.sa_family };

	if (server->sa.sa_family == AF_INET)
		memcpy(key.octets, &server->in4.sin_addr, 4);
	else
		memcpy(key.octets, &server->in6.sin6_addr, 8);
	return key;
}

/* The account of that server, made where there is none; NULL: no room. */
static struct dns_account *
account_of(struct dns_budget *b, const struct net_address *server, double now)
{
	const struct key key = key_of(server);
	struct bucket *bucket = bucket_of(b, &key);
	struct dns_account *a;

	LIST_FOREACH(a, bucket, chain)
	if (memcmp(&a->key, &key, sizeof(key)) == 0)
		return a;
	forget_old(b, now);
	if (b->servers / SERVERS_PER_QUERY >= b->limits.queries ||
	    (a = calloc(1, sizeof(*a))) == NULL)
		return NULL;
	a->key = key;
	a->tokens = b->limits.rate;
	a->filled = now;
	LIST_INSERT_HEAD(bucket, a, chain);
	TAILQ_INSERT_TAIL(&b->idle, a, age);
	b->servers++;
	return a;
}

static bool
over(size_t n, unsigned limit)
{
	return limit > 0 && n >= limit;
}

enum dns_refusal
dns_budget_begin(struct dns_budget *b, const struct net_address *server,
    double now, struct dns_account **account_r)
{
	struct dns_account *a = NULL;

	if (b->queries >= b->limits.queries)
		return DNS_OVER_QUERIES;
	if (server != NULL) {
		if ((a = account_of(b, server, now)) == NULL)
			return DNS_OVER_QUERIES;
		if (over(a->queries, b->limits.per_server))
			return DNS_OVER_PER_SERVER;
		if (a->queries++ == 0)
			TAILQ_REMOVE(&b->idle, a, age);
	}
	b->queries++;
	*account_r = a;
	return DNS_MAY;
}

static void
fill(struct dns_account *a, double rate, double now)
{
	if (now > a->filled) {
		a->tokens += (now - a->filled) * rate;
		a->filled = now;
	}
	if (a->tokens > rate)
		a->tokens = rate;
}

enum dns_refusal
dns_budget_packet(struct dns_budget *b, struct dns_account *a, double now)
{
	if (a == NULL || b->limits.rate == 0)
		return DNS_MAY;
	fill(a, b->limits.rate, now);
	if (a->tokens < 1)
		return DNS_OVER_RATE;
	a->tokens--;
	return DNS_MAY;
}

enum dns_refusal
dns_budget_tcp(struct dns_budget *b, struct dns_account *a)
{
	if (a == NULL)
		return DNS_MAY;
	if (over(b->tcp, b->limits.tcp) ||
	    over(a->tcp, b->limits.tcp_per_server))
		return DNS_OVER_TCP;
	a->tcp++;
	b->tcp++;
	return DNS_MAY;
}

void
dns_budget_end(
    struct dns_budget *b, struct dns_account *a, double now, bool tcp)
{
	b->queries--;
	if (a == NULL)
		return;
	if (tcp) {
		a->tcp--;
		b->tcp--;
	}
	if (--a->queries > 0)
		return;
	fill(a, b->limits.rate, now); /* from here on its age counts */
	TAILQ_INSERT_TAIL(&b->idle, a, age);
}

size_t
dns_budget_queries(const struct dns_budget *b)
{
	return b->queries;
}

size_t
dns_budget_servers(const struct dns_budget *b)
{
	return b->servers;
}
