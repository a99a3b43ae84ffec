/*
 * A table of states: what a SOA record of the zone means, and what any other
 * record means. The SOA is the only punctuation that a transfer has.
 *
 *   AXFR   SOA(new) records... SOA(new)                     RFC 5936 2.2
 *   IXFR   SOA(new)                          we have it     RFC 1995 2
 *          SOA(new) { SOA(old) gone... SOA(next) came... }... SOA(new)
 *          or as AXFR
 */
#include "reaperd/zone_stream.h"

#include <assert.h>

enum state {
	FIRST,    /* the SOA that opens the answer is due */
	SECOND,   /* IXFR: this record tells whole zone from differences */
	WHOLE,    /* records of the zone */
	REMOVING, /* records that went */
	ADDING,   /* records that came */
	END,
	STATE__COUNT
};

/* What a record leads to; anything but MORE and DONE ends the stream. */
typedef enum zone_stream_result soa_fn(struct zone_stream *, uint32_t serial);
typedef enum zone_stream_result other_fn(
    struct zone_stream *, const struct dns_rr *);

static enum zone_stream_result
malformed(struct zone_stream *s, const char *why)
{
	s->why = why;
	return ZONE_STREAM_MALFORMED;
}

static enum zone_stream_result
enter(struct zone_stream *s, enum state next)
{
	s->state = next;
	return next == END ? ZONE_STREAM_DONE : ZONE_STREAM_MORE;
}

bool
zone_serial_newer(uint32_t a, uint32_t b)
{
	return a != b && a - b < 0x80000000;
}

/* ---- SOA records ---- */

static enum zone_stream_result
begin_whole(struct zone_stream *s)
{
	if (s->events->whole(s->arg) == -1)
		return ZONE_STREAM_NO_MEMORY;
	s->whole = true;
	return enter(s, WHOLE);
}

static enum zone_stream_result
first_soa(struct zone_stream *s, uint32_t serial)
{
	s->serial = serial;
	if (s->type == DNS_AXFR)
		return begin_whole(s);
	if (serial == s->have)
		return enter(s, END);
	if (!zone_serial_newer(serial, s->have))
		return ZONE_STREAM_OLDER;
	return enter(s, SECOND);
}

static enum zone_stream_result
second_soa(struct zone_stream *s, uint32_t serial)
{
	enum zone_stream_result result;

	if (serial == s->have)
		return enter(s, REMOVING);
	if (serial != s->serial)
		return malformed(s, "a difference from another serial");
	/* SOA(new) SOA(new): the whole of a zone that holds nothing else. */
	result = begin_whole(s);
	return result == ZONE_STREAM_MORE ? enter(s, END) : result;
}

static enum zone_stream_result
whole_soa(struct zone_stream *s, uint32_t serial)
{
	if (serial != s->serial)
		return malformed(s, "it ends with another serial");
	return enter(s, END);
}

static enum zone_stream_result
removing_soa(struct zone_stream *s, uint32_t serial)
{
	s->at = serial;
	return enter(s, ADDING);
}

static enum zone_stream_result
adding_soa(struct zone_stream *s, uint32_t serial)
{
	if (serial != s->at)
		return malformed(s, "differences that do not join");
	return enter(s, serial == s->serial ? END : REMOVING);
}

static enum zone_stream_result
soa_after_end(struct zone_stream *s, uint32_t serial)
{
	(void)serial;
	return malformed(s, "records after the end");
}

/* ---- other records ---- */

static enum zone_stream_result
event(struct zone_stream *s, int (*fn)(void *, const struct dns_rr *),
    const struct dns_rr *rr)
{
	if (rr->type == DNS_TXT && rr->class == DNS_IN && fn(s->arg, rr) == -1)
		return ZONE_STREAM_NO_MEMORY;
	return ZONE_STREAM_MORE;
}

static enum zone_stream_result
first_other(struct zone_stream *s, const struct dns_rr *rr)
{
	(void)rr;
	return malformed(s, "it does not begin with the zone's SOA");
}

static enum zone_stream_result
whole_other(struct zone_stream *s, const struct dns_rr *rr)
{
	return event(s, s->events->add, rr);
}

