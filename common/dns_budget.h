/*
 * How much may be asked: of all servers together, and of each. Whoever sends
 * mail chooses the servers that are asked about it, so without this anybody
 * could have us flood a name server with the questions of his mails, or hold
 * all our questions with servers that never answer. Pure: time is an argument.
 *
 * A server is an IPv4 address, or the /64 of an IPv6 address, whatever the
 * port. Its packets are a token bucket of one second, so what was learnt of a
 * server may be forgotten after that: the table never holds more servers than
 * four times the questions allowed under way; over it nobody new is asked.
 */
#ifndef DNSMAIL_DNS_BUDGET_H
#define DNSMAIL_DNS_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

#include "net_address.h"

/* 0: no bound, but for queries. */
struct dns_limits {
	unsigned queries;    /* under way in total */
	unsigned per_server; /* of those, to one server */
	unsigned rate;       /* packets a second to one server */
	unsigned tcp;        /* connections in total */
	unsigned tcp_per_server;
	bool share; /* the same question of the same server goes out once */
};

enum dns_refusal {
	DNS_MAY, /* not refused */
	DNS_OVER_QUERIES,
	DNS_OVER_PER_SERVER,
	DNS_OVER_RATE,
	DNS_OVER_TCP,
	DNS_REFUSAL__COUNT
};
extern const char *const dns_refusal_texts[DNS_REFUSAL__COUNT];

struct dns_budget;
struct dns_account; /* what one server has of it */

/* NULL: out of memory. The limits are copied. */
struct dns_budget *dns_budget_new(const struct dns_limits *);
void dns_budget_free(struct dns_budget *);
/*
 * What is under way stays. It needs no memory: without some it only gets
 * slower.
 */
void dns_budget_limit(struct dns_budget *, const struct dns_limits *);

/*
 * A question begins. The account is good until its dns_budget_end(). Server
 * NULL: one of our own, for which `queries` alone counts; its account is NULL.
 * `now` of one clock that never goes back, in seconds.
 */
enum dns_refusal dns_budget_begin(struct dns_budget *,
    const struct net_address *server, double now, struct dns_account **);
/* A packet to it goes out. */
enum dns_refusal dns_budget_packet(
    struct dns_budget *, struct dns_account *, double now);
/* It gets a TCP connection, until its end. */
enum dns_refusal dns_budget_tcp(struct dns_budget *, struct dns_account *);
/* tcp: it had one. */
void dns_budget_end(
    struct dns_budget *, struct dns_account *, double now, bool tcp);

size_t dns_budget_queries(const struct dns_budget *);
size_t dns_budget_servers(const struct dns_budget *);

#endif
