/*
 * The first and the last of an nng socket. Only the other ipc_ modules use it.
 *
 * nng 1.5.2 can lose the completion of a read when a connection is closed
 * from this side between the head of a message and its rest. Its one reaper
 * thread then waits for that for good: nng_close() never returns, and no
 * descriptor of the process is given back any more. So nothing here closes a
 * connection that may be busy: a socket is closed when all its contexts have
 * been, rests before that, and has a thread of its own for it, so that at the
 * worst that thread is lost.
 *
 * Nor may nng_aio_stop() and nng_aio_free() meet an operation that begins or
 * is under way: nng 1.5.2 then cancels in a context that is freed, or runs the
 * callback of an aio that is. An operation is ended by nng_ctx_close() alone;
 * what belongs to it is freed when its completion has come.
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

/* `closed` runs in the loop or in ipc_end(); this lives until then. */
struct ipc_closing {
	nng_socket socket;
	struct ipc_event closed;
};
/* When it has no context; one that was never opened is closed at once. */
void ipc_socket_close(struct ipc_closing *);

#endif
