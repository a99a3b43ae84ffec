/*
 * The content binding of protocol.md section 5: SHA-256 over the relaxed
 * header form (RFC 6376 3.4.2) of ten fields, CRLF, and the body in relaxed
 * form (3.4.4). Streaming: the body comes in pieces of any size.
 *
 * A line of the body ends at LF, with or without a CR before it, because MTAs
 * make the one into the other; a CR elsewhere is an octet like others. In a
 * header field CR and LF are folding and dropped.
 */
#ifndef DNSMAIL_CANON_H
#define DNSMAIL_CANON_H

#include <stddef.h>
#include <stdint.h>

/* From, To, Cc, ... in the order of section 5. */
enum { CANON_FIELDS = 10 };
extern const char *const canon_field_names[CANON_FIELDS];

struct canon;

struct canon *canon_new(void); /* NULL: out of memory */
void canon_free(struct canon *);
void canon_reset(struct canon *); /* ready for the next message */

/*
 * The first field of each name, or NULL/0; value is what follows the colon,
 * folded or not, with or without leading blank. Once, before the body.
 */
void canon_header(struct canon *, const char *const values[CANON_FIELDS],
    const size_t lengths[CANON_FIELDS]);
void canon_body(struct canon *, const uint8_t *, size_t n);
/* base64url, 43 characters and NUL; "" if the library failed. Then reset. */
void canon_end(struct canon *, char out[44]);

#endif
