/*
 * The algorithm of protocol.md section 4 for one message: what to look up
 * next, and from the answers a verification. Pure: it is told what the
 * servers said, and what time it is; it sends nothing and waits for nothing.
 *
 * Order of the checks. Before any look-up, without one ever: From: (even of a
 * message without an ID, or two From: fields would hide that a domain of
 * `require` wrote none), too-many-ids, bad-id, duplicate-id. A From that
 * parses but cannot stand in a record (quoted local part) is bad-from only
 * if there are IDs; without, its domain counts as any, or quotes would be the
 * way around `require`.
 *
 * Then the chain, for each recipient. All IDs of the domain in turn are
 * looked up at once: a signer splits many recipients over several IDs. Of
 * several complete chains the best counts (pass before policy, content
 * intact before the others, fewer hops). Where none is complete:
 *  - anything that may end differently later (temperror) comes first,
 *  - then the failure at the furthest hop,
 *  - then the last of enum verify_reason.
 * A message is as good as its worst recipient. `recipient-mismatch`: the chain
 * is sound and ends at somebody else, with no ID left over; `unlinked`: there
 * are IDs, but none of the domain that must vouch next, or beyond max-hops.
 */
#ifndef DNSMAIL_VERIFYD_VERIFY_H
#define DNSMAIL_VERIFYD_VERIFY_H

#include <time.h>

#include "common/config.h"
#include "common/message_id.h"
#include "verifyd/verification.h"

/* Read during verify_new() only. */
struct verify_field {
	const char *value;
	size_t len;
};
struct verify_input {
	const char *const *recipients; /* RCPT arguments, raw */
	size_t n_recipients;
	const struct verify_field *from; /* every From: field */
	size_t n_from;
	const struct verify_field *ids; /* every DNS-Mail-ID field */
	size_t n_ids;
};

/* The lists must live as long as the verify. */
struct verify_limits {
	time_t now;
	double max_age;  /* seconds */
	size_t max_ids;  /* VERIFY_IDS_MAX counts where it is less */
	size_t max_hops; /* 1 or more */
	const struct strings *trusted_forwarders;
	const struct strings *require;
	bool missing_matters; /* there is an action for a missing ID, so
				 not to know is a temperror */
};

struct verify;
struct evidence;

/* How the look-up of one ID, or of a domain's server list, ended. */
enum lookup_outcome {
	LOOKUP_FOUND,     /* texts were taken in; the list is there */
	LOOKUP_NO_RECORD, /* every server has nothing usable */
	LOOKUP_NO_USABLE_SERVER,
	LOOKUP_TIMEOUT,
	LOOKUP_SERVFAIL,
	LOOKUP_REFUSED,
	LOOKUP_OVER_BUDGET,
	LOOKUP__COUNT
};

/* NULL: out of memory. */
struct verify *verify_new(
    const struct verify_limits *, const struct verify_input *);
void verify_free(struct verify *);

/* The digest of the message in hand, canon.h's form. Before the first text, or
   never: then no record's binding counts. */
void verify_content(struct verify *, const char *digest);

/*
 * The next ID to look up, each once, and *which_r to name it by; NULL: none
 * for now. To be asked again after each verify_looked_up().
 */
const struct message_id *verify_want(struct verify *, size_t *which_r);

/* One TXT text at that ID. */
void verify_text(struct verify *, size_t which, const char *text, size_t n);
/* Was there a record of the author among the texts? Else other servers may
   know better. */
bool verify_satisfied(const struct verify *, size_t which);
void verify_looked_up(
    struct verify *, size_t which, enum lookup_outcome, bool ad);

/*
 * A message without IDs: the domain of which is to be looked up whether it
 * takes part, or NULL; and the answer.
 */
const char *verify_want_domain(const struct verify *);
void verify_domain(
    struct verify *, enum lookup_outcome, bool takes_part, bool ad);

bool verify_done(const struct verify *);

/* When done: what the author's domain wishes, if that was looked up; what
   domain lists say of the domains that vouch. */
void verify_wish(struct verify *, const struct wish *);
void verify_reputation(struct verify *, const struct reputation *);

/* When done; lives as long as the verify. */
const struct verification *verify_verdict(const struct verify *);

/* What the records said so far: for who explains it. */
const struct evidence *verify_evidence(const struct verify *);

#endif
