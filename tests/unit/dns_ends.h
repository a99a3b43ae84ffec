/*
 * Both ends of dns_exchange in one process, for its unit tests: who asks, and
 * a server that sends back what it gets as its answer.
 */
#ifndef DNSMAIL_TESTS_DNS_ENDS_H
#define DNSMAIL_TESTS_DNS_ENDS_H

#include "common/dns_exchange.h"

enum { QUERIES = 4 };

struct fixture {
	struct ev_loop *loop;
	struct dns_exchange *exchange;
	struct net_address address;
	struct dns_question question;
	int server;

	struct dns_query *queries[QUERIES];
	unsigned told;
	enum dns_outcome outcome;
	void (*on_reply)(struct fixture *, size_t which);
	bool asking;
};
extern struct fixture f;

/* cmocka's setup and teardown */
int dns_ends_setup(void **);
int dns_ends_teardown(void **);

void ask(size_t which, double timeout);
/* Until no question is under way; each ends by its own deadline. */
void run(void);
/* The server takes one query and sends it back as its answer. */
void serve(void);
/* The lowest descriptor that is free: the same before and after. */
int free_descriptor(void);

/* For on_reply. */
void cancel_all(struct fixture *, size_t which);
void free_exchange(struct fixture *, size_t which);

#endif
