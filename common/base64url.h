/* RFC 4648 section 5 without padding, of a SHA-256 digest. */
#ifndef DNSMAIL_BASE64URL_H
#define DNSMAIL_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 43 characters and NUL. */
void base64url_digest(char out[44], const uint8_t digest[32]);

/* 43 characters of the alphabet, nothing else? */
bool base64url_is_digest(const char *text, size_t n);

#endif
