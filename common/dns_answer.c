/*
 * Owns what makes a message the answer to a question. Must not know sockets.
 */
#include "dns_answer.h"

enum {
	OPCODE = 0x7800,
	RCODE = 0x000f,
};

static bool
asks_the_same(struct dns_reader *r, const struct dns_question *q)
{
	struct dns_name name;
	uint16_t type, class;

	return dns_reader_question(r, &name, &type, &class) == 0 &&
	    type == q->type && class == DNS_IN &&
	    dns_name_equal(&name, &q->name);
}

/*
 * A server that refuses may leave the question out; one that answers, be it
 * that there is nothing, must repeat it.
 */
static bool
answers(struct dns_reader *r, const struct dns_header *h,
    const struct dns_question *q)
{
	unsigned rcode = h->flags & RCODE;

	if (h->qd == 0)
		return rcode != DNS_NOERROR && rcode != DNS_NXDOMAIN;
	return h->qd == 1 && asks_the_same(r, q);
}

/* All records to the end; the OPT has the upper bits of the rcode. */
static int
walk(struct dns_reader *r, const struct dns_header *h, unsigned *rcode)
{
	struct dns_rr rr;

	for (unsigned n = (unsigned)h->an + h->ns + h->ar; n > 0; n--) {
		if (dns_reader_rr(r, &rr) == -1)
			return -1;
		if (rr.type == DNS_OPT)
			*rcode = (h->flags & RCODE) | (rr.ttl >> 24) << 4;
	}
	return r->pos == r->len ? 0 : -1;
}

void
dns_answer_read(struct dns_answer *a, const uint8_t *msg, size_t len,
    uint16_t id, const struct dns_question *q)
{
	struct dns_reader r;
	struct dns_header h;

	*a = (struct dns_answer){ .kind = DNS_ANSWER_STRAY };
	a->why = "what came was no answer to our question";
	if (dns_reader_open(&r, msg, len, &h) == -1 || h.id != id ||
	    (h.flags & DNS_QR) == 0 || (h.flags & OPCODE) != 0 ||
	    !answers(&r, &h, q))
		return;
	a->flags = h.flags;
	a->rcode = h.flags & RCODE;
	if ((h.flags & DNS_TC) != 0) {
		a->kind = DNS_ANSWER_CUT;
		a->why = "the answer was truncated";
	} else if (walk(&r, &h, &a->rcode) == -1) {
		a->kind = DNS_ANSWER_BROKEN;
		a->why = "the answer was malformed";
	} else {
		a->kind = DNS_ANSWER_WHOLE;
		a->why = dns_rcode_text(a->rcode);
	}
}