static enum zone_stream_result
second_other(struct zone_stream *s, const struct dns_rr *rr)
{
	enum zone_stream_result result = begin_whole(s);

	return result == ZONE_STREAM_MORE ? whole_other(s, rr) : result;
}

static enum zone_stream_result
removing_other(struct zone_stream *s, const struct dns_rr *rr)
{
	return event(s, s->events->remove, rr);
}

static enum zone_stream_result
other_after_end(struct zone_stream *s, const struct dns_rr *rr)
{
	(void)rr;
	return malformed(s, "records after the end");
}

static const struct {
	soa_fn *soa;
	other_fn *other;
} rules[] = {
	[FIRST] = { first_soa, first_other },
	[SECOND] = { second_soa, second_other },
	[WHOLE] = { whole_soa, whole_other },
	[REMOVING] = { removing_soa, removing_other },
	[ADDING] = { adding_soa, whole_other },
	[END] = { soa_after_end, other_after_end },
};
_Static_assert(sizeof(rules) / sizeof(rules[0]) == STATE__COUNT, "states");

/* ---- messages ---- */

int
zone_soa_serial(
    const struct dns_reader *r, const struct dns_rr *rr, uint32_t *serial)
{
	size_t start = (size_t)(rr->rdata - r->msg), pos = start;
	struct dns_name name;
	const uint8_t *p;

	if (dns_reader_name(r, &pos, &name) == -1 ||
	    dns_reader_name(r, &pos, &name) == -1 ||
	    pos - start + 20 != rr->rdlen)
		return -1;
	p = r->msg + pos;
	*serial = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
	return 0;
}

static enum zone_stream_result
one_record(struct zone_stream *s, struct dns_reader *r)
{
	struct dns_rr rr;
	uint32_t serial;

	if (dns_reader_rr(r, &rr) == -1)
		return malformed(s, "a record that cannot be read");
	if (++s->records > ZONE_STREAM_RECORDS_MAX)
		return malformed(s, "too many records");
	if (rr.type != DNS_SOA)
		return rules[s->state].other(s, &rr);
	if (!dns_name_equal(&rr.owner, &s->zone) ||
	    zone_soa_serial(r, &rr, &serial) == -1)
		return malformed(s, "a SOA record that is not the zone's");
	return rules[s->state].soa(s, serial);
}

/* The header and the question; the question may be left out after the first
   message (RFC 5936 2.2.1). */
static enum zone_stream_result
head(struct zone_stream *s, struct dns_reader *r, const struct dns_header *h)
{
	struct dns_name name;
	uint16_t type, class;

	if ((h->flags & DNS_QR) == 0 || (h->flags & 0x7800) != 0 ||
	    h->id != s->id)
		return malformed(s, "no answer to what was asked");
	s->rcode = h->flags & 0xf;
	if (s->rcode != DNS_NOERROR)
		return ZONE_STREAM_REFUSED;
	if ((h->flags & DNS_TC) != 0 || h->qd > 1 || (!s->begun && h->qd == 0))
		return malformed(s, "a header that no transfer has");
	s->begun = true;
	if (h->qd == 1 &&
	    (dns_reader_question(r, &name, &type, &class) == -1 ||
		!dns_name_equal(&name, &s->zone) || type != s->type ||
		class != DNS_IN))
		return malformed(s, "another question");
	if (h->an == 0)
		return malformed(s, "a message without records");
	return ZONE_STREAM_MORE;
}

void
zone_stream_begin(struct zone_stream *s)
{
	assert(s->type == DNS_AXFR || s->type == DNS_IXFR);
	s->state = FIRST;
	s->records = 0;
	s->rcode = DNS_NOERROR;
	s->why = "";
	s->begun = s->whole = false;
}

enum zone_stream_result
zone_stream_message(struct zone_stream *s, const uint8_t *msg, size_t len)
{
	enum zone_stream_result result;
	struct dns_reader r;
	struct dns_header h;

	if (dns_reader_open(&r, msg, len, &h) == -1)
		return malformed(s, "no DNS message");
	if ((result = head(s, &r, &h)) != ZONE_STREAM_MORE)
		return result;
	for (unsigned i = 0; i < h.an; i++) {
		result = one_record(s, &r);
		if (result != ZONE_STREAM_MORE && result != ZONE_STREAM_DONE)
			return result;
	}
	return result;
}
