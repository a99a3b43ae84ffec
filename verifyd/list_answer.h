/*
 * What a recursive resolver answered about dnsmail.<domain>: the server list,
 * how long it may be kept, and whether DNSSEC vouches for it. Pure.
 */
#ifndef DNSMAIL_VERIFYD_LIST_ANSWER_H
#define DNSMAIL_VERIFYD_LIST_ANSWER_H

#include "common/dns_message.h"
#include "verifyd/server_list.h"
#include "verifyd/verify.h"

enum {
	LIST_KEEP_MAX = 3600,         /* seconds, protocol.md section 4 */
	LIST_KEEP_NEGATIVE_MAX = 300, /* likewise */
	LIST_KEEP_NEGATIVE = 60,      /* where there is no SOA, RFC 2308 5 */
};

struct list_answer {
	enum lookup_outcome outcome; /* NO_RECORD: does not take part */
	bool ad;
	uint32_t keep;           /* seconds; 0: not to be kept */
	struct server_list list; /* last: kept cut to its length */
};

/*
 * A whole answer with rcode NOERROR or NXDOMAIN to a TXT question for `name`.
 * CNAMEs are followed inside the answer.
 */
void list_answer_read(struct list_answer *, const uint8_t *msg, size_t len,
    const struct dns_name *name);

/* Octets of it that count. */
size_t list_answer_size(const struct list_answer *);

#endif
