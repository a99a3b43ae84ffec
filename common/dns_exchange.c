/*
 * Owns the questions under way, how many there may be, and their end when the
 * asker ends. How one of them goes is dns_attempt's.
 */
#include "dns_exchange.h"

#include <stdlib.h>

#include "dns_attempt.h"

struct dns_query *
dns_exchange_ask(struct dns_exchange *x, const struct net_address *server,
    const struct dns_question *question, double timeout, dns_reply_fn *done,
    void *arg)
{
	struct dns_query *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->exchange = x;
	q->server = *server;
	q->question = *question;
	q->done = done;
	q->arg = arg;
	dns_attempt_begin(q, timeout);
	return q;
}

/* In its own callback it has ended already. */
void
dns_query_cancel(struct dns_query *q)
{
	if (q == NULL || q->telling)
		return;
	dns_attempt_detach(q);
	free(q);
}

struct dns_exchange *
dns_exchange_new(struct ev_loop *loop, unsigned max_queries)
{
	struct dns_exchange *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->loop = loop;
	x->max_queries = max_queries;
	LIST_INIT(&x->queries);
	return x;
}

void
dns_exchange_free(struct dns_exchange *x)
{
	struct dns_query *q;

	if (x == NULL)
		return;
	while ((q = LIST_FIRST(&x->queries)) != NULL)
		dns_query_cancel(q);
	free(x);
}

size_t
dns_exchange_pending(const struct dns_exchange *x)
{
	return x->pending;
}

uint64_t
dns_exchange_packets(const struct dns_exchange *x)
{
	return x->packets;
}

uint64_t
dns_exchange_strays(const struct dns_exchange *x)
{
	return x->strays;
}
