/*
 * listen_run NAME PORT COMMAND ARG...: plays systemd's part of
 * sd_listen_fds(3): COMMAND starts with a socket that listens on
 * 127.0.0.1:PORT as descriptor 3, called NAME.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
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

int
main(int argc, char **argv)
{
	char pid[32];
	int fd;

	if (argc < 4) {
		fprintf(stderr, "usage: listen_run NAME PORT COMMAND ARG...\n");
		return 64;
	}
	fd = listen_on((unsigned)atoi(argv[2]));
	if (fd == -1 || (fd != FIRST_FD && dup2(fd, FIRST_FD) == -1)) {
		perror("listen_run");
		return 1;
	}
	if (fd != FIRST_FD)
		close(fd);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", argv[1], 1);
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 127;
}
