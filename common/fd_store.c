/*
 * Owns how a connection and its state lie in the store: both under one name,
 * the state in a file without one that begins with the socket's inode. Must not
 * know what is in a state.
 *
 * Not in a file of memfd_create(2): a process that may make such could execute
 * what it writes, whatever else forbids that. In our directory the units do.
 */
#include "fd_store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "systemd.h"

#define NAME "kept"

enum { FDS_EACH = 2, STATE_MAX = 4 * 1024 * 1024 };

static const char *directory;

bool
fd_store_open(const char *dir)
{
	directory = dir;
	return systemd_store_max() >= FDS_EACH;
}

static uint64_t
inode(int fd, mode_t type)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type ? st.st_ino
								    : 0;
}

/* ---- into it ---- */

static int
state_file(int fd, const uint8_t *state, size_t n)
{
	uint64_t socket = inode(fd, S_IFSOCK);
	int file = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (file == -1)
		return -1;
	if (write(file, &socket, sizeof(socket)) == sizeof(socket) &&
	    write(file, state, n) == (ssize_t)n)
		return file;
	close(file);
	return -1;
}

int
fd_store_put(int fd, const uint8_t *state, size_t n)
{
	static unsigned kept;
	int fds[FDS_EACH] = { fd }, result;

	if (kept + FDS_EACH > systemd_store_max() || n > STATE_MAX ||
	    (fds[1] = state_file(fd, state, n)) == -1)
		return -1;
	result = systemd_notify_with("FDSTORE=1\nFDNAME=" NAME, fds, FDS_EACH);
	if (result == 0)
		kept += FDS_EACH;
	close(fds[1]);
	return result;
}

/* ---- out of it ---- */

struct search {
	fd_store_fn *take;
	void *arg;
	uint64_t socket;
	int found;
};

static void
look_at(void *arg, int fd)
{
	struct search *s = arg;

	if (s->found == -1 && inode(fd, S_IFSOCK) == s->socket)
		s->found = fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* The whole file in malloc'd memory, or NULL. */
static uint8_t *
state_read(int file, size_t *n_r)
{
	struct stat st;
	uint8_t *octets;

	if (fstat(file, &st) == -1 || st.st_size < (off_t)sizeof(uint64_t) ||
	    st.st_size > STATE_MAX + (off_t)sizeof(uint64_t) ||
	    (octets = malloc((size_t)st.st_size)) == NULL)
		return NULL;
	*n_r = (size_t)st.st_size;
	if (pread(file, octets, *n_r, 0) == (ssize_t)*n_r)
		return octets;
	free(octets);
	return NULL;
}

/* Of each state, its socket. One of them alone is of a connection that its
   peer has ended meanwhile. */
static void
take_state(void *arg, int file)
{
	struct search *s = arg;
	uint8_t *octets;
	size_t n;

	if (inode(file, S_IFREG) == 0 ||
	    (octets = state_read(file, &n)) == NULL)
		return;
	s->socket = *(const uint64_t *)(const void *)octets;
	s->found = -1;
	if (s->socket != 0)
		systemd_passed(NAME, look_at, s);
	if (s->found != -1)
		s->take(s->arg, s->found, octets + sizeof(s->socket),
		    n - sizeof(s->socket));
	free(octets);
}

void
fd_store_take(fd_store_fn *take, void *arg)
{
	struct search s = { .take = take, .arg = arg };

	systemd_passed(NAME, take_state, &s);
	fd_store_drop();
}

static void
end(void *arg, int fd)
{
	size_t *n = arg;

	close(fd);
	++*n;
}

/* What stays in the store would stay open, whoever closes it here. */
void
fd_store_drop(void)
{
	size_t n = 0;

	systemd_passed(NAME, end, &n);
	if (n > 0)
		systemd_notify("FDSTOREREMOVE=1\nFDNAME=" NAME);
}
