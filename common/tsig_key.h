/*
 * What a TSIG key is made of. Only the tsig modules look inside; everybody
 * else has tsig.h. The secret is nowhere but in the keyed MAC, which libcrypto
 * wipes when it is freed.
 */
#ifndef DNSMAIL_TSIG_KEY_H
#define DNSMAIL_TSIG_KEY_H

#include <openssl/evp.h>

#include "tsig.h"

enum { TSIG_SECRET_MAX = 512 };

struct tsig_algorithm {
	const char *name;   /* as in key files, and on the wire */
	const char *digest; /* libcrypto's name for it */
	size_t mac_len;
};

struct tsig_key {
	struct dns_name name, algorithm_name;
	const struct tsig_algorithm *algorithm;
	EVP_MAC_CTX *keyed; /* never updated, only copied */
	char text[1024];    /* the name, for the log */
};

/* NULL: no such algorithm. */
const struct tsig_algorithm *tsig_algorithm_find(const char *name);

/* NULL: out of memory. */
struct tsig_key *tsig_key_new(const struct dns_name *,
    const struct tsig_algorithm *, const uint8_t *secret, size_t n);

#endif
