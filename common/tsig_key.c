/*
 * Owns TSIG keys and the algorithms that they may have. Must not know files,
 * nor messages.
 */
#include "tsig_key.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <strings.h>

/* RFC 8945 6 has more: MD5 and SHA-1 are too old, SHA-224 nobody uses. */
static const struct tsig_algorithm algorithms[] = {
	{ "hmac-sha256", "SHA2-256", 32 },
	{ "hmac-sha384", "SHA2-384", 48 },
	{ "hmac-sha512", "SHA2-512", 64 },
};

const struct tsig_algorithm *
tsig_algorithm_find(const char *name)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcasecmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	return NULL;
}

static EVP_MAC_CTX *
keyed_new(const char *digest, const uint8_t *secret, size_t n)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
		    OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;

	EVP_MAC_free(hmac); /* the context holds its own reference */
	if (ctx != NULL && EVP_MAC_init(ctx, secret, n, params) != 1) {
		EVP_MAC_CTX_free(ctx);
		ctx = NULL;
	}
	return ctx;
}

struct tsig_key *
tsig_key_new(const struct dns_name *name,
    const struct tsig_algorithm *algorithm, const uint8_t *secret, size_t n)
{
	struct tsig_key *key = calloc(1, sizeof(*key));

	if (key == NULL)
		return NULL;
	key->name = *name;
	key->algorithm = algorithm;
	key->keyed = keyed_new(algorithm->digest, secret, n);
	if (key->keyed == NULL ||
	    dns_name_parse(&key->algorithm_name, algorithm->name) == -1) {
		tsig_key_free(key);
		return NULL;
	}
	dns_name_text(name, key->text);
	return key;
}

void
tsig_key_free(struct tsig_key *key)
{
	if (key == NULL)
		return;
	EVP_MAC_CTX_free(key->keyed);
	free(key);
}

const char *
tsig_key_name(const struct tsig_key *key)
{
	return key->text;
}
