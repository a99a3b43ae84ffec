/*
 * The lexical ground of header fields (RFC 5322 3.2): white space, comments,
 * atoms, quoted strings. Bounded, no allocation, reads exactly [p, end).
 *
 * What cannot be read is never stepped over: the cursor stays before it, so
 * a caller who goes on finds neither the end nor anything else there.
 */
#ifndef DNSMAIL_RFC5322_H
#define DNSMAIL_RFC5322_H

#include <stdbool.h>
#include <stddef.h>

struct rfc5322 {
	const char *p;
	const char *end;
};

enum { RFC5322_COMMENT_DEPTH_MAX = 32 };

/*
 * Skips white space, line breaks and nested comments. false: a comment is
 * not closed or nested too deep; the cursor is then at its parenthesis.
 */
bool rfc5322_skip_cfws(struct rfc5322 *);

/* atext; bytes >= 0x80 count too (RFC 6532). */
bool rfc5322_is_atext(unsigned char);

/* Length of the atom / dot-atom at the cursor (0: none), and past it. */
size_t rfc5322_atom(struct rfc5322 *);
size_t rfc5322_dot_atom(struct rfc5322 *);

/*
 * A quoted string at the cursor, past it, its content without quotes and
 * backslashes and unfolded in buf, NUL-terminated. size >= 1; buf NULL: only
 * past it. false: none, not closed, or longer than size - 1; the cursor stays.
 */
bool rfc5322_quoted(struct rfc5322 *, char *buf, size_t size, size_t *len_r);

/* One given character after optional CFWS? Then past it. */
bool rfc5322_char(struct rfc5322 *, char);

/* Only CFWS left? */
bool rfc5322_at_end(struct rfc5322 *);

/*
 * What a value that names somebody may hold: no control octets but those of
 * folding, and 8-bit octets only as UTF-8 (RFC 6532).
 */
bool rfc5322_octets_valid(const char *value, size_t n);

#endif
