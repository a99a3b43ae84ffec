/*
 * Memory first, then a file. Knows nothing of lines or messages. Reading and
 * writing a local file is the only waiting that is done here.
 */
#include "filter/spool_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buffer.h"

struct spool {
	const char *directory;
	struct buffer memory; /* what is not in the file */
	int fd;               /* -1: none needed yet */
	uint64_t in_file, at; /* octets written to it, read from it */
};

struct spool *
spool_new(const char *directory)
{
	struct spool *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->directory = directory;
	s->fd = -1;
	return s;
}

void
spool_free(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->fd != -1)
		close(s->fd);
	buffer_free(&s->memory);
	free(s);
}

/* Not every file system can make one that never had a name. */
static int
open_nameless(const char *directory)
{
	char path[4096];
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd != -1 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	if ((size_t)snprintf(path, sizeof(path), "%s/dnsmail-XXXXXX",
		directory) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd != -1)
		unlink(path);
	return fd;
}

static int
write_memory(struct spool *s)
{
	if (s->fd == -1 && (s->fd = open_nameless(s->directory)) == -1)
		return -1;
	while (s->memory.len > 0) {
		ssize_t n = buffer_write(&s->memory, s->fd);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			s->in_file += (uint64_t)n;
	}
	return 0;
}

int
spool_add(struct spool *s, const void *octets, size_t n)
{
	if (s->memory.len + n > SPOOL_MEMORY && s->memory.len > 0 &&
	    write_memory(s) == -1)
		return -1;
	if (buffer_append(&s->memory, octets, n) == -1) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

uint64_t
spool_size(const struct spool *s)
{
	return s->in_file + s->memory.len;
}

ssize_t
spool_read(struct spool *s, void *octets, size_t most)
{
	ssize_t n;

	if (s->at == s->in_file) {
		n = (ssize_t)(most < s->memory.len ? most : s->memory.len);
		if (n > 0)
			memcpy(octets, s->memory.data, (size_t)n);
		buffer_consume(&s->memory, (size_t)n);
		return n;
	}
	do
		n = pread(s->fd, octets, most, (off_t)s->at);
	while (n == -1 && errno == EINTR);
	if (n > 0)
		s->at += (uint64_t)n;
	if (n == 0) { /* somebody made it shorter */
		errno = EIO;
		return -1;
	}
	return n;
}
