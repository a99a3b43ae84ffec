/*
 * Owns the names of the doors and what makes one safe. Must not know sockets.
 */
#include "publishd/doors_in.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

static const char *const names[PUB__COUNT] = {
	[PUB_ADD] = "signers",
	[PUB_REMOVE] = "removers",
};

/*
 * The group of the daemons and of whoever may see the status is ours too: a
 * directory that it may enter would keep nobody out.
 */
static const char *
unsafe(const struct stat *st)
{
	if (!S_ISDIR(st->st_mode))
		return "it is no directory";
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "it is another user's";
	if ((st->st_mode & S_IRWXO) != 0)
		return "others may enter it";
	if (st->st_gid == getegid() && (st->st_mode & S_IRWXG) != 0)
		return "publishd's own group may enter it";
	return NULL;
}

static int
complain(const char *path, const char *why)
{
	log_warnx("%s: does not say who comes: %s", path, why);
	return -1;
}

int
door_find(const char *run_dir, const char *name, const char *file,
    char url[DOOR_URL_MAX])
{
	char path[DOOR_URL_MAX - sizeof("ipc:///publish.ipc")];
	const char *why;
	struct stat st;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", run_dir, name) >=
	    sizeof(path))
		return 0; /* too long for a socket's address as well */
	if (lstat(path, &st) == -1) {
		if (errno == ENOENT)
			return 0;
		log_warn("%s", path);
		return -1;
	}
	if ((why = unsafe(&st)) != NULL)
		return complain(path, why);
	snprintf(url, DOOR_URL_MAX, "ipc://%s/%s", path, file);
	return 1;
}

int
doors_find(const char *run_dir, struct door doors[DOORS_MAX], size_t *n_r)
{
	*n_r = 0;
	for (size_t op = 0; op < PUB__COUNT; op++) {
		struct door *door = &doors[*n_r];
		int found = door_find(
		    run_dir, names[op], "publish.ipc", door->url);

		if (found == -1)
			return -1;
		door->op = (enum publish_op)op;
		*n_r += (size_t)found;
	}
	return 0;
}
