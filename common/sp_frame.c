/* Owns the octets of nng's protocol. Must not know TLS, nor requests. */
#include "sp_frame.h"

#include <string.h>

#define ID_BIT UINT32_C(0x80000000)

static uint64_t
number(const uint8_t *in, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *in++;
	return v;
}

static void
number_put(uint8_t *out, size_t n, uint64_t v)
{
	for (; n-- > 0; v >>= 8)
		out[n] = (uint8_t)v;
}

void
sp_head_put(uint8_t out[SP_HEAD], enum sp_protocol protocol)
{
	const uint8_t head[SP_HEAD] = { 0, 'S', 'P', 0, 0, (uint8_t)protocol };

	memcpy(out, head, sizeof(head));
}

int
sp_head_get(
    const uint8_t *in, size_t len, enum sp_protocol wanted, const char **why_r)
{
	uint8_t head[SP_HEAD];

	sp_head_put(head, wanted);
	if (memcmp(in, head, len < sizeof(head) ? len : sizeof(head)) != 0) {
		*why_r = "it does not speak the protocol of requests";
		return -1;
	}
	return len >= sizeof(head);
}

void
sp_frame_put(uint8_t out[SP_FRAME_HEAD], uint32_t id, size_t n)
{
	number_put(out, 8, n + 4);
	number_put(out + 8, 4, id | ID_BIT);
}

int
sp_frame_get(const uint8_t *in, size_t len, size_t max, struct sp_frame *f,
    const char **why_r)
{
	uint64_t size;

	if (len < 8)
		return 0;
	size = number(in, 8);
	if (size < 4 || size - 4 > max) {
		*why_r = size < 4 ? "a message without its number"
				  : "a message is too large";
		return -1;
	}
	if (len < SP_FRAME_HEAD)
		return 0;
	f->id = (uint32_t)number(in + 8, 4);
	if ((f->id & ID_BIT) == 0) {
		*why_r = "a message without its number";
		return -1;
	}
	if (len - 8 < size)
		return 0;
	f->data = in + SP_FRAME_HEAD;
	f->n = (size_t)size - 4;
	f->taken = 8 + (size_t)size;
	return 1;
}
