/*
 * What the DNS told about the IDs of one message, and a plain reading of
 * doc/protocol.md section 7 over it, by distances instead of chains: the
 * verifier is held against it.
 */
#ifndef DNSMAIL_FUZZ_TOLD_H
#define DNSMAIL_FUZZ_TOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "common/message_id.h"
#include "common/record.h"

enum { TOLD_IDS_MAX = 64, TOLD_RECORDS_MAX = 16, TOLD_FUTURE = 3600 };

struct told_id {
	struct message_id id;
	bool trusted; /* its domain is a trusted forwarder */
	struct record records[TOLD_RECORDS_MAX];
	size_t n;
};

struct told {
	struct address author;
	time_t now;
	double max_age;
	unsigned max_hops;
	const char *content; /* the digest of the message in hand */
	struct told_id ids[TOLD_IDS_MAX];
	size_t n;
};

/* A text at that ID; beyond TOLD_RECORDS_MAX it is false, and not kept. */
bool told_text(struct told *, size_t which, const char *text, size_t n);

/* Is there a complete chain to that recipient? */
bool told_complete(const struct told *, const struct address *);

/*
 * One that is a pass: of one hop, or through trusted forwarders only, or with
 * the content bound by the first hop. May say yes where an ID would have to
 * be used twice.
 */
bool told_pass(const struct told *, const struct address *);

#endif
