/*
 * Global unicast or not, by the special-purpose registries of IANA (RFC 6890
 * and its updates). Pure: the host's own addresses are an argument.
 */
#include "verifyd/reach.h"

#include <string.h>

const char *const reach_answer_names[REACH__COUNT] = {
	[REACH_OK] = "ok",
	[REACH_PORT] = "port",
	[REACH_NOT_GLOBAL] = "not-global",
	[REACH_OWN] = "own",
};

struct range {
	unsigned char bytes[16];
	unsigned bits;
};

static const struct range not_global4[] = {
	{ { 0 }, 8 },             /* this network */
	{ { 10 }, 8 },            /* private */
	{ { 100, 64 }, 10 },      /* carrier-grade NAT, RFC 6598 */
	{ { 127 }, 8 },           /* loopback */
	{ { 169, 254 }, 16 },     /* link-local */
	{ { 172, 16 }, 12 },      /* private */
	{ { 192, 0, 0 }, 24 },    /* protocol assignments */
	{ { 192, 0, 2 }, 24 },    /* documentation */
	{ { 192, 88, 99 }, 24 },  /* 6to4 relays, RFC 7526 */
	{ { 192, 168 }, 16 },     /* private */
	{ { 198, 18 }, 15 },      /* benchmarks */
	{ { 198, 51, 100 }, 24 }, /* documentation */
	{ { 203, 0, 113 }, 24 },  /* documentation */
	{ { 224 }, 3 },           /* multicast, reserved, broadcast */
};

/* Of IPv6 only 2000::/3 is global unicast, and in it not these. */
static const struct range global6 = { { 0x20 }, 3 };
static const struct range not_global6[] = {
	{ { 0x20, 0x01 }, 23 },             /* assignments, Teredo too */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x3f, 0xff }, 20 },             /* documentation, RFC 9637 */
};

/* IPv6 addresses that stand for the IPv4 address at an offset in them. */
static const struct embedding {
	struct range range;
	size_t offset;
} embeddings[] = {
	{ { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 }, /* NAT64, RFC 6052 */
	{ { { 0x20, 0x02 }, 16 }, 2 },              /* 6to4, RFC 3056 */
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
range_has(const struct range *r, const unsigned char *address)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;

	return memcmp(r->bytes, address, whole) == 0 &&
	    (rest == 0 ||
		(r->bytes[whole] ^ address[whole]) >> (8 - rest) == 0);
}

static bool
is_global4(const unsigned char *address)
{
	for (size_t i = 0; i < COUNT(not_global4); i++)
		if (range_has(&not_global4[i], address))
			return false;
	return true;
}

static bool
is_global6(const unsigned char *address)
{
	for (size_t i = 0; i < COUNT(embeddings); i++)
		if (range_has(&embeddings[i].range, address))
			return is_global4(address + embeddings[i].offset);
	for (size_t i = 0; i < COUNT(not_global6); i++)
		if (range_has(&not_global6[i], address))
			return false;
	return range_has(&global6, address);
}

static bool
is_global(const struct net_address *a)
{
	if (a->sa.sa_family == AF_INET)
		return is_global4((const unsigned char *)&a->in4.sin_addr);
	return a->sa.sa_family == AF_INET6 &&
	    is_global6(a->in6.sin6_addr.s6_addr);
}

static bool
same_host(const struct net_address *a, const struct net_address *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in4.sin_addr.s_addr == b->in4.sin_addr.s_addr;
	return memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr,
		   sizeof(a->in6.sin6_addr)) == 0;
}

static bool
is_own(const struct net_addresses *own, const struct net_address *a)
{
	for (size_t i = 0; i < own->n; i++)
		if (same_host(&own->v[i], a))
			return true;
	return false;
}

static bool
port_allowed(const struct ports *ports, unsigned port)
{
	for (size_t i = 0; i < ports->n; i++)
		if (port != 0 && (ports->v[i] == 0 || ports->v[i] == port))
			return true;
	return false;
}

enum reach_answer
reach_check(const struct reach *reach, const struct net_address *a)
{
	if (!port_allowed(reach->allow_ports, net_address_port(a)))
		return REACH_PORT;
	if (networks_contain(reach->allow_networks, a))
		return REACH_OK;
	if (!is_global(a))
		return REACH_NOT_GLOBAL;
	return is_own(reach->own, a) ? REACH_OWN : REACH_OK;
}
