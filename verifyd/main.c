/*
 * verifyd: tells the MTA who vouches for a message. This file fills the form
 * of its life, and owns the order in which its parts are made.
 */
#include <stdlib.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/descriptors.h"
#include "common/handover.h"
#include "common/listen.h"
#include "common/log.h"
#include "common/mail_server.h"
#include "common/share.h"
#include "verifyd/config.h"
#include "verifyd/counters.h"
#include "verifyd/verifier_out.h"

struct verifyd {
	struct verifier verifier;
	struct listen_fds fds;  /* from open() to start(), or a parent's */
	struct listen_fds next; /* while a reload is under way */
	struct mail_server *server;
};

static const struct verifyd_config *
options(const struct config *config)
{
	return config_section(config, &verifyd_section);
}

/* Besides connections and queries: files, status. */
enum { DESCRIPTORS_OTHER = 192 };

/* Of what each worker has. */
enum { CONNECTIONS_LEAST = 16, MEMORY_LEAST = 16 };

static struct mail_server_limits
connection_limits(const struct verifyd_config *c, unsigned queries)
{
	return mail_server_limits(
	    descriptors_fit("max-connections",
		share_of(c->max_connections, c->workers, CONNECTIONS_LEAST),
		DESCRIPTORS_OTHER + queries, descriptors_raise()),

	    share_of(c->max_memory, c->workers, MEMORY_LEAST));
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
	if (verifier_open(&v->verifier) != 0)
		return -1;
	spec = sockets(options(d->config));
	return listen_open(&spec, &v->fds);
}

static int
verifyd_start(struct daemon *d)
{
	struct verifyd *v = d->state;

	if (verifier_start(&v->verifier, d->loop, d->config) != 0)
		return -1;
	v->server = mail_server_new(d->loop, &v->verifier.handler);
	if (v->server == NULL) {
		log_warn("verifyd");
		return -1;
	}
	mail_server_meter(v->server, &counters, COUNT_MAIL);
	if (d->workers != NULL)
		mail_server_share(v->server);
	mail_server_limit(v->server,
	    connection_limits(options(d->config), v->verifier.max_queries));
	if (listen_serve(&v->fds, v->server) != 0)
		return -1;
	if (d->workers == NULL)
		handover_begin(v->server, d->run_dir);
	return 0;
}

/* Messages and look-ups begun go on as they began. */
static int
verifyd_reload(struct daemon *d, struct config *next)
{
	struct verifyd *v = d->state;
	const struct listen_spec old = sockets(options(d->config));
	const struct listen_spec wanted = sockets(options(next));

	if (verifier_prepare(&v->verifier, next) != 0)
		return -1;
	if (listen_again(v->server, &old, &wanted) != 0) {
		verifier_abandon(&v->verifier);
		return -1;
	}
	verifier_commit(&v->verifier, next);
	mail_server_limit(v->server,
	    connection_limits(options(next), v->verifier.max_queries));
	return 0;
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
verifyd_retire(struct daemon *d)
{
	struct verifyd *v = d->state;

	mail_server_retire(v->server, drained, d);
}

static int64_t
workers(const struct config *config)
{
	return options(config)->workers;
}

static int
verifyd_renew(struct daemon *d, const struct config *next)
{
	struct verifyd *v = d->state;
	const struct listen_spec old = sockets(options(d->config));
	const struct listen_spec wanted = sockets(options(next));

	return listen_renew(&v->fds, &old, &wanted, &v->next);
}

static void
verifyd_settle(struct daemon *d, bool taken)
{
	struct verifyd *v = d->state;
	const struct listen_spec now = sockets(options(d->config));

	if (taken && d->pid == getpid())
		listen_leave(&v->fds, &v->next);
	listen_settle(&v->fds, &v->next, &now, taken);
}

static void
verifyd_close(struct daemon *d)
{
	struct verifyd *v = d->state;

	if (v == NULL)
		return;
	mail_server_free(v->server);
	verifier_close(&v->verifier);
	listen_close(&v->fds);
	listen_close(&v->next);
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
		.workers = workers,
		.workers_row = COUNT_WORKERS,
		.retire = verifyd_retire,
		.renew = verifyd_renew,
		.settle = verifyd_settle,
	};

	return daemon_main(&spec, argc, argv);
}
