/*
 * Owns: who may come in to a server, and what the log is told of the others.
 * Must not know what they would ask.
 */
#include "ipc_door.h"

#include <nng/transport/ipc/ipc.h>
#include <stdbool.h>

#include "log.h"

/* Between two lines in the log about the same refused peer. */
#define REFUSED_LOG_SECONDS 60.0

int
ipc_door_uid(nng_pipe pipe, uid_t *uid_r)
{
	uint64_t uid;

	if (nng_pipe_get_uint64(pipe, NNG_OPT_IPC_PEER_UID, &uid) != 0)
		return -1;
	*uid_r = (uid_t)uid;
	return 0;
}

static bool
may_enter(struct ipc_door *d, uid_t uid)
{
	bool ok;

	pthread_mutex_lock(&d->mutex);
	ok = !d->closed && (d->peer_ok == NULL || d->peer_ok(d->arg, uid));
	pthread_mutex_unlock(&d->mutex);
	return ok;
}

void
ipc_door_knock(nng_pipe pipe, nng_pipe_ev event, void *door)
{
	struct ipc_door *d = door;
	uid_t uid = (uid_t)-1;

	(void)event;
	if (ipc_door_uid(pipe, &uid) == 0 && may_enter(d, uid))
		return;
	nng_pipe_close(pipe);
	if (d->closed)
		return;
	d->refused_uid = uid;
	ipc_queue_push(&d->refused);
}

/* A refused client comes again several times a second: not a line for each. */
static void
log_refused(void *arg)
{
	struct ipc_door *d = arg;
	uid_t uid = d->refused_uid;
	double now = ev_now(d->loop);

	if (uid == d->logged_uid && now < d->logged_at + REFUSED_LOG_SECONDS)
		return;
	d->logged_uid = uid;
	d->logged_at = now;
	log_warnx("ipc: %s: a peer with uid %ld may not ask", d->path,
	    uid == (uid_t)-1 ? -1L : (long)uid);
}

void
ipc_door_init(
    struct ipc_door *d, struct ev_loop *loop, ipc_peer_fn *peer_ok, void *arg)
{
	*d = (struct ipc_door){ .loop = loop,
		.peer_ok = peer_ok,
		.arg = arg,
		.refused = { .run = log_refused, .arg = d },
		.logged_uid = (uid_t)-1 };
	pthread_mutex_init(&d->mutex, NULL);
}

void
ipc_door_close(struct ipc_door *d)
{
	pthread_mutex_lock(&d->mutex);
	d->closed = true;
	pthread_mutex_unlock(&d->mutex);
}

void
ipc_door_free(struct ipc_door *d)
{
	ipc_queue_remove(&d->refused);
	pthread_mutex_destroy(&d->mutex);
}
