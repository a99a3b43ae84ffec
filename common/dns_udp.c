/*
 * Owns how a datagram leaves. Must not know what is in it.
 */
#include "dns_udp.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

int
dns_udp_open(const struct net_address *server)
{
	int type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(server->sa.sa_family, type, 0);

	if (fd != -1 &&
	    connect(fd, &server->sa, net_address_len(server)) == -1) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

int
dns_udp_send(int fd, const uint8_t *msg, size_t len)
{
	if (send(fd, msg, len, MSG_NOSIGNAL) == -1 && errno != EAGAIN &&
	    errno != ENOBUFS && errno != EINTR)
		return -1;
	return 0;
}
