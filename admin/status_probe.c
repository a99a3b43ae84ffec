/* What the files of a daemon tell when it does not. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/status.h"

enum { PATH_BYTES = 256 };

/*
 * A daemon that ends takes its status socket out of its directory, and the
 * lock file beside it stays: when that happened is the directory's time.
 */
static uint64_t
ended_at(const char *run_dir, const char *daemon)
{
	char path[PATH_BYTES];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s/status.ipc.lock", run_dir, daemon);
	if (stat(path, &st) == -1)
		return 0; /* it never ran here */
	snprintf(path, sizeof(path), "%s/%s", run_dir, daemon);
	return stat(path, &st) == 0 ? (uint64_t)st.st_mtime : 0;
}

/* A stopped one is there, too: the kernel answers for it. */
static bool
somebody_there(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, error;

	if (strlen(path) >= sizeof(sun.sun_path))
		return true;
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return true;
	error =
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ? errno : 0;
	close(fd);
	return error != ECONNREFUSED;
}

/* nng would try for ever where there is nothing, or nothing for us. */
bool
status_probe(struct status *s, const char *run_dir, bool knock)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s/status.ipc", run_dir, s->daemon);
	if (access(path, R_OK | W_OK) == 0) {
		if (!knock)
			return true;
		status_fail(s,
		    somebody_there(path) ? REASON_SILENT : REASON_DIED, NULL);
	} else if (errno == ENOENT || errno == ENOTDIR) {
		status_fail(s, REASON_ABSENT, NULL);
		s->since = ended_at(run_dir, s->daemon);
	} else {
		status_fail(s, REASON_FORBIDDEN, strerror(errno));
	}
	return false;
}
