/*
 * One question under way. Only dns_exchange uses this.
 */
#ifndef DNSMAIL_DNS_ATTEMPT_H
#define DNSMAIL_DNS_ATTEMPT_H

#include <sys/queue.h>

#include "dns_exchange.h"
#include "dns_ids.h"

enum {
	DNS_QUERY_OCTETS = 12 + 255 + 4 + 11, /* header, question, OPT */
	DNS_DATAGRAM_MAX = 65535,
};

struct dns_query {
	LIST_ENTRY(dns_query) link;
	struct dns_exchange *exchange;
	struct net_address server;
	struct dns_question question;
	dns_reply_fn *done;
	void *arg;

	uint16_t id;
	unsigned edns; /* 0: the server does not like it */
	uint8_t packet[DNS_QUERY_OCTETS];
	size_t packet_len;

	int fd; /* UDP, or -1 */
	ev_io io;
	struct dns_stream *stream; /* TCP, or NULL */
	ev_timer timer;            /* retransmission or deadline */
	double interval;           /* until the next retransmission */
	double after;              /* what is left when the timer is due */
	bool broken;     /* what came by UDP was not ours, or no message */
	bool telling;    /* inside the callback */
	const char *why; /* fed to the timer: told by the loop */
	enum dns_outcome outcome;
};

struct dns_exchange {
	struct ev_loop *loop;
	unsigned max_queries;
	size_t pending;
	uint64_t packets, strays;
	LIST_HEAD(dns_query_list, dns_query) queries;
	struct dns_ids ids;
	uint8_t datagram[DNS_DATAGRAM_MAX];
};

/*
 * Fields exchange, server, question, done and arg are set. From here on q is
 * in the exchange's list, and frees itself when it has ended.
 */
void dns_attempt_begin(struct dns_query *q, double timeout);

/* Out of the list, watchers and descriptors gone; the memory stays. */
void dns_attempt_detach(struct dns_query *q);

#endif
