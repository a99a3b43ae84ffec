/* Text to address and back, and which network holds which address. */
#include "net_address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DNS_PORT = 53, V4_BYTES = 4, V6_BYTES = 16 };

/* Decimal digits only: no sign, no blank; -1 when it is more than max. */
static long
parse_number(const char *text, size_t n, long max)
{
	long value = 0;

	if (n == 0 || n > 9)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value <= max ? value : -1;
}

int
net_address_parse(struct net_address *a, const char *text, size_t n)
{
	const char *at = memchr(text, '@', n);
	size_t host_len = at != NULL ? (size_t)(at - text) : n;
	char host[INET6_ADDRSTRLEN];
	long port = DNS_PORT;

	memset(a, 0, sizeof(*a));
	if (at != NULL)
		port = parse_number(at + 1, n - host_len - 1, UINT16_MAX);
	if (host_len == 0 || host_len >= sizeof(host) || port < 1 ||
	    memchr(text, '\0', host_len) != NULL)
		return -1;
	memcpy(host, text, host_len);
	host[host_len] = '\0';
	if (inet_pton(AF_INET, host, &a->in4.sin_addr) == 1) {
		a->in4.sin_family = AF_INET;
		a->in4.sin_port = htons((uint16_t)port);
		return 0;
	}
	if (inet_pton(AF_INET6, host, &a->in6.sin6_addr) == 1) {
		a->in6.sin6_family = AF_INET6;
		a->in6.sin6_port = htons((uint16_t)port);
		return 0;
	}
	return -1;
}

socklen_t
net_address_len(const struct net_address *a)
{
	return a->sa.sa_family == AF_INET ? sizeof(a->in4) : sizeof(a->in6);
}

unsigned
net_address_port(const struct net_address *a)
{
	return ntohs(
	    a->sa.sa_family == AF_INET ? a->in4.sin_port : a->in6.sin6_port);
}

/* The address's octets; a v4-mapped IPv6 address counts as IPv4. */
static const unsigned char *
address_bytes(const struct net_address *a, sa_family_t *family_r)
{
	const unsigned char *bytes = (const unsigned char *)&a->in6.sin6_addr;

	*family_r = AF_INET;
	if (a->sa.sa_family == AF_INET)
		return (const unsigned char *)&a->in4.sin_addr;
	if (a->sa.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return bytes + V6_BYTES - V4_BYTES;
	*family_r = a->sa.sa_family;
	return bytes;
}

bool
net_address_equal(const struct net_address *a, const struct net_address *b)
{
	if (a->sa.sa_family != b->sa.sa_family ||
	    net_address_port(a) != net_address_port(b))
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in4.sin_addr.s_addr == b->in4.sin_addr.s_addr;
	return memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, V6_BYTES) == 0;
}

const char *
net_address_text(const struct net_address *a, char *buf)
{
	const void *bytes = a->sa.sa_family == AF_INET
	    ? (const void *)&a->in4.sin_addr
	    : (const void *)&a->in6.sin6_addr;
	char host[INET6_ADDRSTRLEN];

	if (inet_ntop(a->sa.sa_family, bytes, host, sizeof(host)) == NULL)
		strcpy(host, "?");
	snprintf(buf, NET_ADDRESS_TEXT_MAX, "%s@%u", host, net_address_port(a));
	return buf;
}

/* Are all bits of `bytes` from `bits` on zero? */
static bool
host_bits_zero(const unsigned char *bytes, unsigned bits, unsigned n)
{
	for (unsigned i = bits; i < n * 8; i++)
		if (bytes[i / 8] & (0x80 >> (i % 8)))
			return false;
	return true;
}

int
network_parse(struct network *net, const char *text)
{
	const char *slash = strchr(text, '/');
	size_t host_len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char host[INET6_ADDRSTRLEN];
	unsigned n;
	long bits;

	memset(net, 0, sizeof(*net));
	if (host_len >= sizeof(host))
		return -1;
	memcpy(host, text, host_len);
	host[host_len] = '\0';
	if (inet_pton(AF_INET, host, net->bytes) == 1)
		net->family = AF_INET, n = V4_BYTES;
	else if (inet_pton(AF_INET6, host, net->bytes) == 1)
		net->family = AF_INET6, n = V6_BYTES;
	else
		return -1;
	bits = (long)n * 8;
	if (slash != NULL)
		bits = parse_number(slash + 1, strlen(slash + 1), bits);
	if (bits < 0 || !host_bits_zero(net->bytes, (unsigned)bits, n))
		return -1;
	net->bits = (unsigned)bits;
	return 0;
}

bool
network_contains(const struct network *net, const struct net_address *a)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	sa_family_t family;
	const unsigned char *bytes = address_bytes(a, &family);

	/* ::ffff:0:0/96 and longer speak of mapped addresses themselves. */
	if (net->family == AF_INET6 && a->sa.sa_family == AF_INET6) {
		bytes = (const unsigned char *)&a->in6.sin6_addr;
		family = AF_INET6;
	}
	if (family != net->family || memcmp(bytes, net->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    ((bytes[whole] ^ net->bytes[whole]) >> (8 - rest)) == 0;
}

bool
networks_contain(const struct networks *nets, const struct net_address *a)
{
	for (size_t i = 0; i < nets->n; i++)
		if (network_contains(&nets->v[i], a))
			return true;
	return false;
}
