/*
 * Owns the reading of three answers. Must not know who gave them, nor what that
 * means for whom.
 */
#include "admin/check_zone.h"

#include "common/dns_message.h"

enum {
	TYPE_NSEC = 47,  /* RFC 4034 */
	TYPE_NSEC3 = 50, /* RFC 5155 */
	NSEC3_FIXED = 5, /* hash, flags, iterations, length of the salt */
	OPT_OUT = 0x01,
};

static int
open_answer(struct dns_reader *r, struct dns_header *h, struct dns_name *name,
    const uint8_t *msg, size_t len)
{
	uint16_t type, class;

	name->len = 0;
	if (dns_reader_open(r, msg, len, h) == -1)
		return -1;
	for (unsigned i = 0; i < h->qd; i++)
		if (dns_reader_question(r, name, &type, &class) == -1)
			return -1;
	return 0;
}

bool
check_zone_given(const uint8_t *msg, size_t len)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	struct dns_rr rr;

	return open_answer(&r, &h, &name, msg, len) == 0 &&
	    (h.flags & 0x0f) == DNS_NOERROR && h.an > 0 &&
	    dns_reader_rr(&r, &rr) == 0 && rr.type == DNS_SOA;
}

/* RFC 1035 3.3.13: two names, then the serial. */
static bool
soa_serial(
    const struct dns_reader *r, const struct dns_rr *rr, uint32_t *serial_r)
{
	size_t pos = (size_t)(rr->rdata - r->msg), end = pos + rr->rdlen;
	const uint8_t *p;
	struct dns_name name;

	if (dns_reader_name(r, &pos, &name) == -1 ||
	    dns_reader_name(r, &pos, &name) == -1 || pos + 4 > end)
		return false;
	p = r->msg + pos;
	*serial_r = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
	return true;
}

bool
check_zone_serial(const uint8_t *msg, size_t len, uint32_t *serial_r)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	struct dns_rr rr;

	if (open_answer(&r, &h, &name, msg, len) == -1)
		return false;
	for (unsigned n = h.an; n > 0 && dns_reader_rr(&r, &rr) == 0; n--)
		if (rr.type == DNS_SOA && dns_name_equal(&rr.owner, &name))
			return soa_serial(&r, &rr, serial_r);
	return false;
}

size_t
check_serials_newest(const struct check_serial *s, size_t n)
{
	size_t found = n, known = 0;

	for (size_t i = 0; i < n; i++) {
		if (!s[i].known)
			continue;
		known++;
		if (found == n ||
		    !check_serial_reached(s[found].serial, s[i].serial))
			found = i;
	}
	return known > 1 ? found : n;
}

bool
check_serial_reached(uint32_t serial, uint32_t wanted)
{
	return (int32_t)(serial - wanted) >= 0;
}

/* RFC 4470 and RFC 9824: the next name is the one asked for, and a bit. */
static bool
is_minimal(const struct dns_rr *rr, const struct dns_reader *r,
    const struct dns_name *asked)
{
	size_t pos = (size_t)(rr->rdata - r->msg);
	struct dns_name next;

	return dns_name_equal(&rr->owner, asked) &&
	    dns_reader_name(r, &pos, &next) == 0 &&
	    next.len == asked->len + 2 && next.wire[0] == 1 &&
	    next.wire[1] == 0;
}

static void
take(struct zone_walk_answer *a, const struct dns_rr *rr,
    const struct dns_reader *r, const struct dns_name *asked)
{
	if (rr->type == TYPE_NSEC) {
		if (!is_minimal(rr, r, asked))
			a->walk = WALK_NSEC;
		else if (a->walk == WALK_UNSIGNED)
			a->walk = WALK_MINIMAL;
	} else if (rr->type == TYPE_NSEC3 && rr->rdlen >= NSEC3_FIXED) {
		a->walk = WALK_NSEC3;
		a->iterations = (unsigned)rr->rdata[2] << 8 | rr->rdata[3];
		a->opt_out = a->opt_out || (rr->rdata[1] & OPT_OUT) != 0;
	}
}

void
check_zone_walk(struct zone_walk_answer *a, const uint8_t *msg, size_t len)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name asked;
	struct dns_rr rr;

	*a = (struct zone_walk_answer){ .walk = WALK_UNSIGNED };
	if (open_answer(&r, &h, &asked, msg, len) == -1)
		return;
	for (unsigned n = (unsigned)h.an + h.ns;
	     n > 0 && dns_reader_rr(&r, &rr) == 0; n--)
		take(a, &rr, &r, &asked);
}
