/*
 * Memory that grows by chunks of one size and never moves: a large index
 * grows without the peak of a doubling realloc, and without copying.
 */
#ifndef DNSMAIL_CHUNKS_H
#define DNSMAIL_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

enum { CHUNK_BYTES = 64 * 1024 };

/* A zeroed struct is empty. */
struct chunks {
	uint8_t **v;
	size_t n;
};

/* Makes room for octets 0..bytes-1, zeroed. 0, or -1: out of memory. */
int chunks_reserve(struct chunks *, size_t bytes);
void chunks_free(struct chunks *);
/* Octets taken from the system, those of the directory included. */
size_t chunks_memory(const struct chunks *);

/* What lies at an offset; an object must not cross CHUNK_BYTES. */
static inline void *
chunks_at(const struct chunks *c, size_t offset)
{
	return c->v[offset / CHUNK_BYTES] + offset % CHUNK_BYTES;
}

#endif
