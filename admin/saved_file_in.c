/* Knows how much is read of a file, and nothing of what is in it. */
#include "admin/saved_file_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/saved_mail.h"

enum { PIECE = 64 * 1024 };

static int
complain(const char *path, const char *what)
{
	fprintf(stderr, "dnsmail-check: %s: %s\n", path, what);
	return -1;
}

/* Up to its end. NULL, or what is wrong. */
static const char *
read_all(int fd, struct buffer *b)
{
	ssize_t n;

	do {
		n = buffer_read(b, fd, PIECE);
		if (b->len > SAVED_MAIL_MAX)
			return "is larger than 256 MiB";
	} while (n > 0 || (n == -1 && errno == EINTR));
	return n == 0 ? NULL : strerror(errno);
}

int
saved_file_read(const char *path, struct buffer *b)
{
	bool input = strcmp(path, "-") == 0;
	int fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	const char *wrong;

	if (fd == -1)
		return complain(path, strerror(errno));
	wrong = read_all(fd, b);
	if (!input)
		close(fd);
	if (wrong == NULL && b->len == 0)
		wrong = "is empty";
	return wrong == NULL ? 0 : complain(path, wrong);
}
