/* Knows where credentials are; who wants one reads and checks it. */
#include "credential.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NONE "none"

/* One that cannot be read is there: its reader shall say why. */
static bool
is_none(int fd)
{
	char text[sizeof(NONE)];
	ssize_t n = read(fd, text, sizeof(text));

	return n >= (ssize_t)strlen(NONE) &&
	    memcmp(text, NONE, strlen(NONE)) == 0 &&
	    (n == (ssize_t)strlen(NONE) || text[n - 1] == '\n');
}

/* NULL: there is none. */
static const char *
directory(void)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	return dir != NULL && dir[0] == '/' ? dir : NULL;
}

bool
credential_find(const char *name, char *path, size_t size)
{
	const char *dir = directory();
	bool none;
	int fd;

	if (dir == NULL ||
	    (size_t)snprintf(path, size, "%s/%s", dir, name) >= size ||
	    access(path, F_OK) == -1)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	none = fd != -1 && is_none(fd);
	if (fd != -1)
		close(fd);
	return !none;
}

static bool
is_credential(const char *path)
{
	const char *dir = directory();
	size_t n = dir != NULL ? strlen(dir) : 0;

	return n > 0 && strncmp(path, dir, n) == 0 && path[n] == '/';
}

bool
credential_shared(const char *path, mode_t mode)
{
	mode_t others = S_IRWXG | S_IRWXO;

	if (is_credential(path))
		others &= ~(mode_t)S_IRGRP;
	return (mode & others) != 0;
}
