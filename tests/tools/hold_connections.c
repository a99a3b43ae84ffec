/*
 * hold_connections [-ars] [-i DATA] [-n COUNT] [-u UID] [-x TIMES]
 *     ENDPOINT [DATA]
 *
 * Opens COUNT (1000) connections to unix:PATH or inet:PORT@HOST, says
 * "ready COUNT" when all stand or have been closed already, and holds them
 * until it is killed. It reads what comes, and says each second in which that
 * changed "open N closed N", as counted since the start.
 *
 *  -i DATA  sent at once by each (\xNN is an octet)
 *  -x TIMES and then DATA so many times
 *  -s       then an octet a second by each: those of DATA, then its last one
 *           again and again
 *  -a       one that the other end closes is opened again, within a second
 *  -r       nothing is read
 *  -u UID   becomes that user first
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/endpoint.h"

enum { DATA_MAX = 4096, MORE_MAX = 1024 * 1024, EVENTS = 256 };

struct data {
	char octets[DATA_MAX + MORE_MAX];
	size_t n;
};

struct connection {
	int fd; /* -1: not there */
	bool stands;
	bool over;    /* closed, and not to be opened again */
	size_t sent;  /* of trickle */
	size_t begun; /* sent of first */
};

static struct {
	struct endpoint to;
	struct data first, trickle;
	bool slow, again, deaf;
	long n, standing, closed, told_standing, told_closed;
	struct connection *v;
	int epoll, timer;
	bool ready;
} hold = { .n = 1000 };

/* ---- what is sent ---------------------------------------------------------
 */

static void
data_read(struct data *d, const char *text)
{
	for (; *text != '\0'; d->n++) {
		if (d->n == DATA_MAX)
			errx(2, "more than %d octets", DATA_MAX);
		if (strncmp(text, "\\x", 2) == 0) {
			char hex[3] = { text[2], text[2] ? text[3] : '\0' };

			d->octets[d->n] = (char)strtoul(hex, NULL, 16);
			text += 2 + strlen(hex);
		} else {
			d->octets[d->n] = *text++;
		}
	}
}

/* So many times what else would be said slowly. */
static void
add_more(struct data *d, const struct data *more, size_t times)
{
	if (d->n + times * more->n > sizeof(d->octets))
		errx(2, "more than %zu octets", sizeof(d->octets));
	for (; times > 0; times--, d->n += more->n)
		memcpy(d->octets + d->n, more->octets, more->n);
}

