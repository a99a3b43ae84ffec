/*
 * The IDs of one message, its recipients, and what the records found at the
 * IDs say of them. Records are read once and boiled down to a few bits for
 * each recipient and each ID, so that a hostile record set costs no memory
 * and walking the chains no comparison. Pure.
 */
#ifndef DNSMAIL_VERIFYD_EVIDENCE_H
#define DNSMAIL_VERIFYD_EVIDENCE_H

#include <stdint.h>
#include <time.h>

#include "common/message_id.h"
#include "common/record.h"
#include "verifyd/verification.h"

/* Bits for what names a recipient: 1 << enum verify_content for a record in
   force, else these. */
enum {
	NAMED_EXPIRED = 1 << CONTENT__COUNT,
	NAMED_FUTURE = 2 << CONTENT__COUNT,
};

enum evidence_state {
	EVIDENCE_UNASKED,
	EVIDENCE_ASKED,
	EVIDENCE_FOUND,
	EVIDENCE_FAILED, /* `reason` says why */
};

struct evidence_id {
	struct message_id id;
	bool trusted; /* its domain is a trusted forwarder */
	enum evidence_state state;
	enum verify_reason reason;
	bool ad;
	enum verify_reason seen;            /* the best of the texts so far */
	uint64_t links[CONTENT__COUNT];     /* IDs of the domains that its
					       records name, by the record's
					       binding */
	unsigned stale;                     /* NAMED_*: links out of force */
	uint8_t *names;                     /* [n_recipients] */
	char (*blinds)[RECORD_DIGEST_TEXT]; /* [n_recipients] or NULL */
};

struct evidence {
	struct address author;
	time_t now;
	double max_age;
	char content[RECORD_DIGEST_TEXT]; /* of the message in hand; "" */
	uint64_t first;                   /* the IDs of the author's domain */
	size_t n_ids, n_recipients;
	struct evidence_id *ids;
	struct address *recipients; /* local "": nothing can name it */
};

/* Sized and zeroed; the caller fills in the rest. NULL: out of memory. */
struct evidence *evidence_new(size_t n_ids, size_t n_recipients);
void evidence_free(struct evidence *);

/* The IDs of exactly that domain, as bits. */
uint64_t evidence_ids_of(const struct evidence *, const char *domain);

/* Takes in one TXT text found at ID `which`. -1: out of memory. */
int evidence_text(struct evidence *, size_t which, const char *text, size_t n);

#endif
