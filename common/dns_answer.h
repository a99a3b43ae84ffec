/*
 * Is that an answer to our question, and a whole one? Pure.
 */
#ifndef DNSMAIL_DNS_ANSWER_H
#define DNSMAIL_DNS_ANSWER_H

#include "dns_message.h"

struct dns_question {
	struct dns_name name;
	uint16_t type;
	uint16_t flags; /* DNS_RD, DNS_AD */
	bool tcp;       /* TCP from the start */
};

enum dns_answer_kind {
	DNS_ANSWER_WHOLE,  /* ours, and well-formed to its end */
	DNS_ANSWER_CUT,    /* ours, truncated */
	DNS_ANSWER_BROKEN, /* our ID, but it cannot be read */
	DNS_ANSWER_STRAY,  /* another ID or question, or no answer at all */
};

struct dns_answer {
	enum dns_answer_kind kind;
	uint16_t flags;  /* of the header */
	unsigned rcode;  /* 12 bits, with those in the OPT (RFC 6891 6.1.3) */
	const char *why; /* in words, never NULL */
};

void dns_answer_read(struct dns_answer *, const uint8_t *msg, size_t len,
    uint16_t id, const struct dns_question *);

#endif
