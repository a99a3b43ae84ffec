/*
 * Owns: the path of a server's socket, its mode and group, and the cure for
 * the listener that dies. Must not know requests.
 */
#include "ipc_listener.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <nng/transport/ipc/ipc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

#define SCHEME "ipc://"

/* A dead listener is back within this, and an idle daemon rests as long. */
#define WATCH_SECONDS 1.

/*
 * The path is ours for as long as we hold the lock beside it. Else a second
 * copy of us would take the place of the first: nng unlinks what it finds.
 * The lock file stays: to unlink it would let two hold a lock each.
 */
static int
path_lock(struct ipc_listener *l)
{
	char name[4096];

	if ((size_t)snprintf(name, sizeof(name), "%s.lock", l->path) >=
	    sizeof(name)) {
		log_warnx("ipc: %s: the path is too long", l->path);
		return -1;
	}
	l->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (l->lock == -1) {
		log_warn("ipc: cannot open %s", name);
		return -1;
	}
	if (flock(l->lock, LOCK_EX | LOCK_NB) == -1) {
		log_warnx("ipc: %s: another process listens there", l->path);
		return -1;
	}
	return 0;
}

/*
 * nng would try a socket that it finds with connect(), which is what kills
 * listeners, and would delete a plain file.
 */
static int
path_clear(const struct ipc_listener *l)
{
	struct stat st;

	if (lstat(l->path, &st) == -1)
		return 0;
	if (!S_ISSOCK(st.st_mode)) {
		log_warnx("ipc: %s is there and is no socket", l->path);
		return -1;
	}
	if (unlink(l->path) == -1) {
		log_warn("ipc: cannot remove the old %s", l->path);
		return -1;
	}
	return 0;
}

/* nng made the socket for us alone; now others may come. */
static int
path_open_up(const struct ipc_listener *l)
{
	const struct group *group = NULL;

	if (l->group != NULL && (group = getgrnam(l->group)) == NULL) {
		log_warnx("ipc: %s: no group %s", l->path, l->group);
		return -1;
	}
	if (group != NULL && chown(l->path, (uid_t)-1, group->gr_gid) == -1) {
		log_warn("ipc: cannot give %s to group %s", l->path, l->group);
		return -1;
	}
	if (chmod(l->path, l->mode) == -1) {
		log_warn("ipc: cannot set the mode of %s", l->path);
		return -1;
	}
	return 0;
}

static int
start_listening(struct ipc_listener *l)
{
	nng_listener fresh;
	int error;

	if ((error = nng_listener_create(&fresh, l->socket, l->url)) != 0) {
		log_warnx("ipc: %s: %s", l->path, nng_strerror(error));
		return -1;
	}
	if ((error = nng_listener_set_int(
		 fresh, NNG_OPT_IPC_PERMISSIONS, 0600)) == 0 &&
	    (error = nng_listener_set_size(
		 fresh, NNG_OPT_RECVMAXSZ, l->max_message)) == 0)
		error = nng_listener_start(fresh, 0);
	if (error != 0)
		log_warnx("ipc: cannot listen on %s: %s", l->path,
		    nng_strerror(error));
	if (error != 0 || path_open_up(l) == -1) {
		nng_listener_close(fresh);
		return -1;
	}
	l->now = fresh;
	return 0;
}

/* --- death and revival of a listener --- */

static uint64_t
stat_child(nng_stat *parent, const char *name)
{
	for (nng_stat *i = nng_stat_child(parent); i != NULL;
	     i = nng_stat_next(i))
		if (strcmp(nng_stat_name(i), name) == 0)
			return nng_stat_value(i);
	return 0;
}

/*
 * One number of a listener. nng_stat_find_listener() of 1.5.2 finds the first
 * listener of the process, whichever it is asked for.
 */
static uint64_t
listener_stat(nng_stat *all, nng_listener listener, const char *name)
{
	uint64_t id = (uint64_t)nng_listener_id(listener);

	for (nng_stat *i = nng_stat_child(all); i != NULL; i = nng_stat_next(i))
		if (strcmp(nng_stat_name(i), "listener") == 0 &&
		    stat_child(i, "id") == id)
			return stat_child(i, name);
	return 0;
}

