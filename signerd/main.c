/*
 * signerd: the MTA's outgoing mail gets its ID. This file fills the form of
 * its life, and owns the order in which its parts are made.
 */
#include <stdlib.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/descriptors.h"
#include "common/handover.h"
#include "common/ipc.h"
#include "common/listen.h"
#include "common/log.h"
#include "common/mail_server.h"
#include "common/publishers_out.h"
#include "common/tls_url.h"
#include "common/share.h"
#include "signerd/config.h"
#include "signerd/counters.h"
#include "signerd/mail_in.h"

struct signerd {
	struct listen_fds fds;  /* from open() to start(), or a parent's */
	struct listen_fds next; /* while a reload is under way */
	struct mail_in in;
	struct mail_handler handler;
	struct mail_server *server;
	struct tls_context *tls;      /* NULL: no publisher needs it */
	struct tls_context *next_tls; /* as next */
};

static const struct signerd_config *
options(const struct config *config)
{
	return config_section(config, &signerd_section);
}

/* Besides the connections: files, status. */
enum { DESCRIPTORS_OTHER = 192 };

/* Of what each worker has. */
enum { CONNECTIONS_LEAST = 16, MEMORY_LEAST = 16 };

static struct mail_server_limits
connection_limits(const struct signerd_config *c)
{
	return mail_server_limits(
	    descriptors_fit("max-connections",
		share_of(c->max_connections, c->workers, CONNECTIONS_LEAST),
		DESCRIPTORS_OTHER, descriptors_raise()),

	    share_of(c->max_memory, c->workers, MEMORY_LEAST));
}

static struct listen_spec
sockets(const struct signerd_config *c)
{
	return (struct listen_spec){ &c->milter, &c->policy, c->socket_mode,
		c->socket_group };
}

static int
tls_read(const struct config *config, struct tls_context *was,
    struct tls_context **tls_r)
{
	const struct signerd_config *c = options(config);
	char where[CONFIG_WHERE_MAX];

	return publishers_out_tls(&c->publishers, &c->tls, was,
	    config_where(config, &signerd_section, "publishers", where), tls_r);
}

static int
signerd_check(const struct config *config)
{
	struct tls_context *tls;
	int result = tls_read(config, NULL, &tls);

	tls_context_unref(tls);
	return result;
}

/* Without publishers on other machines there is no network at all. */
static unsigned
promises(const struct config *config)
{
	return tls_urls_any(&options(config)->publishers) ? JAIL_NET : 0;
}

static int
signerd_open(struct daemon *d)
{
	struct signerd *s = d->state = calloc(1, sizeof(*s));
	struct listen_spec spec = sockets(options(d->config));

	if (s == NULL) {
		log_warn("signerd");
		return -1;
	}
	if (tls_read(d->config, NULL, &s->tls) == -1)
		return -1;
	return listen_open(&spec, &s->fds);
}

/* Messages under way keep what they began with. */
static void
take(struct signerd *s, struct config *config, struct publishers *publishers)
{
	publishers_unref(s->in.publishers);
	config_unref(s->in.config);
	s->in = (struct mail_in){ config_ref(config), publishers };
	mail_server_limit(s->server, connection_limits(options(config)));
	s->handler.wants_body = options(config)->bind;
	s->handler.max_recipients = (size_t)options(config)->max_recipients;
}

static int
signerd_start(struct daemon *d)
{
	struct signerd *s = d->state;
	struct publishers *publishers =
	    publishers_new(d->loop, &options(d->config)->publishers, s->tls);

	mail_in_handler(&s->handler, &s->in);
	s->server = mail_server_new(d->loop, &s->handler);
	if (publishers == NULL || s->server == NULL) {
		log_warn("signerd");
		publishers_unref(publishers);
		return -1;
	}
	mail_server_meter(s->server, &counters, COUNT_MAIL);
	if (d->workers != NULL)
		mail_server_share(s->server);
	take(s, d->config, publishers);
	if (listen_serve(&s->fds, s->server) != 0)
		return -1;
	if (d->workers == NULL)
		handover_begin(s->server, d->run_dir);
	return 0;
}

