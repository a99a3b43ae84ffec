/* Owns opening the socket. Must not know who comes. */
#include "publishd/tls_listen.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/tls_url.h"

enum { BACKLOG = 128 };

static int
listen_on(const struct addrinfo *ai)
{
	int on = 1,
	    fd = socket(
		ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

/* No name is looked up: the loop may be running. */
int
tls_listen(const char *text)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	const char *why;
	struct tls_url url;
	int fd, error;

	if (tls_url_parse(&url, text, &why) == -1) {
		log_warnx("tls: %s: %s", text, why);
		return -1;
	}
	error = getaddrinfo(strcmp(url.host, "*") == 0 ? NULL : url.host,
	    url.port, &hints, &found);
	if (error != 0) {
		log_warnx(
		    "tls: %s: to listen it must be an address, or *", text);
		return -1;
	}
	fd = listen_on(found);
	if (fd == -1)
		log_warn("tls: cannot listen on %s", text);
	freeaddrinfo(found);
	return fd;
}
