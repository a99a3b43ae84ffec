/*
 * Owns the order in which the parts of verifying are made.
 */
#include "verifyd/verifier_out.h"

#include <string.h>

#include "common/descriptors.h"
#include "common/log.h"
#include "common/share.h"
#include "verifyd/config.h"
#include "verifyd/counters.h"
#include "verifyd/reputation_out.h"

static const struct verifyd_config *
options(const struct config *config)
{
	return config_section(config, &verifyd_section);
}

/* Of what each worker has. */
enum { QUERIES_LEAST = 16, PER_SERVER_LEAST = 1, CACHE_LEAST = 1 };

/* Of too few descriptors questions get half. */
static unsigned
max_queries(const struct verifyd_config *c)
{
	unsigned have = descriptors_raise();

	return descriptors_fit("max-queries",
	    share_of(c->max_queries, c->workers, QUERIES_LEAST), have / 2,
	    have);
}

static struct dns_limits
query_limits(const struct verifyd_config *c)
{
	int64_t n = c->workers;

	return (struct dns_limits){
		.queries = max_queries(c),
		.per_server =
		    share_of(c->max_queries_per_server, n, PER_SERVER_LEAST),
		.rate = share_of(c->max_query_rate, n, PER_SERVER_LEAST),
		.tcp = share_of(c->max_tcp_queries, n, PER_SERVER_LEAST),
		.tcp_per_server = share_of(
		    c->max_tcp_queries_per_server, n, PER_SERVER_LEAST),
		.share = true,
	};
}

int
verifier_open(struct verifier *v)
{
	return surroundings_read(&v->surroundings);
}

int
verifier_prepare(struct verifier *v, const struct config *config)
{
	const struct verifyd_config *c = options(config);
	const struct net_addresses *resolvers =
	    c->resolvers.n > 0 ? &c->resolvers : &v->surroundings.resolvers;

	if (lists_prepare(v->lists, resolvers,
		share_of(c->cache_size, c->workers, CACHE_LEAST),
		&v->next) == 0)
		return 0;
	log_warnx("no memory for the cache of server lists");
	return -1;
}

void
verifier_abandon(struct verifier *v)
{
	lists_abandon(v->lists, &v->next);
}

/* Look-ups begun go on by the new limits; messages keep their options. */
void
verifier_commit(struct verifier *v, struct config *config)
{
	const struct verifyd_config *c = options(config);
	const struct dns_limits bounds = query_limits(c);

	lists_commit(v->lists, &v->next, c->timeout);
	dns_exchange_limit(v->exchange, &bounds);
	v->lookups = (struct lookups){
		.loop = v->loop,
		.exchange = v->exchange,
		.lists = v->lists,
		.reputations = v->reputations,
		.reach = { &c->allow_networks, &c->allow_ports,
		    &v->surroundings.own },
		.have_ipv6 = v->surroundings.have_ipv6,
		.max_servers = (size_t)c->max_servers,
		.propagation_wait = c->propagation_wait,
		.watcher = v->lookups.watcher,
	};
	v->max_queries = bounds.queries;
	config_unref(v->config);
	v->config = config_ref(config);
	v->in = (struct mail_in){ v->config, &v->lookups };
}

int
verifier_start(struct verifier *v, struct ev_loop *loop, struct config *config)
{
	const struct dns_limits bounds = query_limits(options(config));

	v->loop = loop;
	v->exchange = dns_exchange_new(loop, &bounds);
	if (v->exchange != NULL)
		v->lists = lists_new(loop, v->exchange);
	if (v->lists != NULL)
		v->reputations = reputations_new(loop, v->lists);
	if (v->reputations == NULL) {
		log_warn("verifyd");
		return -1;
	}
	dns_exchange_meter(v->exchange, &counters, COUNT_DNS);
	mail_in_handler(&v->handler, &v->in);
	if (verifier_prepare(v, config) != 0)
		return -1;
	verifier_commit(v, config);
	return 0;
}

void
verifier_close(struct verifier *v)
{
	reputations_free(v->reputations);
	lists_free(v->lists);
	dns_exchange_free(v->exchange);
	surroundings_free(&v->surroundings);
	config_unref(v->config);
	memset(v, 0, sizeof(*v));
}
