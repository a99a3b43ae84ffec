/*
 * What a recursive resolver answered about dnsmail.<domain>, the server list,
 * about _policy.dnsmail.<domain>, the domain's wish, or about <domain>.<zone>
 * of a domain list: how long it may be kept, and whether DNSSEC vouches for
 * it. Pure.
 */
#ifndef DNSMAIL_VERIFYD_LIST_ANSWER_H
#define DNSMAIL_VERIFYD_LIST_ANSWER_H

#include "common/dns_message.h"
#include "verifyd/server_list.h"
#include "verifyd/verify.h"
#include "verifyd/wish.h"

enum {
	LIST_KEEP_MAX = 3600,         /* seconds, protocol.md section 4 */
	LIST_KEEP_NEGATIVE_MAX = 300, /* likewise */
	LIST_KEEP_NEGATIVE = 60,      /* where there is no SOA, RFC 2308 5 */
};

struct list_answer {
	enum lookup_outcome outcome; /* NO_RECORD: does not take part */
	bool ad;
	bool nothing_below; /* no such name: nor any below it, RFC 8020 */
	uint32_t keep;      /* seconds; 0: not to be kept */
	struct wish wish;
	struct server_list list; /* or a domain list's addresses; last: kept
				    cut to its length */
};

/*
 * A whole answer with rcode NOERROR or NXDOMAIN to a question for `name`: TXT
 * for a server list (the first) or a wish (the second), A for a domain list
 * (the third: the first SERVER_LIST_MAX addresses). CNAMEs are followed inside
 * the answer.
 */
typedef void list_answer_fn(struct list_answer *, const uint8_t *msg,
    size_t len, const struct dns_name *name);
list_answer_fn list_answer_read, list_answer_wish, list_answer_addresses;

/* Octets of it that count. */
size_t list_answer_size(const struct list_answer *);

#endif
