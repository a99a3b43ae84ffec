/*
 * Owns the octets of the messages that we send. Must not know what they say.
 */
#include "dns_packet.h"

#include <assert.h>
#include <string.h>

enum { STRING_MAX = 255 };

static void
put(struct dns_packet *p, const void *octets, size_t n)
{
	if (p->full || n > p->size - p->len) {
		p->full = true;
		return;
	}
	memcpy(p->msg + p->len, octets, n);
	p->len += n;
}

static void
put_u16(struct dns_packet *p, size_t v)
{
	uint8_t octets[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(p, octets, sizeof(octets));
}

void
dns_packet_begin(
    struct dns_packet *p, uint8_t *buf, size_t size, const struct dns_header *h)
{
	*p = (struct dns_packet){ .msg = buf, .size = size };
	put_u16(p, h->id);
	put_u16(p, h->flags);
	put_u16(p, h->qd);
	put_u16(p, h->an);
	put_u16(p, h->ns);
	put_u16(p, h->ar);
}

void
dns_packet_question(
    struct dns_packet *p, const struct dns_name *name, uint16_t type)
{
	put(p, name->wire, name->len);
	put_u16(p, type);
	put_u16(p, DNS_IN);
}

void
dns_packet_rr(struct dns_packet *p, const struct dns_name *owner, uint16_t type,
    uint16_t class, uint32_t ttl, size_t rdlen)
{
	put(p, owner->wire, owner->len);
	put_u16(p, type);
	put_u16(p, class);
	put_u16(p, ttl >> 16);
	put_u16(p, ttl);
	put_u16(p, rdlen);
}

void
dns_packet_string(struct dns_packet *p, const char *string, size_t n)
{
	uint8_t length = (uint8_t)n;

	assert(n <= STRING_MAX);
	put(p, &length, 1);
	put(p, string, n);
}

size_t
dns_packet_done(const struct dns_packet *p)
{
	return p->full ? 0 : p->len;
}
