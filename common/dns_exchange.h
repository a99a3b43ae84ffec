/*
 * One question, one answer, asynchronously on libev: UDP from a random port
 * with a random ID, retransmission, TCP on truncation, one deadline. An
 * answer counts only from the asked address, with our ID and question. No
 * descriptor outlives its exchange.
 */
#ifndef DNSMAIL_DNS_EXCHANGE_H
#define DNSMAIL_DNS_EXCHANGE_H

#include <ev.h>

#include "dns_answer.h"
#include "net_address.h"

struct dns_exchange; /* the asker: one per daemon */
struct dns_query;    /* one exchange under way */

enum dns_outcome {
	DNS_ANSWERED, /* a well-formed message; look at rcode */
	DNS_TIMED_OUT,
	DNS_UNREACHABLE, /* the system said so; errno text in why */
	DNS_GARBLED,     /* what came was no DNS message or never ended */
	DNS_OVER_BUDGET, /* too many under way, or no memory */
	DNS_OUTCOME__COUNT
};

struct dns_reply {
	enum dns_outcome outcome;
	unsigned rcode;
	bool ad, aa;
	const uint8_t *msg; /* NULL unless DNS_ANSWERED; valid */
	size_t len;         /* in the callback only */
	const char *why;    /* words, never NULL */
};
typedef void dns_reply_fn(void *arg, const struct dns_reply *);

/*
 * More than max_queries under way at once are DNS_OVER_BUDGET. Not to be used
 * on both sides of a fork: the query IDs would be the same.
 */
struct dns_exchange *dns_exchange_new(struct ev_loop *, unsigned max_queries);
void dns_exchange_free(struct dns_exchange *); /* cancels all */

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
