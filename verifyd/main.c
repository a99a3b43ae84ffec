/*
 * verifyd: tells the MTA who vouches for a message. This file fills the form
 * of its life, and owns the order in which its parts are made.
 */
#include <stdlib.h>

#include "common/daemon.h"
#include "common/descriptors.h"
#include "common/listen.h"
#include "common/log.h"
#include "common/mail_server.h"
#include "verifyd/config.h"
#include "verifyd/counters.h"
#include "verifyd/mail_in.h"
#include "verifyd/reputation_out.h"
#include "verifyd/surroundings_in.h"

struct verifyd {
	struct daemon *daemon;
	struct surroundings surroundings;
	struct listen_fds fds; /* from open() to start() */
	struct dns_exchange *exchange;
	struct lists *lists;
	struct reputations *reputations;
	struct lookups lookups;
	struct config *config; /* what lookups points into */
	struct mail_in in;
	struct mail_handler handler;
	struct mail_server *server;
};

static const struct verifyd_config *
options(const struct config *config)
{
	return config_section(config, &verifyd_section);
}

/* Besides connections and queries: files, status. */
enum { DESCRIPTORS_OTHER = 192 };

/* Each has a descriptor; of too few they get half. */
static unsigned
max_queries(const struct verifyd_config *c)
{
	unsigned have = descriptors_raise();

	return descriptors_fit(
	    "max-queries", (unsigned)c->max_queries, have / 2, have);
}

static struct mail_server_limits
connection_limits(const struct verifyd_config *c, unsigned queries)
{
	return mail_server_limits(
	    descriptors_fit("max-connections", (unsigned)c->max_connections,
		DESCRIPTORS_OTHER + queries, descriptors_raise()),
	    (size_t)c->max_memory);
}

static struct dns_limits
query_limits(const struct verifyd_config *c)
{
	return (struct dns_limits){
		.queries = max_queries(c),
		.per_server = (unsigned)c->max_queries_per_server,
		.rate = (unsigned)c->max_query_rate,
		.tcp = (unsigned)c->max_tcp_queries,
		.tcp_per_server = (unsigned)c->max_tcp_queries_per_server,
		.share = true,
	};
}

static struct listen_spec
sockets(const struct verifyd_config *c)
{
	return (struct listen_spec){ &c->milter, &c->policy, c->socket_mode,
		c->socket_group };
}

static int
verifyd_open(struct daemon *d)
{
	struct verifyd *v = d->state = calloc(1, sizeof(*v));
	struct listen_spec spec;

	if (v == NULL) {
		log_warn("verifyd");
		return -1;
	}
	v->daemon = d;
	if (surroundings_read(&v->surroundings) != 0)
		return -1;
	spec = sockets(options(d->config));
	return listen_open(&spec, &v->fds);
}

/* Look-ups begun go on by the new limits; messages keep their options. */
static int
configure(struct verifyd *v, struct config *config)
{
	const struct verifyd_config *c = options(config);
	const struct net_addresses *resolvers =
	    c->resolvers.n > 0 ? &c->resolvers : &v->surroundings.resolvers;
	const struct dns_limits bounds = query_limits(c);

	if (dns_exchange_limit(v->exchange, &bounds) != 0) {
		log_warnx("no memory for the limits of queries");
		return -1;
	}
	if (lists_configure(
		v->lists, resolvers, c->timeout, (size_t)c->cache_size) != 0) {
		log_warnx("no memory for the cache of server lists");
		return -1;
	}
	mail_server_limit(v->server, connection_limits(c, bounds.queries));
	v->lookups = (struct lookups){
		.loop = v->daemon->loop,
		.exchange = v->exchange,
		.lists = v->lists,
		.reputations = v->reputations,
		.reach = { &c->allow_networks, &c->allow_ports,
		    &v->surroundings.own },
		.have_ipv6 = v->surroundings.have_ipv6,
		.max_servers = (size_t)c->max_servers,
		.propagation_wait = c->propagation_wait,
	};
	config_unref(v->config);
	v->config = config_ref(config);
	v->in = (struct mail_in){ v->config, &v->lookups };
	return 0;
}

static int
verifyd_start(struct daemon *d)
{
	struct verifyd *v = d->state;
	const struct dns_limits bounds = query_limits(options(d->config));

	v->exchange = dns_exchange_new(d->loop, &bounds);
	if (v->exchange != NULL)
		v->lists = lists_new(d->loop, v->exchange);
	if (v->lists != NULL)
		v->reputations = reputations_new(d->loop, v->lists);
	if (v->reputations == NULL) {
		log_warn("verifyd");
		return -1;
	}
	dns_exchange_meter(v->exchange, &counters, COUNT_DNS);
	mail_in_handler(&v->handler, &v->in);
	v->server = mail_server_new(d->loop, &v->handler);
	if (v->server == NULL) {
		log_warn("verifyd");
		return -1;
	}
	mail_server_meter(v->server, &counters, COUNT_MAIL);
	return configure(v, d->config) == 0 ? listen_serve(&v->fds, v->server)
					    : -1;
}

static int
verifyd_reload(struct daemon *d, struct config *next)
{
	struct verifyd *v = d->state;
	const struct listen_spec old = sockets(options(d->config));
	const struct listen_spec wanted = sockets(options(next));

	if (listen_again(v->server, &old, &wanted) != 0)
		return -1;
	return configure(v, next);
}

static void
drained(void *arg)
{
	daemon_stopped(arg);
}

static void
verifyd_stop(struct daemon *d)
{
	struct verifyd *v = d->state;

	mail_server_stop(v->server, drained, d);
}

static void
verifyd_close(struct daemon *d)
{
	struct verifyd *v = d->state;

	if (v == NULL)
		return;
	mail_server_free(v->server);
	reputations_free(v->reputations);
	lists_free(v->lists);
	dns_exchange_free(v->exchange);
	listen_close(&v->fds);
	surroundings_free(&v->surroundings);
	config_unref(v->config);
	free(v);
}

int
main(int argc, char **argv)
{
	static const struct daemon_spec spec = {
		.name = "verifyd",
		.section = &verifyd_section,
		.promises = JAIL_NET | JAIL_IPC,
		.metrics = &counters,
		.open = verifyd_open,
		.start = verifyd_start,
		.reload = verifyd_reload,
		.stop = verifyd_stop,
		.close = verifyd_close,
	};

	return daemon_main(&spec, argc, argv);
}
