/*
 * Owns: who may come in to a server, who must leave it, and what the log is
 * told of both. Must not know what they ask.
 */
#include "ipc_door.h"

#include <errno.h>
#include <nng/transport/ipc/ipc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "log.h"
#include "metrics.h"
#include "monotonic.h"

/* Between two lines in the log about the same thing. */
#define LOG_SECONDS 60.0

/* Where the options say nothing. */
enum { GUESTS_MAX = 256 };

/* ---- coming in, in nng's threads ------------------------------------------
 */

/* Of who is at the other end when it connected, its own first; malloc'd. */
static gid_t *
groups_of(int fd, gid_t own, size_t *n_r)
{
	socklen_t len = 0;
	gid_t *v;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == -1 &&
	    errno != ERANGE)
		return NULL;
	if ((v = malloc(sizeof(*v) + len)) == NULL)
		return NULL;
	v[0] = own;
	if (len > 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, v + 1, &len) == -1) {
		free(v);
		return NULL;
	}
	*n_r = 1 + len / sizeof(*v);
	return v;
}

static bool
may_by_groups(struct ipc_door *d, int fd, gid_t own)
{
	size_t n = 0;
	gid_t *groups;
	bool ok;

	if (d->groups_ok == NULL || (groups = groups_of(fd, own, &n)) == NULL)
		return false;
	ok = d->groups_ok(d->arg, groups, n);
	free(groups);
	return ok;
}

static bool
may_enter(struct ipc_door *d, int fd, const struct ucred *peer)
{
	bool ok;

	pthread_mutex_lock(&d->mutex);
	ok = !d->closed &&
	    (d->peer_ok == NULL || d->peer_ok(d->arg, peer->uid) ||
		may_by_groups(d, fd, peer->gid));
	pthread_mutex_unlock(&d->mutex);
	return ok;
}

static void
refuse(struct ipc_door *d, uid_t uid)
{
	if (d->closed)
		return;
	d->refused_uid = uid;
	ipc_queue_push(&d->refused);
}

static void
count_expelled(struct ipc_door *d)
{
	d->expelled++;
	ipc_queue_push(&d->crowded);
}

/* Somebody leaves for it, or it does not come in. */
static int
make_room(struct ipc_door *d, int fd, uid_t uid)
{
	int out, result;

	pthread_mutex_lock(&d->guests_mutex);
	result = ipc_guests_enter(&d->guests, fd, uid, monotonic_now(), &out);
	if (out != -1)
		shutdown(out, SHUT_RDWR);
	pthread_mutex_unlock(&d->guests_mutex);
	if (out != -1 || result == -1)
		count_expelled(d);
	return result;
}

static int
enter(void *arg, int fd)
{
	struct ipc_door *d = arg;
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1)
		return -1;
	if (!may_enter(d, fd, &peer)) {
		refuse(d, peer.uid);
		return -1;
	}
	return make_room(d, fd, peer.uid);
}

static void
leave(void *arg, int fd)
{
	struct ipc_door *d = arg;

	pthread_mutex_lock(&d->guests_mutex);
	ipc_guests_leave(&d->guests, fd);
	pthread_mutex_unlock(&d->guests_mutex);
}

/* ---- asking, in nng's threads ---------------------------------------------
 */

/* Of more than it may ask at a time none is answered. */
static int
count_request(struct ipc_door *d, int fd, struct ipc_asker *a)
{
	struct ipc_guest *guest;
	bool too_many = false;

	pthread_mutex_lock(&d->guests_mutex);
	guest = ipc_guests_asks(&d->guests, fd, monotonic_now());
	if (guest != NULL) {
		a->number = guest->number;
		too_many = d->max_asked > 0 && guest->busy > d->max_asked;
	}
	if (too_many) {
		shutdown(fd, SHUT_RDWR);
		ipc_guests_expel(&d->guests, guest);
	}
	pthread_mutex_unlock(&d->guests_mutex);
	if (too_many)
		count_expelled(d);
	return too_many ? -1 : 0;
}

