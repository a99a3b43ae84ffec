/*
 * What verifying a message came to: the words of protocol.md sections 4 and 6,
 * which are closed lists.
 */
#ifndef DNSMAIL_VERIFYD_VERIFICATION_H
#define DNSMAIL_VERIFYD_VERIFICATION_H

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "verifyd/reputation.h"
#include "verifyd/wish.h"

enum { VERIFY_IDS_MAX = 64 }; /* max-ids is never more */

enum verify_result {
	VERIFY_NONE,
	VERIFY_PASS,
	VERIFY_POLICY,
	VERIFY_FAIL,
	VERIFY_TEMPERROR,
	VERIFY_PERMERROR,
	VERIFY_RESULT__COUNT
};

/* Of several failures at the same hop the last one here is told. */
enum verify_reason {
	REASON_NONE,
	REASON_NO_USABLE_SERVER,
	REASON_NO_RECORD,
	REASON_BAD_RECORD,      /* TXT there, but no message record */
	REASON_SENDER_MISMATCH, /* records, but of other authors */
	REASON_UNLINKED,        /* no ID of the domain that must vouch */
	REASON_RECIPIENT_MISMATCH,
	REASON_FUTURE_DATE,
	REASON_EXPIRED,
	REASON_OVER_BUDGET,
	REASON_DNS_REFUSED,
	REASON_DNS_SERVFAIL,
	REASON_DNS_TIMEOUT,
	REASON_BAD_FROM,
	REASON_BAD_ID,
	REASON_TOO_MANY_IDS,
	REASON_DUPLICATE_ID,
	REASON_UNTRUSTED_FORWARDER,
	REASON__COUNT
};

/* Best first. */
enum verify_content {
	CONTENT_UNKNOWN, /* no complete chain */
	CONTENT_INTACT,
	CONTENT_UNBOUND,
	CONTENT_CHANGED,
	CONTENT__COUNT
};

extern const char *const verify_result_names[VERIFY_RESULT__COUNT];
extern const char *const verify_reason_names[REASON__COUNT];
extern const char *const verify_content_names[CONTENT__COUNT];

/* The result that a reason leads to. */
enum verify_result verify_reason_result(enum verify_reason);

struct verification {
	enum verify_result result;
	enum verify_reason reason;       /* REASON_NONE for pass and none */
	enum verify_content content;     /* by the first hop's binding */
	enum verify_content sealed;      /* by the last hop's */
	bool participates;               /* of `none`: the author's domain
					    takes part */
	bool dnssec;                     /* every server list was AD */
	unsigned hops;                   /* of the longest chain */
	unsigned unused;                 /* IDs never looked up */
	struct wish wish;                /* of the author's domain */
	struct reputation reputation;    /* of the verified domains */
	struct address author;           /* local "" when there is none that a
					    record could hold */
	const char *via[VERIFY_IDS_MAX]; /* forwarders' domains, in order */
	size_t n_via;
};

/* A forwarder's domain, once. */
void verification_add_via(struct verification *, const char *domain);

/*
 * The domains that vouch for the message: that of the author and of each
 * forwarder, each once; none unless the result is pass or policy. How many.
 */
enum { VERIFICATION_DOMAINS_MAX = 1 + VERIFY_IDS_MAX };
size_t verification_domains(
    const struct verification *, const char *domains[VERIFICATION_DOMAINS_MAX]);

#endif
