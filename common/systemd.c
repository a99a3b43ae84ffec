/*
 * Messages to the service manager and sockets from it. The notification
 * socket is opened at the first use and kept: after the jail a process may be
 * in a network namespace where an abstract name leads nowhere.
 */
#include "systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LISTEN_FDS_START = 3 };

/* A number of the environment, all digits, or -1. */
static long long
env_number(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long long value;

	if (text == NULL || *text < '0' || *text > '9')
		return -1;
	errno = 0;
	value = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' ? value : -1;
}

/* A path, or a name in the abstract namespace with '@' for the NUL. */
static int
notify_open(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path != NULL ? strlen(path) : 0;
	int fd;

	if (n < 2 || n >= sizeof(sun.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return -1;
	memcpy(sun.sun_path, path, n);
	if (path[0] == '@')
		sun.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd != -1 &&
	    connect(fd, (struct sockaddr *)&sun,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) ==
		-1) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool notify_opened;
static int notify_fd = -1;

void
systemd_mute(void)
{
	if (notify_fd != -1)
		close(notify_fd);
	notify_fd = -1;
	notify_opened = true;
}

/* Or -1. */
static int
notify_socket(void)
{
	if (!notify_opened) {
		notify_fd = notify_open();
		notify_opened = true;
	}
	return notify_fd;
}

/* Its queue is all units', and full while another one stores its connections;
   READY=1 and what is removed from the store must not be lost by that. A
   manager that reads nothing keeps nobody waiting for long. */
enum { NOTIFY_TRIES = 5, NOTIFY_WAIT_MS = 100 };

/* -1: its queue is full. */
static int
tell(const char *text)
{
	return send(notify_socket(), text, strlen(text), MSG_NOSIGNAL) == -1 &&
		errno == EAGAIN
	    ? -1
	    : 0;
}

void
systemd_notify(const char *text)
{
	struct pollfd room = { .fd = notify_socket(), .events = POLLOUT };

	for (int i = 0; room.fd != -1 && tell(text) == -1 && i < NOTIFY_TRIES;
	     i++)
		poll(&room, 1, NOTIFY_WAIT_MS);
}

void
systemd_beat(void)
{
	if (notify_socket() != -1)
		tell("WATCHDOG=1");
}

enum { FDS_MOST = 4 };

int
systemd_notify_with(const char *text, const int *fds, size_t n)
{
	alignas(struct cmsghdr)
	    uint8_t room[CMSG_SPACE(FDS_MOST * sizeof(int))];
	struct iovec iov = { (void *)(uintptr_t)text, strlen(text) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = CMSG_SPACE(n * sizeof(*fds)) };
	struct cmsghdr *c = (struct cmsghdr *)(void *)room;

	if (notify_socket() == -1 || n > FDS_MOST)
		return -1;
	memset(room, 0, sizeof(room));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(*fds));
	memcpy(CMSG_DATA(c), fds, n * sizeof(*fds));
	return sendmsg(notify_fd, &msg, MSG_NOSIGNAL) == -1 ? -1 : 0;
}

unsigned
systemd_store_max(void)
{
	long long n = env_number("FDSTORE");

	return n <= 0 || n > UINT_MAX ? 0 : (unsigned)n;
}

/* WATCHDOG_PID: the variables may have been inherited by a grandchild. */
double
systemd_watchdog(void)
{
	long long usec = env_number("WATCHDOG_USEC");
	long long pid = env_number("WATCHDOG_PID");

	if (usec <= 0 || (pid != -1 && pid != getpid()))
		return 0;
	return (double)usec / 1e6;
}

/* The name of passed socket `i` in a list separated by colons. */
static bool
name_is(const char *names, int i, const char *name)
{
	size_t n = strlen(name);

	for (; i > 0; i--) {
		names = strchr(names, ':');
		if (names == NULL)
			return false;
		names++;
	}
	return strncmp(names, name, n) == 0 &&
	    (names[n] == ':' || names[n] == '\0');
}

/* The names of those that were passed, *n_r of them; NULL: none. */
static const char *
passed_names(long long *n_r)
{
	*n_r = env_number("LISTEN_FDS");
	return env_number("LISTEN_PID") == getpid() ? getenv("LISTEN_FDNAMES")
						    : NULL;
}

/* Its number as it was passed, or -1. Sockets come first. */
static int
passed_fd(const char *name, size_t i)
{
	long long n;
	const char *names = passed_names(&n);

	for (int at = 0; names != NULL && at < n && at < SYSTEMD_FDS_MAX; at++)
		if (name_is(names, at, name) && i-- == 0)
			return LISTEN_FDS_START + at;
	return -1;
}

void
systemd_passed(const char *name, void (*each)(void *arg, int fd), void *arg)
{
	long long n;
	const char *names = passed_names(&n);

	for (int at = 0; names != NULL && at < n; at++) {
		if (name_is(names, 0, name))
			each(arg, LISTEN_FDS_START + at);
		if ((names = strchr(names, ':')) != NULL)
			names++;
	}
}

int
systemd_fd(const char *name, size_t i)
{
	int passed = passed_fd(name, i), fd, flags;

	if (passed == -1 || fcntl(passed, F_SETFD, FD_CLOEXEC) == -1)
		return -1;
	fd = fcntl(passed, F_DUPFD_CLOEXEC, 0);
	flags = fd != -1 ? fcntl(fd, F_GETFL) : -1;
	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
		if (fd != -1)
			close(fd);
		return -1;
	}
	return fd;
}
