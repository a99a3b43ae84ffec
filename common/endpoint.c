/* Listening sockets: how they are written, made, and made safely. */
#include "endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

static int
parse_unix(struct endpoint *e, const char *path, const char **why_r)
{
	struct sockaddr_un *sun = (struct sockaddr_un *)&e->sa;
	size_t n = strlen(path);

	if (path[0] != '/') {
		*why_r = "the path is not absolute";
		return -1;
	}
	if (n >= sizeof(sun->sun_path)) {
		*why_r = "the path is longer than 107 octets";
		return -1;
	}
	sun->sun_family = AF_UNIX;
	memcpy(sun->sun_path, path, n + 1);
	e->sa_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
	return 0;
}

/* PORT@: digits and an '@'; the rest is the host. NULL: not so. */
static const char *
parse_port(const char *text, in_port_t *port_r)
{
	size_t n = strspn(text, "0123456789");
	unsigned long port = strtoul(text, NULL, 10);

	if (n == 0 || n > 5 || port > UINT16_MAX || text[n] != '@')
		return NULL;
	*port_r = htons((uint16_t)port);
	return text + n + 1;
}

static int
parse_inet(struct endpoint *e, const char *text, const char **why_r)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&e->sa;
	const char *host = parse_port(text, &sin->sin_port);

	if (host == NULL || inet_pton(AF_INET, host, &sin->sin_addr) != 1) {
		*why_r = "after \"inet:\" comes PORT@IPV4-ADDRESS";
		return -1;
	}
	sin->sin_family = AF_INET;
	e->sa_len = sizeof(*sin);
	return 0;
}

static int
parse_inet6(struct endpoint *e, const char *text, const char **why_r)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&e->sa;
	const char *host = parse_port(text, &sin6->sin6_port);

	if (host == NULL || inet_pton(AF_INET6, host, &sin6->sin6_addr) != 1) {
		*why_r = "after \"inet6:\" comes PORT@IPV6-ADDRESS";
		return -1;
	}
	sin6->sin6_family = AF_INET6;
	e->sa_len = sizeof(*sin6);
	return 0;
}

static const struct scheme {
	const char *prefix;
	int (*parse)(struct endpoint *, const char *rest, const char **why_r);
} schemes[] = {
	{ "unix:", parse_unix },
	{ "inet:", parse_inet },
	{ "inet6:", parse_inet6 },
};

int
endpoint_parse(struct endpoint *e, const char *text, const char **why_r)
{
	memset(&e->sa, 0, sizeof(e->sa));
	e->sa_len = 0;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i].prefix);

		if (strncmp(text, schemes[i].prefix, n) == 0)
			return schemes[i].parse(e, text + n, why_r);
	}
	*why_r = "begins with none of unix:, inet:, inet6:";
	return -1;
}

static int
open_socket(const struct endpoint *e)
{
	return socket(
	    e->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Does anyone listen there? Errors count as yes: then nothing is removed. */
static bool
is_live(const struct endpoint *e)
{
	int fd = open_socket(e);
	bool live = fd == -1 ||
	    connect(fd, (const struct sockaddr *)&e->sa, e->sa_len) == 0 ||
	    errno != ECONNREFUSED;

	if (fd != -1)
		close(fd);
	return live;
}

/* Makes way for a socket file: only a socket that nobody serves is removed. */
static int
remove_stale(const struct endpoint *e)
{
	const char *path = ((const struct sockaddr_un *)&e->sa)->sun_path;
	struct stat st;

	if (lstat(path, &st) == -1) {
		if (errno == ENOENT)
			return 0;
		log_warn("%s", e->text);
		return -1;
	}
	if (!S_ISSOCK(st.st_mode)) {
		log_warnx("%s: there is a file that is no socket", e->text);
		return -1;
	}
	if (is_live(e)) {
		log_warnx("%s: another process listens there", e->text);
		return -1;
	}
	if (unlink(path) == -1 && errno != ENOENT) {
		log_warn("%s: remove the stale socket", e->text);
		return -1;
	}
	return 0;
}

int
endpoint_own(const struct endpoint *e, mode_t mode, const char *group)
{
	const char *path = ((const struct sockaddr_un *)&e->sa)->sun_path;

	if (chmod(path, mode) == -1) {
		log_warn("%s: chmod", e->text);
		return -1;
	}
	if (group != NULL && group[0] != '\0') {
		const struct group *gr = getgrnam(group);

		if (gr == NULL) {
			log_warnx(
			    "%s: there is no group \"%s\"", e->text, group);
			return -1;
		}
		if (lchown(path, (uid_t)-1, gr->gr_gid) == -1) {
			log_warn("%s: chown to group \"%s\"", e->text, group);
			return -1;
		}
	}
	return 0;
}

static int
set_options(const struct endpoint *e, int fd)
{
	int on = 1;

	if (e->sa.ss_family == AF_UNIX)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1)
		return -1;
	if (e->sa.ss_family == AF_INET6)
		return setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	return 0;
}

static int
begin_listening(const struct endpoint *e, int fd)
{
	if (listen(fd, SOMAXCONN) == 0)
		return 0;
	log_warn("%s: cannot listen", e->text);
	return -1;
}

void
endpoint_remove(const struct endpoint *e)
{
	if (e->sa.ss_family == AF_UNIX)
		unlink(((const struct sockaddr_un *)&e->sa)->sun_path);
}

int
endpoint_listen(const struct endpoint *e, mode_t mode, const char *group)
{
	bool is_unix = e->sa.ss_family == AF_UNIX;
	int fd;

	if (is_unix && remove_stale(e) == -1)
		return -1;
	fd = open_socket(e);
	if (fd == -1 || set_options(e, fd) == -1 ||
	    bind(fd, (const struct sockaddr *)&e->sa, e->sa_len) == -1) {
		log_warn("%s: cannot listen", e->text);
		close(fd);
		return -1;
	}
	/* Before listen() every connect() is refused, whatever the mode. */
	if ((!is_unix || endpoint_own(e, mode, group) == 0) &&
	    begin_listening(e, fd) == 0)
		return fd;
	endpoint_remove(e);
	close(fd);
	return -1;
}

int
endpoint_connect(const struct endpoint *e)
{
	int fd = open_socket(e);

	if (fd != -1 &&
	    connect(fd, (const struct sockaddr *)&e->sa, e->sa_len) == -1 &&
	    errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}
