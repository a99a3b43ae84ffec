/*
 * Octets as tables of tests write them: \r \n \t \\ and \xHH as in
 * tests/data/vectors.txt, and
 *
 *   \{N TEXT}   TEXT N times; in it \# is the number of the time, from 1
 *   \d{SECONDS} an RFC 5322 date-time, that far from now (\d{-60})
 *   \|          nothing: here a character-string of a TXT ends
 *
 * Every other octet stands for itself. Mistakes end the program.
 */
#ifndef DNSMAIL_TESTS_OCTETS_H
#define DNSMAIL_TESTS_OCTETS_H

#include <stddef.h>

struct octets {
	char *v; /* a NUL after the last of them */
	size_t n;
	size_t *cuts; /* offsets in v where \| stood */
	size_t n_cuts;
	size_t room, cuts_room; /* allocated */
};

/* The octets of the text; `number` is what \# is outside of \{}. */
struct octets octets_expand(const char *text, unsigned number);
void octets_free(struct octets *);

#endif
