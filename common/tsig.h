/*
 * TSIG, RFC 8945, over libcrypto: keys, signing, verifying one answer or a
 * stream of them.
 */
#ifndef DNSMAIL_TSIG_H
#define DNSMAIL_TSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns_message.h"

struct tsig_key; /* name, algorithm, secret; wiped when freed */

enum { TSIG_MAC_MAX = 64, TSIG_RR_MAX = 512 };

struct tsig_mac {
	uint8_t bytes[TSIG_MAC_MAX];
	size_t len;
};

enum tsig_result {
	TSIG_OK,
	TSIG_UNSIGNED, /* no TSIG where one must be */
	TSIG_BADKEY,   /* another key or algorithm, or the server said
			  it does not know ours */
	TSIG_BADSIG,   /* the MAC is wrong */
	TSIG_BADTIME,  /* clocks differ by more than the fudge */
	TSIG_MALFORMED,
	TSIG_MISSING, /* in a stream: this message had to be signed */
	TSIG_NO_MEMORY,
	TSIG__COUNT
};
extern const char *const tsig_result_names[TSIG__COUNT];

struct tsig_detail {
	unsigned error; /* TSIG error field: 16 BADSIG, 17 BADKEY, 18 */
	int64_t skew;   /* server's clock minus ours, seconds */
};

/*
 * A file as tsig-keygen(8) writes it: key "NAME" { algorithm hmac-sha256;
 * secret "BASE64"; }; with comments; sha256, sha384, sha512. One key. NULL
 * and a reason in words (file:line). The file must be a regular one that
 * neither group nor others may read (credential.h).
 */
struct tsig_key *tsig_key_read(const char *path, char *why, size_t size);
struct tsig_key *tsig_key_parse(
    const char *text, size_t n, char *why, size_t size);
void tsig_key_free(struct tsig_key *);
const char *tsig_key_name(const struct tsig_key *);

/*
 * Appends a TSIG RR to msg[*len] (room: size) and counts it in ARCOUNT.
 * 0 or -1 (no room). Fudge 300 s.
 */
int tsig_sign(const struct tsig_key *, uint8_t *msg, size_t *len, size_t size,
    uint64_t now, struct tsig_mac *mac_r);

/* The answer to a request with that MAC. */
enum tsig_result tsig_verify(const struct tsig_key *, const uint8_t *msg,
    size_t len, const struct tsig_mac *request, uint64_t now,
    struct tsig_detail *);

/*
 * The messages of one AXFR or IXFR answer (RFC 8945 5.3.1): the first and
 * the last must be signed, at most 99 in between may not be.
 */
struct tsig_stream;
struct tsig_stream *tsig_stream_new(
    const struct tsig_key *, const struct tsig_mac *request);
void tsig_stream_free(struct tsig_stream *);
/* TSIG_OK: verified up to here; TSIG_UNSIGNED: taken in, not yet vouched. */
enum tsig_result tsig_stream_message(struct tsig_stream *, const uint8_t *msg,
    size_t len, uint64_t now, struct tsig_detail *);

#endif
