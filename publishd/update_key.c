/*
 * Owns the secret. Must not know what is signed. Nothing here prints or
 * returns it, and no other file of publishd includes what could.
 */
#include "publishd/update_key.h"

#include <errno.h>
#include <stdlib.h>

struct update_key {
	struct tsig_key *tsig;
};

struct update_key *
update_key_read(const char *path, char *why, size_t size)
{
	struct update_key *key = malloc(sizeof(*key));

	if (key == NULL)
		return NULL;
	/* Who reloads must know whether it was only not allowed to read it. */
	errno = 0;
	key->tsig = tsig_key_read(path, why, size);
	if (key->tsig == NULL) {
		int saved = errno;

		free(key);
		errno = saved != 0 ? saved : EINVAL;
		return NULL;
	}
	return key;
}

void
update_key_free(struct update_key *key)
{
	if (key == NULL)
		return;
	tsig_key_free(key->tsig);
	free(key);
}

const char *
update_key_name(const struct update_key *key)
{
	return tsig_key_name(key->tsig);
}

int
update_key_sign(const struct update_key *key, uint8_t *msg, size_t *len,
    size_t size, uint64_t now, struct tsig_mac *mac_r)
{
	return tsig_sign(key->tsig, msg, len, size, now, mac_r);
}

enum tsig_result
update_key_verify(const struct update_key *key, const uint8_t *msg, size_t len,
    const struct tsig_mac *request, uint64_t now, struct tsig_detail *detail)
{
	return tsig_verify(key->tsig, msg, len, request, now, detail);
}
