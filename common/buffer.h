/*
 * A growable run of bytes: what has been read and not yet understood, or what
 * has been said and not yet written. Consuming from the front is cheap.
 */
#ifndef DNSMAIL_BUFFER_H
#define DNSMAIL_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buffer {
	uint8_t *data; /* first byte not consumed */
	size_t len;    /* bytes from there */
	size_t cap;    /* bytes allocated from base */
	uint8_t *base;
};

/* A zeroed struct is an empty buffer. */
void buffer_free(struct buffer *);
void buffer_clear(struct buffer *); /* keeps the memory */
void buffer_consume(struct buffer *, size_t n);

/* Room for n more bytes after data + len; NULL when memory is out. */
uint8_t *buffer_reserve(struct buffer *, size_t n);
int buffer_append(struct buffer *, const void *bytes, size_t n); /* 0/-1 */

/*
 * One read(2) of at most `most` bytes / one write(2) of all that is there.
 * Return what the system call returned; -1 with errno ENOMEM when memory is
 * out. buffer_write consumes what was written.
 */
ssize_t buffer_read(struct buffer *, int fd, size_t most);
ssize_t buffer_write(struct buffer *, int fd);

#endif
