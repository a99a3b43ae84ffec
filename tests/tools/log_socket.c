/*
 * log_socket PATH - a logger: each datagram that comes is a line on stdout.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char line[8192];
	ssize_t n;

	if (argc != 2 || fd == -1)
		return 64;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", argv[1]);
	unlink(argv[1]);
	umask(0);
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) == -1) {
		perror(argv[1]);
		return 71;
	}
	while ((n = recv(fd, line, sizeof(line) - 1, 0)) != -1) {
		line[n] = '\n';
		if (write(STDOUT_FILENO, line, (size_t)n + 1) == -1)
			return 74;
	}
	return 0;
}
