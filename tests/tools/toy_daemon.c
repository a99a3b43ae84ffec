/*
 * toy_daemon: a daemon with next to no work, for the tests of what all
 * daemons share. It uses signerd's section and name. It answers each
 * connection to its milter sockets with a line and closes it; a connection
 * that began before SIGTERM and sends "hold" keeps it alive until it closes.
 * It takes no configuration whose max-recipients is 13.
 *
 * It says what it may still do: the line is "uid=N net=yes|no write=yes|no",
 * where write is to the file that TOY_PROBE names. To "try NAME" it tries that
 * (jail_attempts) and says "works" or "refused", if it still can.
 */
#include <ev.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/systemd.h"
#include "signerd/config.h"
#include "tests/tools/jail_attempts.h"

enum {
	COUNT_CONNECTIONS,
	GAUGE_HELD,
	WAIT_ANSWER,
	GAUGE_WORKERS,
	COUNT_WORKERS_ENDED,
	METRICS
};

static const struct metric_row rows[] = {
	[COUNT_CONNECTIONS] = { "connections", METRIC_COUNTER, "Connections" },
	[GAUGE_HELD] = { "held", METRIC_GAUGE, "Connections held open" },
	[WAIT_ANSWER] = { "answer", METRIC_LATENCY, "Wait for an answer" },
	[GAUGE_WORKERS] = { "workers", METRIC_GAUGE, "Workers" },
	[COUNT_WORKERS_ENDED] = { "workers_ended", METRIC_COUNTER,
	    "Workers that ended" },
};
static int64_t values[METRICS];
static struct metric_latency latencies[METRICS];
static struct metrics metrics = { rows, METRICS, values, latencies };

struct connection {
	ev_io io;
	LIST_ENTRY(connection) link;
	struct daemon *daemon;
};

enum { LISTENERS_MAX = 8 };
static LIST_HEAD(, connection) connections = LIST_HEAD_INITIALIZER();

static ev_io listeners[LISTENERS_MAX];
static size_t n_listeners;
static bool stopping;

/* Can a datagram leave for an address that is not even there? */
static bool
has_net(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool has = fd != -1 &&
	    sendto(fd, "", 1, 0, (struct sockaddr *)&sin, sizeof(sin)) == 1;

	if (fd != -1)
		close(fd);
	return has;
}

static bool
can_write(void)
{
	const char *path = getenv("TOY_PROBE");
	int fd = path != NULL ? open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)
			      : -1;

	if (fd == -1)
		return false;
	close(fd);
	return true;
}

static void
held_changed(struct daemon *d, int by)
{
	metric_add(&metrics, GAUGE_HELD, by);
	if (stopping && metrics.values[GAUGE_HELD] == 0)
		daemon_stopped(d);
}

static void
connection_free(struct ev_loop *loop, struct connection *c)
{
	ev_io_stop(loop, &c->io);
	close(c->io.fd);
	LIST_REMOVE(c, link);
	free(c);
}

/* To what was asked: its length. */
static int
answer(const char *asked, char *line, size_t size)
{
	const struct jail_attempt *a = strncmp(asked, "try ", 4) == 0
	    ? jail_attempt_find(asked + 4)
	    : NULL;

	if (a != NULL)
		return snprintf(
		    line, size, "%s\n", a->try() == 0 ? "works" : "refused");
	return snprintf(line, size, "uid=%lu net=%s write=%s\n",
	    (unsigned long)getuid(), has_net() ? "yes" : "no",
	    can_write() ? "yes" : "no");
}

static void
on_read(struct ev_loop *loop, ev_io *w, int revents)
{
	struct connection *c = (struct connection *)w;
	struct daemon *d = c->daemon;
	char buf[64], line[128];
	ssize_t n = read(w->fd, buf, sizeof(buf) - 1);

	(void)revents;
	if (n > 0 && strncmp(buf, "hold", 4) == 0)
		return;
	if (n > 0) {
		buf[n] = '\0';
		buf[strcspn(buf, "\n")] = '\0';
		(void)!write(
		    w->fd, line, (size_t)answer(buf, line, sizeof(line)));
		metric_observe(&metrics, WAIT_ANSWER, 0.001);
	}
	connection_free(loop, c);
	held_changed(d, -1);
}

static void
on_accept(struct ev_loop *loop, ev_io *w, int revents)
{
	int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC);
	struct connection *c;

	(void)revents;
	if (fd == -1)
		return;
	c = calloc(1, sizeof(*c));
	c->daemon = w->data;
	LIST_INSERT_HEAD(&connections, c, link);
	metric_add(&metrics, COUNT_CONNECTIONS, 1);
	held_changed(c->daemon, 1);
	ev_io_init(&c->io, on_read, fd, EV_READ);
	ev_io_start(loop, &c->io);
}

static int
toy_open(struct daemon *d)
{
	const struct signerd_config *c =
	    config_section(d->config, &signerd_section);

	for (size_t i = 0; i < c->milter.n && i < LISTENERS_MAX; i++) {
		int fd = systemd_fd("milter", i);

		if (fd == -1)
			fd = endpoint_listen(
			    &c->milter.v[i], c->socket_mode, c->socket_group);
		if (fd == -1)
			return -1;
		ev_io_init(&listeners[n_listeners], on_accept, fd, EV_READ);
		listeners[n_listeners++].data = d;
	}
	return 0;
}

static int
toy_start(struct daemon *d)
{
	for (size_t i = 0; i < n_listeners; i++)
		ev_io_start(d->loop, &listeners[i]);
	return 0;
}

static bool
takes(const struct config *next)
{
	const struct signerd_config *c = config_section(next, &signerd_section);

	if (c->max_recipients != 13)
		return true;
	log_warnx("max-recipients: 13 is not to the toy's liking");
	return false;
}

static int
toy_reload(struct daemon *d, struct config *next)
{
	(void)d;
	return takes(next) ? 0 : -1;
}

static void
listeners_close(struct daemon *d)
{
	for (; n_listeners > 0; n_listeners--) {
		ev_io *io = &listeners[n_listeners - 1];

		ev_io_stop(d->loop, io);
		close(io->fd);
	}
}

static void
toy_stop(struct daemon *d)
{
	stopping = true;
	listeners_close(d);
	held_changed(d, 0);
}

static void
toy_close(struct daemon *d)
{
	listeners_close(d);
	while (!LIST_EMPTY(&connections))
		connection_free(d->loop, LIST_FIRST(&connections));
}

/* ---- as several processes, whose sockets a reload leaves as they are ---- */

static int64_t
toy_workers(const struct config *config)
{
	const struct signerd_config *c =
	    config_section(config, &signerd_section);

	return c->workers;
}

static int
toy_renew(struct daemon *d, const struct config *next)
{
	(void)d;
	return takes(next) ? 0 : -1;
}

static void
toy_settle(struct daemon *d, bool taken)
{
	(void)d, (void)taken;
}

static const struct daemon_spec toy = {
	.name = "signerd",
	.section = &signerd_section,
	.promises = JAIL_IPC,
	.metrics = &metrics,
	.open = toy_open,
	.start = toy_start,
	.reload = toy_reload,
	.stop = toy_stop,
	.close = toy_close,
	.workers = toy_workers,
	.workers_row = GAUGE_WORKERS,
	.retire = toy_stop,
	.renew = toy_renew,
	.settle = toy_settle,
};

int
main(int argc, char **argv)
{
	return daemon_main(&toy, argc, argv);
}
