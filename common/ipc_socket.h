/*
 * The first and the last of an nng socket. Only the other ipc_ modules use it.
 *
 * nng 1.5.2 can lose the completion of a read when a connection is closed
 * from this side between the head of a message and its rest. Its one reaper
 * thread then waits for that for good: nng_close() never returns, and no
 * descriptor of the process is given back any more. So nothing here closes a
 * connection that may be busy: a socket is silenced first, rests, and is
 * closed by a thread of its own, so that at the worst that thread is lost.
 */
#ifndef DNSMAIL_IPC_SOCKET_H
#define DNSMAIL_IPC_SOCKET_H

#include <nng/nng.h>

#include "ipc_queue.h"

/*
 * Opens a socket of nng with all signals blocked: the threads that nng makes
 * at its first use inherit that, so a signal only ever meets the loop.
 */
int ipc_socket_open(int (*open)(nng_socket *), nng_socket *);

/* Zeroed but for the first four; lives until `closed`. */
struct ipc_closing {
	nng_socket socket;
	void (*silence)(void *arg); /* in a thread: may wait for nng */
	void (*closed)(void *arg);  /* in the loop, or in ipc_end() */
	void *arg;
	struct ipc_event event;
};
void ipc_socket_close(struct ipc_closing *);

#endif
