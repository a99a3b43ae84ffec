/*
 * Owns: what nng is told when it writes to a peer that has gone. This takes
 * the place of libc's sendmsg(2) in the whole program, for Unix stream
 * sockets: the write seems to succeed, and nng finds the end by reading.
 *
 * Two faults of nng before 1.6 begin with such a write (EPIPE). A listener
 * whose peer leaves during the handshake accepts nobody any more (nng issue
 * 1518; any connect() and close() does it). And a connection is closed at once
 * even while nng reads what the peer had sent before; a read that is between
 * the head of a message and its rest is then lost, and with it the one thread
 * that gives back descriptors (ipc_socket.h). Nearly every client that was
 * killed under load did that.
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