int
ipc_door_asks(struct ipc_door *d, nng_pipe pipe, struct ipc_asker *a)
{
	uint64_t uid, pid;
	int fd;

	a->number = 0;
	ipc_accept_forget();
	if (nng_pipe_get_uint64(pipe, NNG_OPT_IPC_PEER_UID, &uid) != 0 ||
	    nng_pipe_get_uint64(pipe, NNG_OPT_IPC_PEER_PID, &pid) != 0)
		return -1;
	a->uid = (uid_t)uid;
	a->pid = (pid_t)pid;
	fd = ipc_accept_asked_for();
	return fd != -1 ? count_request(d, fd, a) : 0;
}

void
ipc_door_answered(struct ipc_door *d, const struct ipc_asker *a)
{
	pthread_mutex_lock(&d->guests_mutex);
	ipc_guests_answered(&d->guests, a->number);
	pthread_mutex_unlock(&d->guests_mutex);
}

void
ipc_door_expel(struct ipc_door *d, const struct ipc_asker *a)
{
	struct ipc_guest *guest;

	pthread_mutex_lock(&d->guests_mutex);
	guest = ipc_guests_answered(&d->guests, a->number);
	if (guest != NULL) {
		shutdown(guest->fd, SHUT_RDWR);
		ipc_guests_expel(&d->guests, guest);
	}
	pthread_mutex_unlock(&d->guests_mutex);
	if (guest != NULL)
		count_expelled(d);
}

/* ---- what is told, in the loop --------------------------------------------
 */

/* A refused client comes again several times a second: not a line for each. */
static void
log_refused(void *arg)
{
	struct ipc_door *d = arg;
	uid_t uid = d->refused_uid;
	double now = monotonic_now();

	if (uid == d->logged_uid && now < d->logged_at + LOG_SECONDS)
		return;
	d->logged_uid = uid;
	d->logged_at = now;
	log_warnx("ipc: %s: a peer with uid %ld may not ask", d->accept.path,
	    uid == (uid_t)-1 ? -1L : (long)uid);
}

static void
log_crowded(void *arg)
{
	struct ipc_door *d = arg;
	unsigned n = atomic_exchange(&d->expelled, 0);
	double now = monotonic_now();

	if (d->metrics != NULL)
		metric_add(d->metrics, d->expelled_row, n);
	if (n == 0 || now < d->crowded_at + LOG_SECONDS)
		return;
	d->crowded_at = now;
	log_warnx("ipc: %s: of more than %u connections, and of those that do "
		  "not take their answers, the silent are closed",
	    d->accept.path, d->guests.max);
}

/* ---- life -----------------------------------------------------------------
 */

int
ipc_door_init(struct ipc_door *d, struct ev_loop *loop,
    const struct ipc_server_options *o, ipc_peer_fn *peer_ok, void *arg)
{
	*d = (struct ipc_door){ .loop = loop,
		.accept = { .enter = enter, .leave = leave, .arg = d },
		.peer_ok = peer_ok,
		.groups_ok = o->groups_ok,
		.arg = arg,
		.max_asked = o->max_asked,
		.refused = { .run = log_refused, .arg = d },
		.logged_uid = (uid_t)-1,
		.crowded = { .run = log_crowded, .arg = d },
		.metrics = o->metrics,
		.expelled_row = o->expelled_row,
		.crowded_at = -LOG_SECONDS };
	pthread_mutex_init(&d->mutex, NULL);
	pthread_mutex_init(&d->guests_mutex, NULL);
	return ipc_guests_init(&d->guests,
	    o->max_connections > 0 ? o->max_connections : GUESTS_MAX);
}

void
ipc_door_open(struct ipc_door *d, const char *path)
{
	d->accept.path = path;
	d->watched = true;
	ipc_accept_begin(&d->accept);
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
	if (d->watched)
		ipc_accept_end(&d->accept);
	ipc_queue_remove(&d->refused);
	ipc_queue_remove(&d->crowded);
	ipc_guests_free(&d->guests);
	pthread_mutex_destroy(&d->guests_mutex);
	pthread_mutex_destroy(&d->mutex);
}