/* Who has gone into the jail without a network does not get it back. */
static bool
may_have_tls(const struct config *old, const struct config *next)
{
	char where[CONFIG_WHERE_MAX];

	if (promises(old) == JAIL_NET || promises(next) == 0)
		return true;
	log_warnx("%s: the first publisher by TLS needs a restart: signerd "
		  "has locked itself out of the network",
	    config_where(next, &signerd_section, "publishers", where));
	return false;
}

static int
signerd_reload(struct daemon *d, struct config *next)
{
	struct signerd *s = d->state;
	const struct listen_spec old = sockets(options(d->config));
	const struct listen_spec wanted = sockets(options(next));
	struct publishers *publishers;
	struct tls_context *tls;

	if (!may_have_tls(d->config, next) ||
	    tls_read(next, s->tls, &tls) == -1)
		return -1;
	publishers = publishers_new(d->loop, &options(next)->publishers, tls);
	if (publishers == NULL || listen_again(s->server, &old, &wanted) != 0) {
		/* publishers_new() has told of the other certificate. */
		metric_set(&counters, COUNT_TLS_EXPIRES,
		    tls_context_until(s->tls, false));
		publishers_unref(publishers);
		tls_context_unref(tls);
		return -1;
	}
	tls_context_unref(s->tls);
	s->tls = tls;
	take(s, next, publishers);
	return 0;
}

static void
drained(void *arg)
{
	daemon_stopped(arg);
}

static void
signerd_stop(struct daemon *d)
{
	struct signerd *s = d->state;

	mail_server_stop(s->server, drained, d);
}

static void
signerd_retire(struct daemon *d)
{
	struct signerd *s = d->state;

	mail_server_retire(s->server, drained, d);
}

static int64_t
workers(const struct config *config)
{
	return options(config)->workers;
}

static int
signerd_renew(struct daemon *d, const struct config *next)
{
	struct signerd *s = d->state;
	const struct listen_spec old = sockets(options(d->config));
	const struct listen_spec wanted = sockets(options(next));

	if (!may_have_tls(d->config, next) ||
	    tls_read(next, s->tls, &s->next_tls) == -1)
		return -1;
	if (listen_renew(&s->fds, &old, &wanted, &s->next) == 0)
		return 0;
	tls_context_unref(s->next_tls);
	s->next_tls = NULL;
	return -1;
}

static void
signerd_settle(struct daemon *d, bool taken)
{
	struct signerd *s = d->state;
	const struct listen_spec now = sockets(options(d->config));
	struct tls_context *other = taken ? s->tls : s->next_tls;

	if (taken)
		s->tls = s->next_tls;
	s->next_tls = NULL;
	tls_context_unref(other);
	if (taken && d->pid == getpid())
		listen_leave(&s->fds, &s->next);
	listen_settle(&s->fds, &s->next, &now, taken);
}

static void
signerd_close(struct daemon *d)
{
	struct signerd *s = d->state;

	if (s == NULL)
		return;
	mail_server_free(s->server);
	publishers_unref(s->in.publishers);
	tls_context_unref(s->tls);
	tls_context_unref(s->next_tls);
	listen_close(&s->fds);
	listen_close(&s->next);
	config_unref(s->in.config);
	free(s);
}

int
main(int argc, char **argv)
{
	static const struct daemon_spec spec = {
		.name = "signerd",
		.section = &signerd_section,
		.promises = JAIL_IPC,
		.more_promises = promises,
		.metrics = &counters,
		.check = signerd_check,
		.open = signerd_open,
		.start = signerd_start,
		.reload = signerd_reload,
		.stop = signerd_stop,
		.close = signerd_close,
		.workers = workers,
		.workers_row = COUNT_WORKERS,
		.retire = signerd_retire,
		.renew = signerd_renew,
		.settle = signerd_settle,
	};

	return daemon_main(&spec, argc, argv);
}
