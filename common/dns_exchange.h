/*
 * One question, one answer, asynchronously on libev: UDP from a random port
 * with a random ID, retransmission, TCP on truncation, one deadline. An
 * answer counts only from the asked address, with our ID and question. No
 * descriptor outlives its exchange.
 *
 * What is under way is bounded (dns_budget.h). A question with DNS_RD goes to
 * a resolver of our own: for it the total counts, not what protects servers
 * of others. Where the total is reached, the question that has been without an
 * answer for longest makes room, if that is a second or more: servers that
 * never answer do not keep out those that do.
 */
#ifndef DNSMAIL_DNS_EXCHANGE_H
#define DNSMAIL_DNS_EXCHANGE_H

#include <ev.h>

#include "dns_answer.h"
#include "dns_budget.h"

struct dns_exchange; /* the asker: one per daemon */
struct dns_query;    /* one who waits for an answer */
struct metrics;

enum dns_outcome {
	DNS_ANSWERED, /* a well-formed message; look at rcode */
	DNS_TIMED_OUT,
	DNS_UNREACHABLE, /* the system said so; errno text in why */
	DNS_GARBLED,     /* what came was no DNS message or never ended */
	DNS_OVER_BUDGET, /* over a limit, or no memory */
	DNS_OUTCOME__COUNT
};

struct dns_reply {
	enum dns_outcome outcome;
	unsigned rcode;
	bool ad, aa;
	const uint8_t *msg; /* NULL unless DNS_ANSWERED; valid */
	size_t len;         /* in the callback only */
	bool away;          /* unreachable at once: perhaps it is restarted */
	const char *why;    /* words, never NULL */
};
typedef void dns_reply_fn(void *arg, const struct dns_reply *);

/* What an exchange counts, in a daemon's table of metrics. */
enum dns_count {
	DNS_COUNT_UNDER_WAY, /* gauge: questions on the wire */
	DNS_COUNT_PACKETS,   /* each transmission */
	DNS_COUNT_SHARED,    /* askers who joined a question under way */
	DNS_COUNT_STRAYS,    /* UDP answers that were not ours */
	DNS_COUNT_TCP,       /* connections begun */
	DNS_COUNT_MADE_ROOM, /* given up for a new one */
	DNS_COUNT_REFUSED,   /* four, as dns_refusal has them from 1 on */
	DNS_COUNT__COUNT = DNS_COUNT_REFUSED + DNS_REFUSAL__COUNT - 1
};

/*
 * Not to be used on both sides of a fork: the query IDs would be the same.
 * NULL: out of memory.
 */
struct dns_exchange *dns_exchange_new(
    struct ev_loop *, const struct dns_limits *);
void dns_exchange_free(struct dns_exchange *); /* cancels all */
/* From now on. */
void dns_exchange_limit(struct dns_exchange *, const struct dns_limits *);
/* Counts in rows `first` to first + DNS_COUNT__COUNT - 1 from now on. */
void dns_exchange_meter(struct dns_exchange *, struct metrics *, size_t first);

/*
 * `timeout` seconds from now, retries included. The callback never runs
 * inside this call, exactly once otherwise. NULL: out of memory.
 */
struct dns_query *dns_exchange_ask(struct dns_exchange *,
    const struct net_address *, const struct dns_question *, double timeout,
    dns_reply_fn *, void *arg);
/* No callback; inside a callback too, its own included. NULL is fine. */
void dns_query_cancel(struct dns_query *);
size_t dns_exchange_pending(const struct dns_exchange *);
/* Packets sent since the start (each transmission counts). */
uint64_t dns_exchange_packets(const struct dns_exchange *);
/* UDP answers that were not ours though they came to our port. */
uint64_t dns_exchange_strays(const struct dns_exchange *);

#endif
