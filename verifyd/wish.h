/*
 * What a domain wishes for mail in its name (protocol.md 2.5): the TXT texts
 * at _policy.dnsmail.<domain>. Says what is written there, not what is done:
 * that is verdict.h.
 */
#ifndef DNSMAIL_VERIFYD_WISH_H
#define DNSMAIL_VERIFYD_WISH_H

#include <stddef.h>

enum wish_word { WISH_NONE, WISH_QUARANTINE, WISH_REJECT, WISH__COUNT };

/* A zeroed struct wishes nothing. */
struct wish {
	enum wish_word missing; /* for mail that carries no ID */
	enum wish_word fail;    /* for mail whose IDs fail */
	unsigned texts;         /* of this version; of several none counts */
};

/*
 * One more text at the name; one that does not begin with v=dnsmail1 is
 * something else. Letters compare without case, white space around names and
 * values does not count; an unknown value, or a tag that stands there twice,
 * wishes nothing.
 */
void wish_add(struct wish *, const char *text, size_t n);

#endif
