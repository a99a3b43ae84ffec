/*
 * One question on the wire, and all who wait for its answer. Only
 * dns_exchange uses this.
 */
#ifndef DNSMAIL_DNS_ATTEMPT_H
#define DNSMAIL_DNS_ATTEMPT_H

#include <sys/queue.h>

#include "complaint.h"
#include "dns_exchange.h"
#include "dns_ids.h"
#include "siphash.h"

enum {
	DNS_QUERY_OCTETS = 12 + 255 + 4 + 11, /* header, question, OPT */
	DNS_DATAGRAM_MAX = 65535,
	DNS_BUCKETS = 1024, /* of the table of attempts; a power of two */
};

/* One who waits. */
struct dns_query {
	LIST_ENTRY(dns_query) link;  /* in its exchange */
	TAILQ_ENTRY(dns_query) mate; /* in its attempt */
	struct dns_exchange *exchange;
	struct dns_attempt *attempt; /* NULL: refused; the timer tells */
	dns_reply_fn *done;
	void *arg;
	ev_timer timer;  /* its deadline */
	const char *why; /* it was refused */
	bool telling;    /* inside the callback */
};

struct dns_attempt {
	LIST_ENTRY(dns_attempt) chain; /* in its bucket */
	TAILQ_ENTRY(dns_attempt) age;  /* in its exchange */
	struct dns_exchange *exchange;
	struct net_address server;
	struct dns_question question;
	TAILQ_HEAD(, dns_query) queries; /* who has waited longest first */
	struct dns_account *account;
	double began;
	bool held;   /* counted in the budget */
	bool ending; /* out of the exchange; its queries are being told */

	uint16_t id;
	unsigned edns; /* 0: the server does not like it */
	uint8_t packet[DNS_QUERY_OCTETS];
	size_t packet_len;

	int fd; /* UDP, or -1 */
	ev_io io;
	struct dns_stream *stream; /* TCP, or NULL */
	bool tcp;                  /* counted in the budget */
	ev_timer timer;            /* retransmission */
	double interval;           /* until the next one */
	bool broken;     /* what came by UDP was not ours, or no message */
	const char *why; /* failed; fed to the timer: told by the loop */
	enum dns_outcome outcome;
};

struct dns_exchange {
	struct ev_loop *loop;
	struct dns_limits limits;
	struct dns_budget *budget;
	size_t pending;
	uint64_t packets, strays;
	LIST_HEAD(, dns_query) queries;
	TAILQ_HEAD(, dns_attempt) attempts; /* the oldest first */
	LIST_HEAD(, dns_attempt) buckets[DNS_BUCKETS];
	uint8_t key[SIPHASH_KEY];
	struct complaint complaint; /* of what the budget refused */
	struct metrics *metrics;    /* or NULL */
	size_t first;               /* row there */
	struct dns_ids ids;
	uint8_t datagram[DNS_DATAGRAM_MAX];
};

/*
 * Fields exchange, server, question, account, held and began are set; it is
 * in the exchange's list and table. From here on it tells its queries itself
 * and is gone then.
 */
void dns_attempt_begin(struct dns_attempt *);
/* Once more from the start, for those who still wait. */
void dns_attempt_again(struct dns_attempt *);
/* From anywhere: what it holds is given back, the loop tells its queries. */
void dns_attempt_fail(struct dns_attempt *, enum dns_outcome, const char *why);
/* Nobody waits for it. */
void dns_attempt_free(struct dns_attempt *);

/* dns_exchange's, for its attempts: q is told and gone. */
void dns_query_tell(struct dns_query *, const struct dns_reply *);
void dns_exchange_count(struct dns_exchange *, size_t dns_count, int64_t n);
/* Counts and, now and then, logs it; the words for it. */
const char *dns_exchange_refused(
    struct dns_exchange *, enum dns_refusal, const struct net_address *server);

#endif
