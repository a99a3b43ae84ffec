/* Owns the knocking and the one question under way. */
#include "admin/door.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <nng/protocol/reqrep0/req.h>

/*
 * nng would try for ever where it is shown out. Whoever is let in is greeted
 * by nng; whoever is not finds the connection closed.
 */
static enum door_state
greeted(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char octet;

	if (poll(&p, 1, ms) != 1)
		return DOOR_SILENT;
	return recv(fd, &octet, 1, 0) == 1 ? DOOR_OPEN : DOOR_FORBIDDEN;
}

/* With a deadline: nobody may be taking connections, and the backlog full. */
static int
connect_within(int fd, const struct sockaddr_un *sun, int ms)
{
	const struct timeval most = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most)) == -1)
		return -1;
	return connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
}

static enum door_state
knock(const char *path, int ms)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	enum door_state state;
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path))
		return DOOR_ABSENT;
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return DOOR_SILENT;
	if (connect_within(fd, &sun, ms) == 0)
		state = greeted(fd, ms);
	else if (errno == EAGAIN)
		state = DOOR_SILENT;
	else
		state = errno == EACCES ? DOOR_FORBIDDEN : DOOR_ABSENT;
	close(fd);
	return state;
}

static void
completed(void *arg)
{
	struct door *d = arg;

	d->idle = true;
}

enum door_state
door_open(struct door *d, const char *path, size_t max_answer, int ms)
{
	char url[sizeof("ipc://") + sizeof(struct sockaddr_un)];
	enum door_state state = knock(path, ms);

	if (state != DOOR_OPEN)
		return state;
	snprintf(url, sizeof(url), "ipc://%s", path);
	d->sending = false;
	d->idle = true;
	if (nng_req0_open(&d->socket) != 0 ||
	    nng_aio_alloc(&d->aio, completed, d) != 0 ||
	    nng_socket_set_size(d->socket, NNG_OPT_RECVMAXSZ, max_answer) !=
		0 ||
	    nng_dial(d->socket, url, NULL, 0) != 0)
		return DOOR_SILENT;
	return DOOR_OPEN;
}

int
door_ask(struct door *d, const void *octets, size_t n, int ms)
{
	nng_msg *msg;

	if (nng_msg_alloc(&msg, 0) != 0)
		return -1;
	if (nng_msg_append(msg, octets, n) != 0) {
		nng_msg_free(msg);
		return -1;
	}
	nng_aio_set_timeout(d->aio, ms);
	nng_aio_set_msg(d->aio, msg);
	d->sending = true;
	d->idle = false;
	nng_send_aio(d->socket, d->aio);
	return 0;
}

/* What was sent is followed by waiting for the answer. */
static bool
sent(struct door *d)
{
	d->sending = false;
	if (nng_aio_result(d->aio) == 0) {
		d->idle = false;
		nng_recv_aio(d->socket, d->aio);
		return true;
	}
	nng_msg_free(nng_aio_get_msg(d->aio));
	nng_aio_set_msg(d->aio, NULL);
	return false;
}

bool
door_busy(struct door *d)
{
	if (!d->idle)
		return true;
	return d->sending && sent(d);
}

nng_msg *
door_answer(struct door *d)
{
	nng_aio_wait(d->aio);
	if (d->sending && sent(d))
		nng_aio_wait(d->aio);
	return nng_aio_result(d->aio) == 0 ? nng_aio_get_msg(d->aio) : NULL;
}
