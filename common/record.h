/*
 * The text of a message record, protocol.md 2.2:
 *   To:<address>*From:<address>*date=<RFC 5322 date-time>[*<key>=<value>]...
 * Writer and reader stand next to each other in record.c.
 */
#ifndef DNSMAIL_RECORD_H
#define DNSMAIL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "address.h"

enum {
	RECORD_DIGEST_TEXT = 44, /* base64url of SHA-256, with NUL */
	RECORD_TEXT_MAX = 1400,  /* with NUL: what a writer makes */
};

struct record {
	bool blinded; /* then `blind` counts, not `to` */
	struct address to;
	char blind[RECORD_DIGEST_TEXT];
	struct address from;
	time_t date;
	char bind[RECORD_DIGEST_TEXT]; /* "" none */
};

/* Length of the text in buf[RECORD_TEXT_MAX]. Date in UTC (+0000). */
size_t record_put(char *buf, const struct record *);

/*
 * Any octets. false: not a message record. Unknown keys are ignored; a known
 * one that is malformed or there twice makes it no record, as does anything
 * after the date that is not *<key>=<value> with a key of letters, digits,
 * "-" and "_". A value goes on to the next such *<key>= and may hold a "*".
 */
bool record_get(struct record *, const char *text, size_t n);

/*
 * What a blinded recipient is written as: of the ID's label and address. ""
 * when the library is out of memory; it equals no digest.
 */
void record_blind(
    char out[RECORD_DIGEST_TEXT], const char *label, const struct address *);

/* Does the record name this recipient (blinded or not)? */
bool record_names(
    const struct record *, const char *label, const struct address *recipient);

#endif
