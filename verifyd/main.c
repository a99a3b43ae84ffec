/*
 * verifyd: tells the MTA who vouches for a message. This file fills the form
 * of its life, and owns the order in which its parts are made.
 */
#include <stdlib.h>
#include <sys/resource.h>

#include "common/daemon.h"
#include "common/log.h"
#include "common/milter_server.h"
#include "verifyd/config.h"
#include "verifyd/counters.h"
#include "verifyd/listen_in.h"
#include "verifyd/milter_in.h"
#include "verifyd/surroundings_in.h"

enum { QUERIES_MAX = 4096, CONNECTIONS_MAX = 4096 };

static const struct milter_server_limits limits = {
	.max_connections = CONNECTIONS_MAX,
	.idle = 900, /* Postfix's own limits end a session before that */
	.progress = 5,
};

struct verifyd {
	struct daemon *daemon;
	struct surroundings surroundings;
	struct listen_fds fds; /* from open() to start() */
	struct dns_exchange *exchange;
	struct lists *lists;
	struct lookups lookups;
	struct config *config; /* what lookups points into */
	struct milter_in in;
	struct milter_handler handler;
	struct milter_server *server;
};

static const struct verifyd_config *
options(const struct config *config)
{
	return config_section(config, &verifyd_section);
}

/* Each query and each connection has a descriptor. */
static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int
verifyd_open(struct daemon *d)
{
	struct verifyd *v = d->state = calloc(1, sizeof(*v));

	if (v == NULL) {
		log_warn("verifyd");
		return -1;
	}
	v->daemon = d;
	raise_descriptors();
	if (surroundings_read(&v->surroundings) != 0)
		return -1;
	return listen_open(d, options(d->config), &v->fds);
}

/* Look-ups begun go on by the new limits; messages keep their options. */
static int
configure(struct verifyd *v, struct config *config)
{
	const struct verifyd_config *c = options(config);
	const struct net_addresses *resolvers =
	    c->resolvers.n > 0 ? &c->resolvers : &v->surroundings.resolvers;

	if (lists_configure(
		v->lists, resolvers, c->timeout, (size_t)c->cache_size) != 0) {
		log_warnx("no memory for the cache of server lists");
		return -1;
	}
	v->lookups = (struct lookups){
		.loop = v->daemon->loop,
		.exchange = v->exchange,
		.lists = v->lists,
		.reach = { &c->allow_networks, &c->allow_ports,
		    &v->surroundings.own },
		.have_ipv6 = v->surroundings.have_ipv6,
		.max_servers = (size_t)c->max_servers,
		.propagation_wait = c->propagation_wait,
	};
	config_unref(v->config);
	v->config = config_ref(config);
	v->in = (struct milter_in){ v->config, &v->lookups };
	return 0;
}

static int
serve(struct verifyd *v)
{
	for (size_t i = 0; i < v->fds.n; i++) {
		int fd = v->fds.v[i];

		v->fds.v[i] = -1;
		if (milter_server_listen(v->server, fd) != 0) {
			log_warn("listening sockets");
			return -1;
		}
	}
	listen_close(&v->fds);
	return 0;
}

static int
verifyd_start(struct daemon *d)
{
	struct verifyd *v = d->state;

	v->exchange = dns_exchange_new(d->loop, QUERIES_MAX);
	if (v->exchange != NULL)
		v->lists = lists_new(d->loop, v->exchange);
	if (v->lists == NULL) {
		log_warn("verifyd");
		return -1;
	}
	milter_in_handler(&v->handler, &v->in);
	v->server = milter_server_new(d->loop, &v->handler, &limits);
	if (v->server == NULL) {
		log_warn("verifyd");
		return -1;
	}
	return configure(v, d->config) == 0 ? serve(v) : -1;
}

/* Other sockets, or the ones before if those cannot be had. */
static int
listen_again(struct verifyd *v, const struct verifyd_config *old,
    const struct verifyd_config *next)
{
	milter_server_unlisten(v->server);
	if (listen_open(v->daemon, next, &v->fds) == 0 && serve(v) == 0)
		return 0;
	milter_server_unlisten(v->server);
	listen_close(&v->fds);
	if (listen_open(v->daemon, old, &v->fds) == 0)
		serve(v);
	return -1;
}

static int
verifyd_reload(struct daemon *d, struct config *next)
{
	struct verifyd *v = d->state;
	const struct verifyd_config *old = options(d->config);

	if (!listen_same(old, options(next)) &&
	    listen_again(v, old, options(next)) != 0)
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

	milter_server_stop(v->server, drained, d);
}

static void
verifyd_close(struct daemon *d)
{
	struct verifyd *v = d->state;

	if (v == NULL)
		return;
	milter_server_free(v->server);
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
		.user = "dnsmail-verify",
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
