/*
 * Owns the form of the TSIG record. Must not know keys, nor when a record is
 * good.
 */
#include "tsig_rr.h"

#include <string.h>

enum {
	ARCOUNT_AT = 10,
	RR_FIXED = 10,       /* type, class, TTL, RDLENGTH */
	MAC_LEN_LEN = 2,     /* the octets before the MAC */
	ORIGINAL_ID_LEN = 2, /* those after it */
};

static unsigned
u16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint8_t *
put_u16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

static uint8_t *
put_bytes(uint8_t *p, const void *bytes, size_t n)
{
	memcpy(p, bytes, n);
	return p + n;
}

int64_t
tsig_time_get(const uint8_t *p)
{
	int64_t v = 0;

	for (size_t i = 0; i < TSIG_TIME_LEN; i++)
		v = v << 8 | p[i];
	return v;
}

void
tsig_timers_put(uint8_t *p, int64_t signed_at, unsigned fudge)
{
	for (size_t i = 0; i < TSIG_TIME_LEN; i++)
		p[i] = (uint8_t)(signed_at >> (40 - 8 * i));
	put_u16(p + TSIG_TIME_LEN, fudge);
}

/* p[n]: what follows the algorithm's name. */
static enum tsig_result
parse_fields(struct tsig_rr *t, const uint8_t *p, size_t n)
{
	size_t fixed =
	    TSIG_TIMERS_LEN + MAC_LEN_LEN + ORIGINAL_ID_LEN + TSIG_TAIL_LEN;

	if (n < fixed)
		return TSIG_MALFORMED;
	t->timers = p;
	t->signed_at = tsig_time_get(p);
	t->fudge = u16(p + TSIG_TIME_LEN);
	t->mac_len = u16(p + TSIG_TIMERS_LEN);
	t->mac = p + TSIG_TIMERS_LEN + MAC_LEN_LEN;
	if (n - fixed < t->mac_len)
		return TSIG_MALFORMED;
	t->original_id = u16(t->mac + t->mac_len);
	t->tail = t->mac + t->mac_len + ORIGINAL_ID_LEN;
	t->error = u16(t->tail);
	t->other_len = u16(t->tail + 2);
	return n - fixed - t->mac_len == t->other_len ? TSIG_OK
						      : TSIG_MALFORMED;
}

/* All that the header counts; the last RR is left in rr. */
static int
walk(struct dns_reader *r, const struct dns_header *h, struct dns_rr *rr)
{
	struct dns_name name;
	uint16_t type, class;
	unsigned n;

	for (n = h->qd; n > 0; n--)
		if (dns_reader_question(r, &name, &type, &class) == -1)
			return -1;
	for (n = (unsigned)h->an + h->ns + h->ar; n > 0; n--)
		if (rr->type == DNS_TSIG || dns_reader_rr(r, rr) == -1)
			return -1;
	return r->pos == r->len ? 0 : -1;
}

enum tsig_result
tsig_rr_find(const uint8_t *msg, size_t len, struct tsig_rr *t)
{
	struct dns_rr rr = { .type = 0 };
	struct dns_reader r;
	struct dns_header h;
	size_t at, end;

	if (dns_reader_open(&r, msg, len, &h) == -1 || walk(&r, &h, &rr) == -1)
		return TSIG_MALFORMED;
	if (rr.type != DNS_TSIG)
		return TSIG_UNSIGNED;
	if (h.ar == 0 || rr.class != DNS_CLASS_ANY || rr.ttl != 0)
		return TSIG_MALFORMED;
	at = (size_t)(rr.rdata - msg);
	end = at + rr.rdlen;
	if (dns_reader_name(&r, &at, &t->algorithm) == -1 || at > end)
		return TSIG_MALFORMED;
	t->start = rr.start;
	t->key = rr.owner;
	return parse_fields(t, msg + at, end - at);
}

int
tsig_rr_put(const struct tsig_rr *t, uint8_t *msg, size_t *len, size_t size)
{
	size_t rdlen = t->algorithm.len + TSIG_TIMERS_LEN + MAC_LEN_LEN +
	    t->mac_len + ORIGINAL_ID_LEN + TSIG_TAIL_LEN;
	uint8_t *p = msg + *len;

	if (size - *len < t->key.len + RR_FIXED + rdlen)
		return -1;
	p = put_bytes(p, t->key.wire, t->key.len);
	p = put_u16(p, DNS_TSIG);
	p = put_u16(p, DNS_CLASS_ANY);
	p = put_u16(p, 0); /* TTL */
	p = put_u16(p, 0);
	p = put_u16(p, rdlen);
	p = put_bytes(p, t->algorithm.wire, t->algorithm.len);
	p = put_bytes(p, t->timers, TSIG_TIMERS_LEN);
	p = put_u16(p, t->mac_len);
	p = put_bytes(p, t->mac, t->mac_len);
	p = put_u16(p, t->original_id);
	p = put_u16(p, t->error);
	p = put_u16(p, 0); /* no other data */
	*len = (size_t)(p - msg);
	put_u16(msg + ARCOUNT_AT, u16(msg + ARCOUNT_AT) + 1);
	return 0;
}
