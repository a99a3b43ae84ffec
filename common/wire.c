/*
 * Owns: how numbers and strings lie in a message, and its bounds. Must not
 * know what any message means.
 */
#include "wire.h"

#include <string.h>

void
wire_init(struct wire *w, uint8_t *data, size_t size)
{
	*w = (struct wire){ .data = data, .size = size };
}

/* The cast is safe: no wire_get_*() writes through data. */
void
wire_init_read(struct wire *w, const uint8_t *data, size_t size)
{
	wire_init(w, (uint8_t *)(uintptr_t)data, size);
	w->reading = true;
}

/* The next n bytes, or NULL (and bad) where fewer are left. */
static uint8_t *
take(struct wire *w, size_t n)
{
	uint8_t *p;

	if (w->bad || n > w->size - w->pos) {
		w->bad = true;
		return NULL;
	}
	p = w->data + w->pos;
	w->pos += n;
	return p;
}

static void
put_number(struct wire *w, uint64_t v, size_t n)
{
	uint8_t *p = take(w, n);

	for (size_t i = 0; p != NULL && i < n; i++)
		p[i] = (uint8_t)(v >> 8 * (n - 1 - i));
}

static uint64_t
get_number(struct wire *w, size_t n)
{
	const uint8_t *p = take(w, n);
	uint64_t v = 0;

	for (size_t i = 0; p != NULL && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

void
wire_put_u8(struct wire *w, uint8_t v)
{
	put_number(w, v, 1);
}

uint8_t
wire_get_u8(struct wire *w)
{
	return (uint8_t)get_number(w, 1);
}

void
wire_put_u16(struct wire *w, uint16_t v)
{
	put_number(w, v, 2);
}

uint16_t
wire_get_u16(struct wire *w)
{
	return (uint16_t)get_number(w, 2);
}

void
wire_put_u32(struct wire *w, uint32_t v)
{
	put_number(w, v, 4);
}

uint32_t
wire_get_u32(struct wire *w)
{
	return (uint32_t)get_number(w, 4);
}

void
wire_put_u64(struct wire *w, uint64_t v)
{
	put_number(w, v, 8);
}

uint64_t
wire_get_u64(struct wire *w)
{
	return get_number(w, 8);
}

void
wire_put_bytes(struct wire *w, const void *bytes, size_t n)
{
	uint8_t *p;

	if (n > UINT32_MAX) {
		w->bad = true;
		return;
	}
	wire_put_u32(w, (uint32_t)n);
	if ((p = take(w, n)) != NULL && n > 0)
		memcpy(p, bytes, n);
}

const uint8_t *
wire_get_bytes(struct wire *w, size_t max, size_t *n_r)
{
	size_t n = wire_get_u32(w);
	const uint8_t *p;

	if (n > max)
		w->bad = true;
	p = take(w, n);
	*n_r = p != NULL ? n : 0;
	return p;
}

void
wire_put_str(struct wire *w, const char *s)
{
	wire_put_bytes(w, s, strlen(s));
}

void
wire_get_str(struct wire *w, char *buf, size_t size)
{
	size_t n;
	const uint8_t *p = wire_get_bytes(w, size - 1, &n);

	if (p != NULL && memchr(p, '\0', n) != NULL) {
		w->bad = true;
		n = 0;
	}
	if (n > 0)
		memcpy(buf, p, n);
	buf[n] = '\0';
}

bool
wire_done(const struct wire *w)
{
	return !w->bad && (!w->reading || w->pos == w->size);
}
