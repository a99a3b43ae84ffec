/*
 * free_port: prints a port that is free on 127.0.0.1 for UDP and TCP alike, and
 * that no client is given: BIND and dig let others use a UDP port beside them,
 * so dig could be given the very port that it asks, and read its own question.
 * It is free again when this ends, so whoever wants it takes it soon.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST = 10240, CLIENTS = 32768 /* Linux's own default */ };

/* The first port that clients are given. */
static unsigned
first_of_clients(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");
	unsigned first = 0;

	if (f != NULL) {
		if (fscanf(f, "%u", &first) != 1)
			first = 0;
		fclose(f);
	}
	return first > FIRST ? first : CLIENTS;
}

/* Bound until we end. */
static bool
is_free(int type, unsigned port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons((unsigned short)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, type, 0);

	if (fd != -1 && bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0)
		return true;
	close(fd);
	return false;
}

int
main(void)
{
	unsigned n = first_of_clients() - FIRST, any;

	for (int i = 0; i < 1000; i++) {
		if (getrandom(&any, sizeof(any), 0) != sizeof(any))
			break;
		if (is_free(SOCK_STREAM, FIRST + any % n) &&
		    is_free(SOCK_DGRAM, FIRST + any % n)) {
			printf("%u\n", FIRST + any % n);
			return 0;
		}
	}
	fprintf(stderr, "free_port: no port is free\n");
	return 1;
}
