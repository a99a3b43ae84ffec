/*
 * listen_run NAME PORT [NAME PORT]... COMMAND ARG...: plays systemd's part of
 * sd_listen_fds(3): COMMAND starts with sockets that listen on 127.0.0.1:PORT
 * as descriptors from 3 on, called NAME.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_FD = 3 };

static int
listen_on(unsigned port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons((unsigned short)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, 16) == -1)
		return -1;
	return fd;
}

/* NAME PORT: the next descriptor, and its name in the list. */
static int
pass(int n, const char *name, const char *port, char *names, size_t size)
{
	size_t used = strlen(names);
	int fd = listen_on((unsigned)atoi(port));

	if (fd == -1 || (fd != FIRST_FD + n && dup2(fd, FIRST_FD + n) == -1))
		return -1;
	if (fd != FIRST_FD + n)
		close(fd);
	snprintf(names + used, size - used, "%s%s", n > 0 ? ":" : "", name);
	return 0;
}

static int
is_number(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

int
main(int argc, char **argv)
{
	char pid[32], count[32], names[1024] = "";
	int n = 0, at = 1;

	for (; at + 2 < argc && is_number(argv[at + 1]); at += 2, n++)
		if (pass(n, argv[at], argv[at + 1], names, sizeof(names)) ==
		    -1) {
			perror("listen_run");
			return 1;
		}
	if (n == 0) {
		fprintf(stderr,
		    "usage: listen_run NAME PORT ... COMMAND "
		    "ARG...\n");
		return 64;
	}
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	snprintf(count, sizeof(count), "%d", n);
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", count, 1);
	setenv("LISTEN_FDNAMES", names, 1);
	execvp(argv[at], argv + at);
	perror(argv[at]);
	return 127;
}