static void
trickle(struct connection *c)
{
	const struct data *d = &hold.trickle;
	size_t at = c->sent < d->n ? c->sent : d->n - 1;

	if (send(c->fd, d->octets + at, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
		c->sent++;
}

/* ---- connections ----------------------------------------------------------
 */

static void
watch(struct connection *c, int operation)
{
	bool more = !c->stands || c->begun < hold.first.n;
	uint32_t in = hold.deaf ? EPOLLRDHUP : EPOLLIN;
	struct epoll_event e = { .events = in | (more ? EPOLLOUT : 0),
		.data.ptr = c };

	if (epoll_ctl(hold.epoll, operation, c->fd, &e) == -1)
		err(1, "epoll_ctl");
}

static void
stands(struct connection *c)
{
	c->stands = true;
	c->sent = c->begun = 0;
	hold.standing++;
}

static void
send_first(struct connection *c)
{
	const struct data *d = &hold.first;
	ssize_t n = 0;

	if (c->begun < d->n)
		n = send(c->fd, d->octets + c->begun, d->n - c->begun,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0)
		c->begun += (size_t)n;
	watch(c, EPOLL_CTL_MOD);
}

/* A Unix socket with a full queue is tried again with the next tick. */
static void
begin(struct connection *c)
{
	c->fd = endpoint_connect(&hold.to);
	if (c->fd == -1 && errno != EAGAIN && errno != ECONNREFUSED)
		err(1, "%s", hold.to.text);
	c->stands = false;
	if (c->fd != -1)
		watch(c, EPOLL_CTL_ADD);
}

static void
closed(struct connection *c)
{
	close(c->fd);
	c->fd = -1;
	hold.closed++;
	hold.standing -= c->stands;
	c->over = !hold.again;
}

static void
happened(struct connection *c, uint32_t events)
{
	char octets[4096];
	ssize_t n = 1;

	if ((events & EPOLLOUT) != 0 && (events & (EPOLLERR | EPOLLHUP)) == 0) {
		if (!c->stands)
			stands(c);
		send_first(c);
	}
	if (!hold.deaf && (events & EPOLLIN) != 0)
		n = recv(c->fd, octets, sizeof(octets), MSG_DONTWAIT);
	if ((events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0 || n == 0)
		closed(c);
}

/* ---- time -----------------------------------------------------------------
 */

static void
tell(void)
{
	bool all = hold.standing + hold.closed >= hold.n;

	if (hold.ready &&
	    (hold.standing != hold.told_standing ||
		hold.closed != hold.told_closed))
		printf("open %ld closed %ld\n", hold.standing, hold.closed);
	hold.told_standing = hold.standing;
	hold.told_closed = hold.ready ? hold.closed : 0;
	if (!hold.ready && all)
		printf("ready %ld\n", hold.standing + hold.closed);
	hold.ready = hold.ready || all;
	fflush(stdout);
}

static void
second(void)
{
	uint64_t ticks;

	if (read(hold.timer, &ticks, sizeof(ticks)) == -1)
		return;
	for (long i = 0; i < hold.n; i++) {
		if (hold.v[i].fd == -1 && !hold.v[i].over)
			begin(&hold.v[i]);
		if (hold.slow && hold.v[i].stands && hold.v[i].fd != -1)
			trickle(&hold.v[i]);
	}
	tell();
}

static void
run(void)
{
	struct epoll_event v[EVENTS];

	for (;;) {
		int n = epoll_wait(hold.epoll, v, EVENTS, -1);

		for (int i = 0; i < n; i++)
			if (v[i].data.ptr == NULL)
				second();
			else
				happened(v[i].data.ptr, v[i].events);
	}
}

/* ---- the beginning --------------------------------------------------------
 */

static void
options(int argc, char **argv)
{
	const char *why;
	size_t more = 0;

	for (int ch; (ch = getopt(argc, argv, "ari:n:su:x:")) != -1;)
		if (ch == 'a')
			hold.again = true;
		else if (ch == 'r')
			hold.deaf = true;
		else if (ch == 's')
			hold.slow = true;
		else if (ch == 'i')
			data_read(&hold.first, optarg);
		else if (ch == 'x')
			more = (size_t)atol(optarg);
		else if (ch == 'n')
			hold.n = atol(optarg);
		else if (ch != 'u' || setuid((uid_t)atol(optarg)) == -1)
			err(2, "wrong use, or not allowed");
	if (optind == argc || endpoint_parse(&hold.to, argv[optind], &why) != 0)
		errx(2, "usage: hold_connections [options] ENDPOINT [DATA]");
	hold.to.text = argv[optind];
	data_read(
	    &hold.trickle, optind + 1 < argc ? argv[optind + 1] : "\\x00");
	add_more(&hold.first, &hold.trickle, more);
}

static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(1, "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (limit.rlim_max < (rlim_t)hold.n + 16 ||
	    setrlimit(RLIMIT_NOFILE, &limit) == -1)
		errx(1, "no %ld descriptors for this user", hold.n + 16);
}

int
main(int argc, char **argv)
{
	struct itimerspec tick = { { 1, 0 }, { 0, 100000000 } };
	struct epoll_event e = { .events = EPOLLIN };

	options(argc, argv);
	raise_descriptors();
	hold.v = calloc((size_t)hold.n, sizeof(*hold.v));
	hold.epoll = epoll_create1(EPOLL_CLOEXEC);
	hold.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (hold.v == NULL || hold.epoll == -1 || hold.timer == -1 ||
	    timerfd_settime(hold.timer, 0, &tick, NULL) == -1 ||
	    epoll_ctl(hold.epoll, EPOLL_CTL_ADD, hold.timer, &e) == -1)
		err(1, "cannot begin");
	for (long i = 0; i < hold.n; i++)
		begin(&hold.v[i]);
	run();
}
