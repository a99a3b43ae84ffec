/*
 * Owns the reading of two answers. Must not know who gave them, nor what that
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
