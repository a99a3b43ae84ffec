/*
 * Owns: what nng is told when it writes to a peer that has died. This takes
 * the place of libc's sendmsg(2) in the whole program.
 *
 * nng 1.5.2 closes a connection at the first failed write, even while it reads
 * what the peer had sent before; a read that is between the head of a message
 * and its rest is then lost, and with it the reaper thread (ipc_socket.h).
 * Measured: nearly every client that is killed under load does that, and from
 * then on each connection that ends keeps its descriptor. So nng does not
 * learn of it by writing: it reads to the end, and ends in good order.
 */
#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool
is_unix_stream(int fd)
{
	int domain = 0, type = 0;
	socklen_t n = sizeof(domain), m = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &m) == 0 &&
	    domain == AF_UNIX && type == SOCK_STREAM;
}

static ssize_t
length(const struct msghdr *msg)
{
	size_t n = 0;

	for (size_t i = 0; i < msg->msg_iovlen; i++)
		n += msg->msg_iov[i].iov_len;
	return (ssize_t)n;
}

ssize_t
sendmsg(int fd, const struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_sendmsg, fd, msg, flags);
	int error = errno;

	if (n >= 0)
		return n;
	if ((error == EPIPE || error == ECONNRESET) && is_unix_stream(fd))
		return length(msg);
	errno = error;
	return n;
}
