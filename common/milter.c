/*
 * The milter protocol as octets. Knows no order of packets and no socket.
 */
#include "milter.h"

#include <string.h>
#include <strings.h>

enum { LENGTH_OCTETS = 4 };

static uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static void
put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

int
milter_packet_get(
    struct milter_packet *packet, const uint8_t *data, size_t n, size_t *used_r)
{
	uint32_t len;

	if (n < LENGTH_OCTETS)
		return 0;
	len = get_u32(data);
	if (len == 0 || len > MILTER_PACKET_MAX)
		return -1;
	if (n - LENGTH_OCTETS < len)
		return 0;
	packet->command = data[LENGTH_OCTETS];
	packet->data = data + LENGTH_OCTETS + 1;
	packet->len = len - 1;
	*used_r = LENGTH_OCTETS + len;
	return 1;
}

void
milter_cursor_init(struct milter_cursor *c, const struct milter_packet *packet)
{
	c->p = packet->data;
	c->end = packet->data + packet->len;
}

const char *
milter_string(struct milter_cursor *c, size_t *len_r)
{
	const uint8_t *start = c->p, *nul;

	if (start == c->end)
		return NULL;
	nul = memchr(start, '\0', (size_t)(c->end - start));
	if (nul == NULL)
		return NULL;
	c->p = nul + 1;
	*len_r = (size_t)(nul - start);
	return (const char *)start;
}

int
milter_u32(struct milter_cursor *c, uint32_t *value_r)
{
	if (c->end - c->p < 4)
		return -1;
	*value_r = get_u32(c->p);
	c->p += 4;
	return 0;
}

int
milter_u16(struct milter_cursor *c, uint16_t *value_r)
{
	if (c->end - c->p < 2)
		return -1;
	*value_r = (uint16_t)(c->p[0] << 8 | c->p[1]);
	c->p += 2;
	return 0;
}

/*
 * Host name NUL family [port address NUL]; families 4, 6, L(ocal), U(nknown).
 * Sendmail writes "IPv6:2001:db8::1" where Postfix has the bare address.
 */
const char *
milter_connect_address(const struct milter_packet *packet)
{
	struct milter_cursor c;
	const char *address = "";
	size_t len;
	uint16_t port;
	uint8_t family;

	milter_cursor_init(&c, packet);
	if (milter_string(&c, &len) == NULL || c.p == c.end)
		return NULL;
	family = *c.p++;
	if (family != 'U' &&
	    (milter_u16(&c, &port) == -1 ||
		(address = milter_string(&c, &len)) == NULL))
		return NULL;
	if (c.p != c.end || family == '\0' || !strchr("46LU", family))
		return NULL;
	return family == '4' || family == '6' ? milter_bare_address(address)
					      : "";
}

const char *
milter_bare_address(const char *address)
{
	return strncasecmp(address, "IPv6:", 5) == 0 ? address + 5 : address;
}

/*
 * Room for a packet of `n` octets behind the code, length and code written;
 * counted as part of the buffer. NULL when memory is out.
 */
static uint8_t *
put_head(struct buffer *b, uint8_t code, size_t n)
{
	uint8_t *p = buffer_reserve(b, LENGTH_OCTETS + 1 + n);

	if (p == NULL)
		return NULL;
	put_u32(p, (uint32_t)(n + 1));
	p[LENGTH_OCTETS] = code;
	b->len += LENGTH_OCTETS + 1 + n;
	return p + LENGTH_OCTETS + 1;
}

int
milter_put(struct buffer *b, uint8_t code, const void *data, size_t n)
{
	uint8_t *p = put_head(b, code, n);

	if (p == NULL)
		return -1;
	if (n > 0)
		memcpy(p, data, n);
	return 0;
}

int
milter_put_optneg(struct buffer *b, uint32_t version, uint32_t actions,
    uint32_t steps, const void *symlists, size_t symlists_len)
{
	uint8_t *p = put_head(b, MILTER_OPTNEG, 12 + symlists_len);

	if (p == NULL)
		return -1;
	put_u32(p, version);
	put_u32(p + 4, actions);
	put_u32(p + 8, steps);
	if (symlists_len > 0)
		memcpy(p + 12, symlists, symlists_len);
	return 0;
}

/* INSHEADER and CHGHEADER look alike: index, name, value. */
static int
put_header(struct buffer *b, uint8_t code, uint32_t index, const char *name,
    const char *value)
{
	size_t name_size = strlen(name) + 1, value_size = strlen(value) + 1;
	uint8_t *p = put_head(b, code, 4 + name_size + value_size);

	if (p == NULL)
		return -1;
	put_u32(p, index);
	memcpy(p + 4, name, name_size);
	memcpy(p + 4 + name_size, value, value_size);
	return 0;
}

int
milter_put_insert(
    struct buffer *b, uint32_t index, const char *name, const char *value)
{
	return put_header(b, MILTER_REPLY_INSHEADER, index, name, value);
}

int
milter_put_change(
    struct buffer *b, uint32_t index, const char *name, const char *value)
{
	return put_header(b, MILTER_REPLY_CHGHEADER, index, name, value);
}

int
milter_put_text(struct buffer *b, uint8_t code, const char *text)
{
	return milter_put(b, code, text, strlen(text) + 1);
}
