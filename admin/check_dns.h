/* Questions to name servers, all at once, and their answers. */
#ifndef DNSMAIL_CHECK_DNS_H
#define DNSMAIL_CHECK_DNS_H

#include "admin/check_run.h"

struct check_question {
	struct net_address server;
	struct dns_question question;

	/* filled: */
	enum dns_outcome outcome;
	unsigned rcode;
	bool aa;
	uint8_t *msg; /* malloc'd; NULL unless DNS_ANSWERED */
	size_t len;
	char why[128];                          /* in words */
	double ms;                              /* until the answer */
	char server_text[NET_ADDRESS_TEXT_MAX]; /* without @53 */

	struct dns_query *query; /* check_dns.c's */
	double began;
};

/* name: presentation form. false: it is no name. */
bool check_question_init(struct check_question *, const struct net_address *,
    const char *name, uint16_t type, uint16_t flags);
/* Returns when all have an answer or none will come: at most ~5 s. */
void check_dns_ask(struct check_run *, struct check_question *, size_t n);
void check_dns_free(struct check_question *, size_t n);
void check_dns_pause(struct check_run *); /* a moment, between two questions */

#endif
