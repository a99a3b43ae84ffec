/*
 * A resolver's answer about a server list, a wish or a name in a domain list.
 * Pure.
 */
#include "verifyd/list_answer.h"

#include <string.h>

enum { CNAMES_MAX = 8, RCODE = 0x000f /* of the header's flags */ };

struct sections {
	struct dns_reader answer; /* at the first RR */
	struct dns_header header;
};

static int
open_sections(struct sections *s, const uint8_t *msg, size_t len)
{
	struct dns_name name;
	uint16_t type, class;

	if (dns_reader_open(&s->answer, msg, len, &s->header) != 0)
		return -1;
	for (unsigned i = 0; i < s->header.qd; i++)
		if (dns_reader_question(&s->answer, &name, &type, &class) != 0)
			return -1;
	return 0;
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The next RR of the answer section at that name and of that type. */
static bool
next_at(struct dns_reader *r, unsigned *left, const struct dns_name *name,
    uint16_t type, struct dns_rr *rr)
{
	while (*left > 0 && dns_reader_rr(r, rr) == 0) {
		--*left;
		if (rr->type == type && rr->class == DNS_IN &&
		    dns_name_equal(&rr->owner, name))
			return true;
	}
	return false;
}

/* One step along a CNAME (RFC 1034 3.6.2). */
static bool
follow(const struct sections *s, struct dns_name *name, uint32_t *keep)
{
	struct dns_reader r = s->answer;
	unsigned left = s->header.an;
	struct dns_rr rr;
	size_t pos;

	if (!next_at(&r, &left, name, DNS_CNAME, &rr))
		return false;
	pos = (size_t)(rr.rdata - r.msg);
	*keep = least(*keep, rr.ttl);
	return dns_reader_name(&r, &pos, name) == 0;
}

typedef void take_fn(struct list_answer *, const struct dns_rr *);

static void
take_servers(struct list_answer *out, const struct dns_rr *rr)
{
	server_list_add(&out->list, rr->rdata, rr->rdlen);
}

static void
take_wish(struct list_answer *out, const struct dns_rr *rr)
{
	char text[UINT16_MAX + 1]; /* as long as an rdata can be */
	size_t n;

	if (dns_txt(rr, text, sizeof(text), &n) == 0)
		wish_add(&out->wish, text, n);
}

static void
take_address(struct list_answer *out, const struct dns_rr *rr)
{
	struct net_address a = { .in4 = { .sin_family = AF_INET } };

	if (rr->rdlen != sizeof(a.in4.sin_addr) ||
	    out->list.n == SERVER_LIST_MAX)
		return;
	memcpy(&a.in4.sin_addr, rr->rdata, rr->rdlen);
	out->list.v[out->list.n++] = a;
}

/* What is asked for, and what is done with an RR of it. */
struct topic {
	uint16_t type;
	take_fn *take;
};

static void
read_records(const struct sections *s, const struct dns_name *name,
    const struct topic *topic, struct list_answer *out)
{
	struct dns_reader r = s->answer;
	unsigned left = s->header.an;
	struct dns_rr rr;

	while (next_at(&r, &left, name, topic->type, &rr)) {
		out->outcome = LOOKUP_FOUND;
		topic->take(out, &rr);
		out->keep = least(out->keep, rr.ttl);
	}
}

/* The minimum of a SOA: the last of five numbers after two names. */
static bool
soa_minimum(
    const struct dns_reader *r, const struct dns_rr *rr, uint32_t *minimum)
{
	struct dns_name name;
	size_t pos = (size_t)(rr->rdata - r->msg), end = pos + rr->rdlen;
	const uint8_t *p;

	if (dns_reader_name(r, &pos, &name) != 0 ||
	    dns_reader_name(r, &pos, &name) != 0 || pos + 20 != end)
		return false;
	p = r->msg + pos + 16;
	*minimum = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
	return true;
}

/* RFC 2308 section 5: as long as the SOA in the authority section says. */
static uint32_t
negative_keep(const struct sections *s)
{
	struct dns_reader r = s->answer;
	unsigned left = (unsigned)s->header.an + s->header.ns;
	struct dns_rr rr;
	uint32_t minimum;

	for (; left > 0 && dns_reader_rr(&r, &rr) == 0; left--)
		if (rr.type == DNS_SOA && soa_minimum(&r, &rr, &minimum))
			return least(
			    LIST_KEEP_NEGATIVE_MAX, least(rr.ttl, minimum));
	return LIST_KEEP_NEGATIVE;
}

static void
read_answer(struct list_answer *out, const uint8_t *msg, size_t len,
    const struct dns_name *name, const struct topic *topic)
{
	struct sections s;
	struct dns_name at = *name;
	int aliases = 0;

	memset(out, 0, sizeof(*out));
	out->outcome = LOOKUP_SERVFAIL;
	if (open_sections(&s, msg, len) != 0)
		return;
	out->ad = (s.header.flags & DNS_AD) != 0;
	out->keep = LIST_KEEP_MAX;
	while (aliases < CNAMES_MAX && follow(&s, &at, &out->keep))
		aliases++;
	out->outcome = LOOKUP_NO_RECORD;
	out->nothing_below =
	    aliases == 0 && (s.header.flags & RCODE) == DNS_NXDOMAIN;
	read_records(&s, &at, topic, out);
	if (out->outcome == LOOKUP_NO_RECORD)
		out->keep = least(out->keep, negative_keep(&s));
}

void
list_answer_read(struct list_answer *out, const uint8_t *msg, size_t len,
    const struct dns_name *name)
{
	static const struct topic topic = { DNS_TXT, take_servers };

	read_answer(out, msg, len, name, &topic);
}

void
list_answer_wish(struct list_answer *out, const uint8_t *msg, size_t len,
    const struct dns_name *name)
{
	static const struct topic topic = { DNS_TXT, take_wish };

	read_answer(out, msg, len, name, &topic);
}

void
list_answer_addresses(struct list_answer *out, const uint8_t *msg, size_t len,
    const struct dns_name *name)
{
	static const struct topic topic = { DNS_A, take_address };

	read_answer(out, msg, len, name, &topic);
}

size_t
list_answer_size(const struct list_answer *a)
{
	return sizeof(*a) - sizeof(a->list.v) +
	    a->list.n * sizeof(a->list.v[0]);
}
