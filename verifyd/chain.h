/*
 * The chains of custody from the author to one recipient (protocol.md section
 * 4), over what is known so far. Pure, and bounded by IDs, not by paths: a
 * place is an ID with the first hop's content and the trust kept so far, and
 * is visited once, by the shortest way.
 */
#ifndef DNSMAIL_VERIFYD_CHAIN_H
#define DNSMAIL_VERIFYD_CHAIN_H

#include "common/config.h"
#include "verifyd/evidence.h"

struct chain {
	enum verify_result result; /* as far as known, if `open` */
	enum verify_reason reason;
	bool open;       /* an ID that may matter is not looked up yet */
	uint64_t wanted; /* the IDs to look up now */
	enum verify_content content, sealed;
	unsigned hops; /* 0: no complete chain */
	uint8_t path[VERIFY_IDS_MAX];
};

void chain_walk(
    const struct evidence *, size_t recipient, size_t max_hops, struct chain *);

#endif
