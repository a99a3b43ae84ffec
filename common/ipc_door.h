/*
 * Who may come in to a server, by the uid of its process.
 */
#ifndef DNSMAIL_IPC_DOOR_H
#define DNSMAIL_IPC_DOOR_H

#include <ev.h>
#include <nng/nng.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "ipc.h"
#include "ipc_queue.h"

struct ipc_door {
	struct ev_loop *loop;
	const char *path; /* for the log; the caller's */
	ipc_peer_fn *peer_ok;
	void *arg;
	pthread_mutex_t mutex; /* held while peer_ok runs */
	atomic_bool closed;    /* nobody comes in any more */

	struct ipc_event refused; /* tells the log of refused_uid */
	atomic_uint refused_uid;
	uid_t logged_uid;
	double logged_at;
};

/* peer_ok NULL: anyone. */
void ipc_door_init(
    struct ipc_door *, struct ev_loop *, ipc_peer_fn *peer_ok, void *arg);
/* For nng_pipe_notify(), ADD_PRE; the arg is the door. In nng's threads. */
void ipc_door_knock(nng_pipe, nng_pipe_ev, void *door);
/* When it returns peer_ok does not run, nor ever will. */
void ipc_door_close(struct ipc_door *);
/* After the socket is closed. */
void ipc_door_free(struct ipc_door *);

/* -1: the pipe has gone. */
int ipc_door_uid(nng_pipe, uid_t *uid_r);

#endif
