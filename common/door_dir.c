/*
 * Owns what makes a door safe. Must not know sockets, or what is asked there.
 */
#include "door_dir.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

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
		return "the daemon's own group may enter it";
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
