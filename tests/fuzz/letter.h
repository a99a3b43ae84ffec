/*
 * A message that the fuzzer writes: recipients, and header fields that are raw
 * or made from a few names by numbers, so that names meet.
 */
#ifndef DNSMAIL_FUZZ_LETTER_H
#define DNSMAIL_FUZZ_LETTER_H

#include <stddef.h>
#include <time.h>

#include "common/message_id.h"
#include "tests/fuzz/fuzz.h"

#define LETTER_SERVER "mx.my_isp.net" /* whose results count */
#define LETTER_BIND   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

enum { LETTER_MAX = 64, LETTER_NOW = 1800000000, LETTER_AGE = 7 * 86400 };

struct letter_field {
	const char *name; /* as the daemons know it */
	char *value;
};

struct letter {
	struct letter_field fields[LETTER_MAX];
	size_t n_fields;
	char *recipients[LETTER_MAX]; /* arguments of RCPT */
	size_t n_recipients;
};

/* Items up to an END or LETTER_MAX; takes the input that it needs. */
void letter_read(struct letter *, struct fuzz_input *);
void letter_free(struct letter *);

/* A part as a string; free() it. */
char *letter_string(struct fuzz_input *);

/*
 * The text of a record at that ID in buf[RECORD_TEXT_MAX], from two octets:
 * names, dates about LETTER_NOW - LETTER_AGE, now and to come, with
 * LETTER_BIND or another. Its length.
 */
size_t letter_record(char *buf, struct fuzz_input *, const struct message_id *);

#endif