/*
 * A peer that leaves during the handshake ends accept() for good (nng issue
 * 1518); the one trace it leaves is the count "other". Connections that the
 * listener had go on, and must (ipc_socket.h), so it is only put aside.
 */
static void
put_aside(struct ipc_listener *l)
{
	size_t room = l->dead_room * 2 + 4;
	nng_listener *grown;

	if (l->n_dead == l->dead_room) {
		grown = realloc(l->dead, room * sizeof(*grown));
		if (grown == NULL)
			return; /* again at the next look */
		l->dead = grown;
		l->dead_room = room;
	}
	l->dead[l->n_dead++] = l->now;
	l->now = (nng_listener)NNG_LISTENER_INITIALIZER;
}

/*
 * nng unlinks the path of a listener that it closes, although the socket
 * there is its successor's: that steps aside meanwhile.
 */
static void
close_dead(const struct ipc_listener *l, nng_listener dead)
{
	char aside[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 8];

	snprintf(aside, sizeof(aside), "%s.aside", l->path);
	if (rename(l->path, aside) == -1)
		log_warn("ipc: cannot rename %s", l->path);
	nng_listener_close(dead);
	if (rename(aside, l->path) == -1)
		log_warn("ipc: cannot rename %s", aside);
}

/* Those whose last connection is gone. So there are never more than those. */
static void
close_all_dead(struct ipc_listener *l, nng_stat *all)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n_dead; i++)
		if (listener_stat(all, l->dead[i], "pipes") == 0)
			close_dead(l, l->dead[i]);
		else
			l->dead[kept++] = l->dead[i];
	l->n_dead = kept;
}

static void
watch(EV_P_ ev_timer *w, int revents)
{
	struct ipc_listener *l = w->data;
	nng_stat *all;

	(void)loop;
	(void)revents;
	if (nng_stats_get(&all) != 0)
		return;
	close_all_dead(l, all);
	if (nng_listener_id(l->now) > 0 &&
	    listener_stat(all, l->now, "other") > 0)
		put_aside(l);
	nng_stats_free(all);
	if (nng_listener_id(l->now) > 0 || path_clear(l) == -1)
		return;
	if (start_listening(l) == 0)
		log_info("ipc: %s: listening again after a peer left during "
			 "the handshake",
		    l->path);
}

/* Since nng 1.6.0 it does not die, and harmless failures are counted too. */
static bool
listener_is_mortal(void)
{
	int major = 0, minor = 0;

	sscanf(nng_version(), "%d.%d", &major, &minor);
	return major == 1 && minor < 6;
}

/* --- life --- */

int
ipc_listener_init(struct ipc_listener *l, struct ev_loop *loop,
    const struct ipc_server_options *options)
{
	*l = (struct ipc_listener){ .mode = options->mode,
		.max_message = options->max_message,
		.lock = -1,
		.loop = loop };
	ev_timer_init(&l->watch, watch, WATCH_SECONDS, WATCH_SECONDS);
	l->watch.data = l;
	if (strncmp(options->url, SCHEME, strlen(SCHEME)) != 0) {
		log_warnx("ipc: %s: not an ipc:// address", options->url);
		return -1;
	}
	if ((l->url = strdup(options->url)) == NULL ||
	    (options->group != NULL &&
		(l->group = strdup(options->group)) == NULL)) {
		log_warnx("ipc: out of memory");
		return -1;
	}
	l->path = l->url + strlen(SCHEME);
	return path_lock(l) == 0 ? path_clear(l) : -1;
}

int
ipc_listener_open(struct ipc_listener *l, nng_socket socket)
{
	l->socket = socket;
	if (start_listening(l) == -1)
		return -1;
	if (listener_is_mortal())
		ev_timer_start(l->loop, &l->watch);
	return 0;
}

void
ipc_listener_close(struct ipc_listener *l)
{
	ev_timer_stop(l->loop, &l->watch);
	if (nng_listener_id(l->now) > 0)
		unlink(l->path);
}

void
ipc_listener_free(struct ipc_listener *l)
{
	if (l->lock != -1)
		close(l->lock);
	free(l->dead);
	free(l->group);
	free(l->url);
}
