/*
 * Owns: opening and closing of nng's sockets, where they must not disturb the
 * loop. Must not know what they are used for.
 */
#include "ipc_socket.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "log.h"

/*
 * Between the last context and the connections. Measured: 5 ms were enough in
 * 2700 closes of busy sockets; without a rest every second one hangs.
 */
enum { REST_MS = 50 };

static void
block_signals(sigset_t *old)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, old);
}

int
ipc_socket_open(int (*open)(nng_socket *), nng_socket *socket)
{
	sigset_t old;
	int error;

	block_signals(&old);
	error = open(socket);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

static void *
close_beside(void *arg)
{
	const struct timespec rest = { .tv_nsec = REST_MS * 1000000L };
	struct ipc_closing *c = arg;

	nanosleep(&rest, NULL);
	nng_close(c->socket);
	ipc_queue_push(&c->closed);
	return NULL;
}

void
ipc_socket_close(struct ipc_closing *c)
{
	pthread_t thread;
	sigset_t old;
	int error;

	if (nng_socket_id(c->socket) <= 0) {
		c->closed.run(c->closed.arg);
		return;
	}
	block_signals(&old);
	error = pthread_create(&thread, NULL, close_beside, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error == 0)
		pthread_detach(thread);
	else
		log_warnx("ipc: no thread to close a socket, it stays");
}
