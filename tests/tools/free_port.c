/*
 * free_port: prints a port that is free on 127.0.0.1 for UDP and TCP alike.
 * It is free again when this ends, so whoever wants it takes it soon.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int
bind_port(int type, unsigned port, unsigned *port_r)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons((unsigned short)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, type, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1) {
		close(fd);
		return -1;
	}
	*port_r = ntohs(sin.sin_port);
	return fd;
}

int
main(void)
{
	for (int i = 0; i < 1000; i++) {
		unsigned port, same;
		int tcp = bind_port(SOCK_STREAM, 0, &port);

		if (tcp != -1 && bind_port(SOCK_DGRAM, port, &same) != -1) {
			printf("%u\n", port);
			return 0;
		}
		close(tcp);
	}
	fprintf(stderr, "free_port: no port is free\n");
	return 1;
}
