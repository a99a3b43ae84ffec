/*
 * Never through a symbolic link: whoever may write above the directory must
 * not choose what root gives away.
 */
#include "run_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

static int
make_one(const char *path)
{
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return 0;
	log_warn("make directory %s", path);
	return -1;
}

static int
give(const char *path, uid_t uid, gid_t gid)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int result = -1;

	if (fd != -1 && fchown(fd, uid, gid) == 0)
		result = fchmod(fd, 0755);
	if (result == -1)
		log_warn(
		    "give directory %s to uid %lu", path, (unsigned long)uid);
	if (fd != -1)
		close(fd);
	return result;
}

char *
run_dir_make(const char *run_dir, const char *name, uid_t uid, gid_t gid)
{
	char *path;

	if (asprintf(&path, "%s/%s", run_dir, name) == -1) {
		log_warnx("make directory: out of memory");
		return NULL;
	}
	if (make_one(run_dir) == 0 && make_one(path) == 0 &&
	    (geteuid() != 0 || give(path, uid, gid) == 0))
		return path;
	free(path);
	return NULL;
}
