/*
 * Owns: accept(2), close(2) and getsockopt(2) of the whole program; they take
 * the place of libc's. They do what those do, and tell who watches a path of
 * what nng accepts there and of every descriptor that is closed. (libc itself
 * and our own servers accept by accept4(2).) Must not know who may come in.
 *
 * A connection is shown out by shutdown(2): then nng finds its end as if the
 * peer had left, which it stands (ipc_socket.h says what it does not).
 */
#include "ipc_accept.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, ipc_accept) paths = LIST_HEAD_INITIALIZER(paths);
static atomic_bool watching; /* there are some, and this is no child */
static _Thread_local int asked_for = -1;

/* The child of a fork may find the mutex locked for ever. */
static void
in_child(void)
{
	watching = false;
}

void
ipc_accept_begin(struct ipc_accept *a)
{
	static bool registered;

	if (!registered && pthread_atfork(NULL, NULL, in_child) == 0)
		registered = true;
	pthread_mutex_lock(&mutex);
	LIST_INSERT_HEAD(&paths, a, link);
	watching = true;
	pthread_mutex_unlock(&mutex);
}

void
ipc_accept_end(struct ipc_accept *a)
{
	pthread_mutex_lock(&mutex);
	LIST_REMOVE(a, link);
	watching = !LIST_EMPTY(&paths);
	pthread_mutex_unlock(&mutex);
}

/*
 * Who watches the path where that listens? It stays until accept() is over,
 * though the mutex is free by then: this runs in the callback of nng's
 * listener, whose closing waits for its callback, and ipc_accept_end() comes
 * after that. (Under the mutex enter() could not close(2) what has come.)
 */
static struct ipc_accept *
watcher_of(int fd)
{
	struct sockaddr_un sa = { 0 };
	socklen_t len = sizeof(sa);
	struct ipc_accept *a;

	if (getsockname(fd, (struct sockaddr *)&sa, &len) == -1 ||
	    sa.sun_family != AF_UNIX)
		return NULL;
	pthread_mutex_lock(&mutex);
	LIST_FOREACH(a, &paths, link)
	if (strncmp(a->path, sa.sun_path, sizeof(sa.sun_path)) == 0)
		break;
	pthread_mutex_unlock(&mutex);
	return a;
}

int
accept(int fd, struct sockaddr *sa, socklen_t *len)
{
	int guest = (int)syscall(SYS_accept4, fd, sa, len, SOCK_CLOEXEC);
	struct ipc_accept *a = NULL;

	if (guest != -1 && watching)
		a = watcher_of(fd);
	if (a == NULL || a->enter(a->arg, guest) == 0)
		return guest;
	syscall(SYS_close, guest);
	errno = ECONNABORTED; /* nng goes on with the next at once */
	return -1;
}

int
close(int fd)
{
	struct ipc_accept *a;

	if (watching) {
		pthread_mutex_lock(&mutex);
		LIST_FOREACH(a, &paths, link)
		a->leave(a->arg, fd);
		pthread_mutex_unlock(&mutex);
	}
	return (int)syscall(SYS_close, fd);
}

int
getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	if (level == SOL_SOCKET && name == SO_PEERCRED)
		asked_for = fd;
	return (int)syscall(SYS_getsockopt, fd, level, name, value, len);
}

int
ipc_accept_asked_for(void)
{
	return asked_for;
}

void
ipc_accept_forget(void)
{
	asked_for = -1;
}
