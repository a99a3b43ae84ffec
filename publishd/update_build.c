/*
 * Owns the form of an UPDATE. Must not know who wants the changes, nor when
 * or where the message goes, nor how it is signed.
 */
#include "publishd/update_build.h"

#include <ldns/ldns.h>
#include <string.h>

#include "common/dns_packet.h"

enum {
	STRING_MAX = 255, /* RFC 1035 3.3: octets of a character-string */
	RR_FIXED = 10,    /* type, class, TTL, RDLENGTH */
};

static const struct {
	ldns_rr_class class; /* RFC 2136 2.5.1 and 2.5.4 */
	bool ttl;            /* else it must be 0 */
} forms[] = {
	[PUB_ADD] = { LDNS_RR_CLASS_IN, true },
	[PUB_REMOVE] = { LDNS_RR_CLASS_NONE, false },
};
_Static_assert(sizeof(forms) / sizeof(forms[0]) == PUB__COUNT,
    "publish_op without a form");

size_t
update_change_octets(const struct update_change *c)
{
	size_t strings = c->n_lengths > 0
	    ? c->n_lengths
	    : (c->text_len + STRING_MAX - 1) / STRING_MAX;

	/* Every label's dot becomes a length octet: one more, and the root. */
	return strlen(c->owner) + 2 + RR_FIXED + c->text_len +
	    (strings > 0 ? strings : 1);
}

static int
push_name(ldns_rr *rr, const char *owner)
{
	ldns_rdf *name = ldns_dname_new_frm_str(owner);

	if (name == NULL)
		return -1;
	ldns_rr_set_owner(rr, name);
	return 0;
}

/* From raw octets: a text form would need escapes, and is never split. */
static int
push_string(ldns_rr *rr, const char *bytes, size_t n)
{
	uint8_t string[1 + STRING_MAX];
	ldns_rdf *rdf;

	string[0] = (uint8_t)n;
	memcpy(string + 1, bytes, n);
	rdf = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_STR, n + 1, string);
	if (rdf == NULL)
		return -1;
	if (!ldns_rr_push_rdf(rr, rdf)) {
		ldns_rdf_deep_free(rdf);
		return -1;
	}
	return 0;
}

/* A removal must name the strings as they are in the zone. */
static int
push_strings(ldns_rr *rr, const struct update_change *c)
{
	const char *text = c->text;

	for (size_t i = 0; i < c->n_lengths; i++) {
		if (push_string(rr, text, c->lengths[i]) == -1)
			return -1;
		text += c->lengths[i];
	}
	return 0;
}

static int
push_text(ldns_rr *rr, const struct update_change *c)
{
	const char *text = c->text;
	size_t len = c->text_len;

	if (c->n_lengths > 0)
		return push_strings(rr, c);
	do {
		size_t n = len < STRING_MAX ? len : STRING_MAX;

		if (push_string(rr, text, n) == -1)
			return -1;
		text += n;
		len -= n;
	} while (len > 0);
	return 0;
}

static int
push_change(ldns_pkt *pkt, const struct update_change *c)
{
	ldns_rr *rr = ldns_rr_new();

	if (rr == NULL)
		return -1;
	ldns_rr_set_type(rr, LDNS_RR_TYPE_TXT);
	ldns_rr_set_class(rr, forms[c->op].class);
	ldns_rr_set_ttl(rr, forms[c->op].ttl ? c->ttl : 0);
	if (push_name(rr, c->owner) == -1 || push_text(rr, c) == -1 ||
	    !ldns_pkt_push_rr(pkt, LDNS_SECTION_AUTHORITY, rr)) {
		ldns_rr_free(rr);
		return -1;
	}
	return 0;
}

/* ldns_update_pkt_new() clones every record and sets RD: not used. */
static ldns_pkt *
packet_new(uint16_t id, const char *zone)
{
	ldns_rdf *name = ldns_dname_new_frm_str(zone);
	ldns_pkt *pkt;

	if (name == NULL)
		return NULL;
	pkt = ldns_pkt_query_new(
	    name, LDNS_RR_TYPE_SOA, LDNS_RR_CLASS_IN, 0); /* RFC 2136 2.3 */
	if (pkt == NULL) {
		ldns_rdf_deep_free(name);
		return NULL;
	}
	ldns_pkt_set_opcode(pkt, LDNS_PACKET_UPDATE);
	ldns_pkt_set_id(pkt, id);
	return pkt;
}

size_t
update_build(uint8_t *buf, size_t size, uint16_t id, const char *zone,
    const struct update_change *changes, size_t n)
{
	ldns_pkt *pkt = packet_new(id, zone);
	size_t len = 0, i = 0;

	if (pkt == NULL)
		return 0;
	while (i < n && push_change(pkt, &changes[i]) == 0)
		i++;
	if (i == n)
		len = dns_packet_put(pkt, buf, size);
	ldns_pkt_free(pkt);
	return len;
}
