/*
 * Owns the form of an UPDATE. Must not know who wants the changes, nor when
 * or where the message goes, nor how it is signed.
 */
#include "publishd/update_build.h"

#include <string.h>

#include "common/dns_packet.h"

enum {
	STRING_MAX = 255, /* RFC 1035 3.3: octets of a character-string */
	RR_FIXED = 10,    /* type, class, TTL, RDLENGTH */
	OPCODE_UPDATE = 5 << 11,
};

static const struct {
	enum dns_class class; /* RFC 2136 2.5.1 and 2.5.4 */
	bool ttl;             /* else it must be 0 */
} forms[] = {
	[PUB_ADD] = { DNS_IN, true },
	[PUB_REMOVE] = { DNS_CLASS_NONE, false },
};
_Static_assert(sizeof(forms) / sizeof(forms[0]) == PUB__COUNT,
    "publish_op without a form");

/* Its character-strings; an empty text is one empty string. */
static size_t
change_strings(const struct update_change *c)
{
	size_t full = (c->text_len + STRING_MAX - 1) / STRING_MAX;

	if (c->n_lengths > 0)
		return c->n_lengths;
	return full > 0 ? full : 1;
}

size_t
update_change_octets(const struct update_change *c)
{
	/* Every label's dot becomes a length octet: one more, and the root. */
	return strlen(c->owner) + 2 + RR_FIXED + c->text_len +
	    change_strings(c);
}

/* A removal must name the strings as they are in the zone. */
static size_t
string_length(const struct update_change *c, size_t i, size_t left)
{
	if (c->n_lengths > 0)
		return c->lengths[i];
	return left < STRING_MAX ? left : STRING_MAX;
}

static int
put_change(struct dns_packet *p, const struct update_change *c)
{
	size_t strings = change_strings(c), at = 0;
	struct dns_name owner;

	if (dns_name_parse(&owner, c->owner) == -1)
		return -1;
	dns_packet_rr(p, &owner, DNS_TXT, forms[c->op].class,
	    forms[c->op].ttl ? c->ttl : 0, c->text_len + strings);
	for (size_t i = 0; i < strings; i++) {
		size_t n = string_length(c, i, c->text_len - at);

		dns_packet_string(p, c->text + at, n);
		at += n;
	}
	return 0;
}

size_t
update_build(uint8_t *buf, size_t size, uint16_t id, const char *zone,
    const struct update_change *changes, size_t n)
{
	const struct dns_header h = {
		.id = id,
		.flags = OPCODE_UPDATE,
		.qd = 1,
		.ns = (uint16_t)n,
	};
	struct dns_packet p;
	struct dns_name name;

	if (dns_name_parse(&name, zone) == -1)
		return 0;
	dns_packet_begin(&p, buf, size, &h);
	dns_packet_question(&p, &name, DNS_SOA); /* RFC 2136 2.3 */
	for (size_t i = 0; i < n; i++)
		if (put_change(&p, &changes[i]) == -1)
			return 0;
	return dns_packet_done(&p);
}
