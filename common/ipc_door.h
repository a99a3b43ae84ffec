/*
 * Who may come in to a server, by the uid of its process; how many may be
 * inside, and who must leave for others (ipc_guests.h).
 */
#ifndef DNSMAIL_IPC_DOOR_H
#define DNSMAIL_IPC_DOOR_H

#include <ev.h>
#include <nng/nng.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "ipc.h"
#include "ipc_accept.h"
#include "ipc_guests.h"
#include "ipc_queue.h"

struct ipc_door {
	struct ev_loop *loop;
	struct ipc_accept accept;
	bool watched;
	ipc_peer_fn *peer_ok;
	ipc_groups_fn *groups_ok; /* or NULL */
	void *arg;
	unsigned max_asked;    /* requests of one peer; 0: any number */
	pthread_mutex_t mutex; /* held while the two run */
	atomic_bool closed;    /* nobody comes in any more */

	pthread_mutex_t guests_mutex;
	struct ipc_guests guests;

	struct ipc_event refused; /* tells the log of refused_uid */
	atomic_uint refused_uid;
	uid_t logged_uid;
	double logged_at;

	struct ipc_event crowded; /* tells log and metrics of expelled */
	atomic_uint expelled;
	struct metrics *metrics; /* or NULL */
	size_t expelled_row;
	double crowded_at;
};

/* peer_ok NULL: anyone. -1: out of memory; free it then, too. */
int ipc_door_init(struct ipc_door *, struct ev_loop *,
    const struct ipc_server_options *, ipc_peer_fn *peer_ok, void *arg);
/* From now on it is the door of that path (the caller's). */
void ipc_door_open(struct ipc_door *, const char *path);
/* When it returns neither of them runs, nor ever will. */
void ipc_door_close(struct ipc_door *);
/* After the socket is closed. */
void ipc_door_free(struct ipc_door *);

/* Of one who asks. */
struct ipc_asker {
	uid_t uid;
	pid_t pid;       /* of who connected */
	uint64_t number; /* for the two below; 0: has left meanwhile */
};

/* A request has come by that pipe. -1: the pipe has gone, or goes now. */
int ipc_door_asks(struct ipc_door *, nng_pipe, struct ipc_asker *);
/* That request is over. */
void ipc_door_answered(struct ipc_door *, const struct ipc_asker *);
/* It does not take its answers: it is shown out. */
void ipc_door_expel(struct ipc_door *, const struct ipc_asker *);

#endif
