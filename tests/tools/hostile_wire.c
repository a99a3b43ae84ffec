/*
 * Packets to name servers, as a packet socket sees them leave, whoever they are
 * for: so "none" is none to anybody. Knows Ethernet's types, IP, UDP and TCP.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/tools/hostile.h"

enum {
	DNS_PORT = 53,
	FORGER_PORT = 54, /* dns_fake's other-port */
	BUFFER = 8 * 1024 * 1024,
};

struct packet {
	char to[INET6_ADDRSTRLEN];
	unsigned protocol, from_port, to_port;
	unsigned id; /* of a query by UDP */
	bool opens;  /* a datagram, or the first segment of a connection */
};

/* Queries so far: one that is sent again, for want of an answer, is no new
   one. */
struct queries {
	struct packet *v;
	size_t n;
};

int
wire_open(void)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
	int size = BUFFER;

	if (fd != -1)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

/* The octets behind the IP header; 0: none of ours. */
static size_t
read_ip(struct packet *p, const unsigned char *v, size_t n)
{
	struct iphdr ip4;
	struct ip6_hdr ip6;

	if (n >= sizeof(ip4) && v[0] >> 4 == 4) {
		memcpy(&ip4, v, sizeof(ip4));
		p->protocol = ip4.protocol;
		inet_ntop(AF_INET, &ip4.daddr, p->to, sizeof(p->to));
		return ip4.ihl * 4U;
	}
	if (n >= sizeof(ip6) && v[0] >> 4 == 6) {
		memcpy(&ip6, v, sizeof(ip6));
		p->protocol = ip6.ip6_nxt;
		inet_ntop(AF_INET6, &ip6.ip6_dst, p->to, sizeof(p->to));
		return sizeof(ip6);
	}
	return 0;
}

static bool
read_packet(struct packet *p, const unsigned char *v, size_t n)
{
	size_t head = read_ip(p, v, n);

	if (head == 0 || n < head + 8 ||
	    (p->protocol != IPPROTO_UDP && p->protocol != IPPROTO_TCP))
		return false;
	v += head;
	p->from_port = (unsigned)(v[0] << 8 | v[1]);
	p->to_port = (unsigned)(v[2] << 8 | v[3]);
	p->opens = true;
	p->id = 0;
	if (p->protocol == IPPROTO_TCP)
		p->opens =
		    n >= head + 14 && (v[13] & (TH_SYN | TH_ACK)) == TH_SYN;
	else if (n >= head + 10)
		p->id = (unsigned)(v[8] << 8 | v[9]);
	return true;
}

static bool
is_new(struct queries *q, const struct packet *p)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->v[i].protocol == p->protocol && q->v[i].id == p->id &&
		    q->v[i].from_port == p->from_port &&
		    strcmp(q->v[i].to, p->to) == 0)
			return false;
	q->v = realloc(q->v, (q->n + 1) * sizeof(*q->v));
	if (q->v == NULL)
		err(1, "packets");
	q->v[q->n++] = *p;
	return true;
}

static void
count(const struct packet *p, const char *resolver, struct queries *queries,
    struct facts *facts)
{
	bool answers = p->from_port == DNS_PORT || p->from_port == FORGER_PORT;

	if (!p->opens || answers)
		return;
	if (p->to_port != DNS_PORT) {
		facts_count(facts, "elsewhere");
		return;
	}
	if (!is_new(queries, p)) {
		facts_count(facts, "again");
		return;
	}
	facts_count(
	    facts, strcmp(p->to, resolver) == 0 ? "resolver" : "servers");
	facts_count(facts, p->to);
	if (p->protocol == IPPROTO_TCP)
		facts_count(facts, "tcp");
}

/* The next packet; false: there is none. */
static bool
take(int fd, struct packet *p)
{
	unsigned char v[128];
	struct sockaddr_ll from;
	socklen_t len = sizeof(from);
	ssize_t n;

	for (;;) {
		n = recvfrom(fd, v, sizeof(v), MSG_DONTWAIT,
		    (struct sockaddr *)&from, &len);
		if (n == -1 && errno == EAGAIN)
			return false;
		if (n == -1)
			err(1, "packets");
		/* On lo each is seen twice. */
		if (from.sll_pkttype == PACKET_OUTGOING &&
		    read_packet(p, v, (size_t)n))
			return true;
	}
}

void
wire_forget(int fd)
{
	struct packet p;

	while (take(fd, &p))
		;
}

void
wire_count(int fd, const char *resolver, struct facts *facts)
{
	struct queries queries = { 0 };
	struct packet p;

	while (take(fd, &p))
		count(&p, resolver, &queries, facts);
	free(queries.v);
}
