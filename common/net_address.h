/*
 * Where a name server is: an IPv4 or IPv6 address with a port. Written
 * ADDRESS or ADDRESS@PORT (protocol.md 2.4). No name is ever looked up.
 */
#ifndef DNSMAIL_NET_ADDRESS_H
#define DNSMAIL_NET_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct net_address {
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	};
};

struct net_addresses {
	struct net_address *v;
	size_t n;
};

/* An IPv4 or IPv6 network; IPv4 matches its v4-mapped IPv6 form too. */
struct network {
	sa_family_t family;
	unsigned char bytes[16];
	unsigned bits;
};

struct networks {
	struct network *v;
	size_t n;
};

enum { NET_ADDRESS_TEXT_MAX = 64 };

/* `n` bytes of text; port 53 unless @PORT is there. 0, or -1: no address. */
int net_address_parse(struct net_address *, const char *text, size_t n);
socklen_t net_address_len(const struct net_address *);
unsigned net_address_port(const struct net_address *);
bool net_address_equal(const struct net_address *,
    const struct net_address *); /* address and port */

/* "ADDRESS@PORT" in buf (NET_ADDRESS_TEXT_MAX bytes); returns buf. */
const char *net_address_text(const struct net_address *, char *buf);

/* "ADDRESS/BITS", or "ADDRESS" for one host; host bits must be zero. */
int network_parse(struct network *, const char *text);
bool network_contains(const struct network *, const struct net_address *);
bool networks_contain(const struct networks *, const struct net_address *);

#endif
