/* RFC 4648 section 5 without padding, of a SHA-256 digest. */
#ifndef DNSMAIL_BASE64URL_H
#define DNSMAIL_BASE64URL_H

#include <stdint.h>

void base64url_digest(char out[44], const uint8_t digest[32]);

#endif
