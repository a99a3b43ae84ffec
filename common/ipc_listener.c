/*
 * Owns: the path of a server's socket, its mode and group. Must not know
 * requests.
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
#include <unistd.h>

#include "log.h"

#define SCHEME "ipc://"

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
	struct stat st;

	if (l->group != NULL && (group = getgrnam(l->group)) == NULL) {
		log_warnx("ipc: %s: no group %s", l->path, l->group);
		return -1;
	}
	/* It may be so already, and the systemd unit allows no chown(). */
	if (group != NULL &&
	    (stat(l->path, &st) == -1 || st.st_gid != group->gr_gid) &&
	    chown(l->path, (uid_t)-1, group->gr_gid) == -1) {
		log_warn("ipc: cannot give %s to group %s", l->path, l->group);
		return -1;
	}
	if (chmod(l->path, l->mode) == -1) {
		log_warn("ipc: cannot set the mode of %s", l->path);
		return -1;
	}
	return 0;
}

int
ipc_listener_init(
    struct ipc_listener *l, const struct ipc_server_options *options)
{
	*l = (struct ipc_listener){ .mode = options->mode,
		.max_message = options->max_message,
		.lock = -1 };
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
	nng_listener listener;
	int error;

	if ((error = nng_listener_create(&listener, socket, l->url)) != 0) {
		log_warnx("ipc: %s: %s", l->path, nng_strerror(error));
		return -1;
	}
	if ((error = nng_listener_set_int(
		 listener, NNG_OPT_IPC_PERMISSIONS, 0600)) == 0 &&
	    (error = nng_listener_set_size(
		 listener, NNG_OPT_RECVMAXSZ, l->max_message)) == 0)
		error = nng_listener_start(listener, 0);
	if (error != 0)
		log_warnx("ipc: cannot listen on %s: %s", l->path,
		    nng_strerror(error));
	if (error != 0 || path_open_up(l) == -1) {
		nng_listener_close(listener);
		return -1;
	}
	l->open = true;
	return 0;
}

void
ipc_listener_close(struct ipc_listener *l)
{
	if (l->open)
		unlink(l->path);
}

void
ipc_listener_free(struct ipc_listener *l)
{
	if (l->lock != -1)
		close(l->lock);
	free(l->group);
	free(l->url);
}
