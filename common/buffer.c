/*
 * A growable run of bytes. Knows nothing of what they mean.
 */
#include "buffer.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_LEAST = 512 };

void
buffer_free(struct buffer *b)
{
	free(b->base);
	*b = (struct buffer){ 0 };
}

void
buffer_clear(struct buffer *b)
{
	b->data = b->base;
	b->len = 0;
}

void
buffer_consume(struct buffer *b, size_t n)
{
	if (n >= b->len) {
		buffer_clear(b);
		return;
	}
	b->data += n;
	b->len -= n;
}

static size_t
room_behind(const struct buffer *b)
{
	return b->cap - (size_t)(b->data - b->base) - b->len;
}

/* Doubling keeps the cost of a long run of appends linear. */
static int
grow(struct buffer *b, size_t n)
{
	size_t want = b->cap < BUFFER_LEAST ? BUFFER_LEAST : b->cap;
	uint8_t *base;

	if (n > SIZE_MAX / 2 - b->len)
		return -1;
	while (want < b->len + n)
		want *= 2;
	if ((base = malloc(want)) == NULL)
		return -1;
	if (b->len > 0)
		memcpy(base, b->data, b->len);
	free(b->base);
	b->base = b->data = base;
	b->cap = want;
	return 0;
}

uint8_t *
buffer_reserve(struct buffer *b, size_t n)
{
	if (b->base == NULL || b->cap - b->len < n) {
		if (grow(b, n) == -1)
			return NULL;
	} else if (room_behind(b) < n) {
		memmove(b->base, b->data, b->len);
		b->data = b->base;
	}
	return b->data + b->len;
}

int
buffer_append(struct buffer *b, const void *bytes, size_t n)
{
	uint8_t *end = buffer_reserve(b, n);

	if (end == NULL)
		return -1;
	if (n > 0)
		memcpy(end, bytes, n);
	b->len += n;
	return 0;
}

ssize_t
buffer_read(struct buffer *b, int fd, size_t most)
{
	uint8_t *end = buffer_reserve(b, most);
	ssize_t n;

	if (end == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if ((n = read(fd, end, most)) > 0)
		b->len += (size_t)n;
	return n;
}

ssize_t
buffer_write(struct buffer *b, int fd)
{
	ssize_t n = write(fd, b->data, b->len);

	if (n > 0)
		buffer_consume(b, (size_t)n);
	return n;
}
