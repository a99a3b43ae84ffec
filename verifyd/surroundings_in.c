/*
 * resolv.conf and the interfaces, read with the rights of the start.
 */
#include "verifyd/surroundings_in.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "verifyd/resolv_conf.h"

static const char resolv_conf_path[] = "/etc/resolv.conf";
enum { RESOLV_CONF_SIZE_MAX = 64 * 1024 };

static size_t
read_resolv_conf(struct net_address v[RESOLV_CONF_MAX])
{
	char *text = malloc(RESOLV_CONF_SIZE_MAX);
	int fd = open(resolv_conf_path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	size_t found = 0;

	if (text != NULL && fd != -1)
		n = read(fd, text, RESOLV_CONF_SIZE_MAX);
	if (n >= 0)
		found = resolv_conf_parse(v, text, (size_t)n);
	if (fd != -1)
		close(fd);
	free(text);
	return found;
}

/* resolv.conf(5): without a name server it is the one on this host. */
static int
read_resolvers(struct surroundings *s)
{
	static const char local[] = "127.0.0.1";

	s->resolvers.v = calloc(RESOLV_CONF_MAX, sizeof(*s->resolvers.v));
	if (s->resolvers.v == NULL)
		return -1;
	s->resolvers.n = read_resolv_conf(s->resolvers.v);
	if (s->resolvers.n == 0 &&
	    net_address_parse(&s->resolvers.v[0], local, strlen(local)) == 0)
		s->resolvers.n = 1;
	return 0;
}

static bool
is_wide_ipv6(const struct in6_addr *a)
{
	return !IN6_IS_ADDR_LOOPBACK(a) && !IN6_IS_ADDR_LINKLOCAL(a);
}

static void
add_interface(struct surroundings *s, const struct sockaddr *sa)
{
	struct net_address *a = &s->own.v[s->own.n];

	if (sa == NULL)
		return;
	if (sa->sa_family == AF_INET) {
		memcpy(&a->in4, sa, sizeof(a->in4));
		s->own.n++;
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&a->in6, sa, sizeof(a->in6));
		s->own.n++;
		if (is_wide_ipv6(&a->in6.sin6_addr))
			s->have_ipv6 = true;
	}
}

static int
read_interfaces(struct surroundings *s)
{
	struct ifaddrs *all, *i;
	size_t n = 0;

	if (getifaddrs(&all) == -1)
		return -1;
	for (i = all; i != NULL; i = i->ifa_next)
		n++;
	s->own.v = calloc(n + 1, sizeof(*s->own.v));
	for (i = all; i != NULL && s->own.v != NULL; i = i->ifa_next)
		add_interface(s, i->ifa_addr);
	freeifaddrs(all);
	return s->own.v != NULL ? 0 : -1;
}

int
surroundings_read(struct surroundings *s)
{
	memset(s, 0, sizeof(*s));
	if (read_resolvers(s) == 0 && read_interfaces(s) == 0)
		return 0;
	log_warn("the addresses of this host");
	return -1;
}

void
surroundings_free(struct surroundings *s)
{
	free(s->resolvers.v);
	free(s->own.v);
	memset(s, 0, sizeof(*s));
}
