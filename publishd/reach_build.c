/* Owns the form of those UPDATEs. Must not know who asks, nor the key. */
#include "publishd/reach_build.h"

#include <stdio.h>
#include <string.h>

#include "common/dns_message.h"

enum {
	OPCODE_UPDATE = 0x2800, /* RFC 2136 1.3 */
	RDATA_MAX = 64,
	HEX_MAX = 2 * REACH_RANDOM,
};

struct rdata {
	uint8_t octets[RDATA_MAX];
	size_t len;
};

/* --- data that nobody has --- */

static void
hex(char text[HEX_MAX + 1], const uint8_t random[REACH_RANDOM])
{
	for (size_t i = 0; i < REACH_RANDOM; i++)
		snprintf(text + 2 * i, 3, "%02x", random[i]);
}

static void
put_label(struct rdata *r, const char *label)
{
	size_t n = strlen(label);

	r->octets[r->len++] = (uint8_t)n;
	memcpy(r->octets + r->len, label, n);
	r->len += n;
}

static void
data_txt(struct rdata *r, const uint8_t *random)
{
	char text[HEX_MAX + 1];

	hex(text, random);
	put_label(r, text);
}

/* 0 <random>.invalid. */
static void
data_mx(struct rdata *r, const uint8_t *random)
{
	char text[HEX_MAX + 1];

	hex(text, random);
	r->len = 2;
	put_label(r, text);
	put_label(r, "invalid");
	r->octets[r->len++] = 0;
}

/* In 100::/64, which nobody uses (RFC 6666). */
static void
data_address(struct rdata *r, const uint8_t *random)
{
	r->octets[0] = 0x01;
	memcpy(r->octets + 8, random, 8);
	r->len = 16;
}

static const struct {
	const char *label; /* below the domain; NULL: the zone's own name */
	uint16_t type;
	void (*data)(struct rdata *, const uint8_t *random);
} forms[PROBE_REACH__COUNT] = {
	[PROBE_APEX_MX] = { NULL, 15, data_mx },
	[PROBE_APEX_TXT] = { NULL, DNS_TXT, data_txt },
	[PROBE_WWW] = { "www", DNS_AAAA, data_address },
	[PROBE_DMARC] = { "_dmarc", DNS_TXT, data_txt },
	[PROBE_LIST] = { "dnsmail", DNS_TXT, data_txt },
};

/* --- the message --- */

struct out {
	uint8_t *buf;
	size_t size, len;
	bool full;
};

static void
put(struct out *o, const void *octets, size_t n)
{
	if (o->full || n > o->size - o->len) {
		o->full = true;
		return;
	}
	memcpy(o->buf + o->len, octets, n);
	o->len += n;
}

static void
put_u16(struct out *o, unsigned v)
{
	const uint8_t octets[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(o, octets, sizeof(octets));
}

static void
put_name(struct out *o, const char *label, const char *parent)
{
	char text[300];
	struct dns_name name;

	snprintf(text, sizeof(text), "%s%s%s", label != NULL ? label : "",
	    label != NULL ? "." : "", parent);
	if (dns_name_parse(&name, text) == -1)
		o->full = true;
	else
		put(o, name.wire, name.len);
}

static void
put_header(struct out *o, uint16_t id)
{
	put_u16(o, id);
	put_u16(o, OPCODE_UPDATE);
	put_u16(o, 1); /* zone */
	put_u16(o, 0); /* prerequisites */
	put_u16(o, 1); /* updates */
	put_u16(o, 0);
}

static void
put_zone(struct out *o, const char *zone)
{
	put_name(o, NULL, zone);
	put_u16(o, DNS_SOA);
	put_u16(o, DNS_IN);
}

size_t
reach_build(uint8_t *buf, size_t size, uint16_t id,
    const struct config_domain *d, enum probe_reach reach,
    const uint8_t random[REACH_RANDOM])
{
	struct out o = { .buf = buf, .size = size };
	struct rdata data = { 0 };
	const char *label = forms[reach].label;

	forms[reach].data(&data, random);
	put_header(&o, id);
	put_zone(&o, d->zone);
	put_name(&o, label, label != NULL ? d->name : d->zone);
	put_u16(&o, forms[reach].type);
	put_u16(&o, DNS_CLASS_NONE);
	put_u16(&o, 0); /* TTL */
	put_u16(&o, 0);
	put_u16(&o, (unsigned)data.len);
	put(&o, data.octets, data.len);
	return o.full ? 0 : o.len;
}
