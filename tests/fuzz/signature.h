/*
 * A server's side of TSIG (RFC 8945) for fuzz targets: signs what the fuzzer
 * made up, so that what stands behind the MAC is reached, or signs it wrongly
 * in one of the ways that there are. Over HMAC(), and nothing of ours.
 */
#ifndef DNSMAIL_FUZZ_SIGNATURE_H
#define DNSMAIL_FUZZ_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/tsig.h"
#include "tests/fuzz/fuzz.h"

enum { SIGNATURE_NOW = 1600000000, SIGNATURE_ROOM = 512 };

/* What is wrong with it; in an input's octet. */
enum {
	SIGNATURE_NONE = 1, /* there is none */
	SIGNATURE_OTHER_SECRET = 2,
	SIGNATURE_OTHER_KEY = 4,
	SIGNATURE_OTHER_ALGORITHM = 8,
	SIGNATURE_SHORT_MAC = 16,
	SIGNATURE_OTHER_ID = 32,
	SIGNATURE_FIELDS = 64, /* time and error come from the input */
	SIGNATURE_OTHER_DATA = 128,
};

struct signature {
	unsigned wrong;
	uint64_t time;
	unsigned error;
	struct fuzz_input other; /* its data */
};

/* From an input: an octet, and what that asks for. */
void signature_read(struct signature *, struct fuzz_input *);

/* Is a sound message with it to be believed at SIGNATURE_NOW? */
bool signature_is_good(const struct signature *);

/* hmac-sha256, key "k.test". */
struct tsig_key *signature_key(void);

/*
 * What a server has signed so far of one answer; `prior` begins as the
 * request's MAC.
 */
struct signature_stream {
	struct tsig_mac prior;
	bool later; /* not the first one that is signed */
	uint8_t unsigned_octets[256 * 1024]; /* since */
	size_t n;
};

/*
 * Puts a TSIG RR at the end of msg[len], which has SIGNATURE_ROOM octets more
 * and a header; the new length.
 */
size_t signature_put(
    struct signature_stream *, const struct signature *, uint8_t *msg, size_t);

#endif
