/*
 * The one secret of DNS Mail: the key that may change our zones. update_key.c
 * alone sees it; the others have it sign and verify.
 */
#ifndef DNSMAIL_PUBLISHD_UPDATE_KEY_H
#define DNSMAIL_PUBLISHD_UPDATE_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "common/tsig.h"

struct update_key;

/* NULL and why in words; errno is the system's, or EINVAL for bad content. */
struct update_key *update_key_read(const char *path, char *why, size_t size);
void update_key_free(struct update_key *); /* wipes it */
const char *update_key_name(const struct update_key *);

/* As tsig_sign() and tsig_verify(). */
int update_key_sign(const struct update_key *, uint8_t *msg, size_t *len,
    size_t size, uint64_t now, struct tsig_mac *mac_r);
enum tsig_result update_key_verify(const struct update_key *,
    const uint8_t *msg, size_t len, const struct tsig_mac *request,
    uint64_t now, struct tsig_detail *);

#endif
