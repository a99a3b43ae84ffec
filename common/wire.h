/*
 * Typed fields in messages between our own processes, bounds-checked. A
 * writer or reader that met its end stays bad, so only the last step needs a
 * look (wire_done).
 */
#ifndef DNSMAIL_WIRE_H
#define DNSMAIL_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire {
	uint8_t *data;
	size_t size; /* writer: room; reader: length of the message */
	size_t pos;
	bool reading;
	bool bad;
};

void wire_init(struct wire *, uint8_t *data, size_t size);
void wire_init_read(struct wire *, const uint8_t *data, size_t size);

/* Numbers in network order; a string is u32 length and bytes, no NUL. */
void wire_put_u8(struct wire *, uint8_t);
void wire_put_u16(struct wire *, uint16_t);
void wire_put_u32(struct wire *, uint32_t);
void wire_put_u64(struct wire *, uint64_t);
void wire_put_bytes(struct wire *, const void *, size_t n);
void wire_put_str(struct wire *, const char *);

uint8_t wire_get_u8(struct wire *);
uint16_t wire_get_u16(struct wire *);
uint32_t wire_get_u32(struct wire *);
uint64_t wire_get_u64(struct wire *);
/* Points into the message; n_r bytes, at most max, else bad. */
const uint8_t *wire_get_bytes(struct wire *, size_t max, size_t *n_r);
/* A NUL-terminated copy; too long for size or a NUL inside: bad, buf "". */
void wire_get_str(struct wire *, char *buf, size_t size);

/* Reader: nothing was bad and nothing is left. Writer: it all fitted. */
bool wire_done(const struct wire *);

#endif
