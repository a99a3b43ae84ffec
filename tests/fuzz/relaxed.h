/*
 * What is digested of a message (doc/protocol.md section 6), written down the
 * plainest way: the streaming one is held against it.
 */
#ifndef DNSMAIL_FUZZ_RELAXED_H
#define DNSMAIL_FUZZ_RELAXED_H

#include <stddef.h>
#include <stdint.h>

/*
 * Octets written to `out`, which has room for the input and as much again and
 * two more.
 */
size_t relaxed_body(const uint8_t *body, size_t n, uint8_t *out);

/* "name:value" without CRLF; room for the input and the name. */
size_t relaxed_field(
    const char *name, const char *value, size_t n, uint8_t *out);

#endif
