/*
 * Base64 as RFC 4648 section 4 has it, strictly: padded, without blanks, and
 * the bits that nobody needs are zero, so that one text has one meaning.
 */
#ifndef DNSMAIL_BASE64_H
#define DNSMAIL_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Into out[size]; 0, or -1: no base64, empty, or it does not fit. */
int base64_decode(uint8_t *out, size_t size, const char *text, size_t *n_r);

#endif
