/*
 * Requests, signatures and the order of things; what an AXFR or IXFR says is
 * zone_stream's, what it means the zone's.
 */
#include "reaperd/transfer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/dns_message.h"

enum { RCODE_MASK = 0xf };

/* ---- the request ---- */

static uint8_t *
put_u16(uint8_t *p, unsigned x)
{
	*p++ = (uint8_t)(x >> 8);
	*p++ = (uint8_t)x;
	return p;
}

/*
 * RFC 1995 3: our SOA in the authority section. Its owner points to the
 * question's; of the rest only the serial means anything.
 */
static size_t
put_our_soa(uint8_t *msg, size_t len, uint32_t serial)
{
	enum { NSCOUNT = 8, QUESTION_NAME = 0xc00c, TTL = 4, RDLENGTH = 22 };
	uint8_t *p = msg + len;

	put_u16(msg + NSCOUNT, 1);
	p = put_u16(p, QUESTION_NAME);
	p = put_u16(p, DNS_SOA);
	p = put_u16(p, DNS_IN);
	memset(p, 0, TTL);
	p = put_u16(p + TTL, RDLENGTH);
	memset(p, 0, RDLENGTH);
	put_u16(put_u16(p + 2, serial >> 16), serial & 0xffff);
	return (size_t)(p + RDLENGTH - msg);
}

size_t
transfer_begin(
    struct transfer *t, uint16_t type, uint16_t id, uint64_t now, uint8_t *buf)
{
	size_t len = dns_query_put(buf, TRANSFER_REQUEST_MAX - TSIG_RR_MAX, id,
	    &t->zone->name, type, 0, 0);

	if (len == 0)
		return 0;
	t->type = type;
	t->stream = (struct zone_stream){
		.events = t->events != NULL ? t->events : &zone_events,
		.arg = t->events != NULL ? t->events_arg : t->zone,
		.zone = t->zone->name,
		.id = id,
		.type = type,
		.have = t->zone->serial,
	};
	if (type == DNS_IXFR)
		len = put_our_soa(buf, len, t->zone->serial);
	if (type != DNS_SOA)
		zone_stream_begin(&t->stream);
	if (t->key == NULL)
		return len;
	if (tsig_sign(t->key, buf, &len, TRANSFER_REQUEST_MAX, now, &t->mac) ==
	    -1)
		return 0;
	t->tsig = tsig_stream_new(t->key, &t->mac);
	return t->tsig != NULL ? len : 0;
}

void
transfer_end(struct transfer *t)
{
	tsig_stream_free(t->tsig);
	t->tsig = NULL;
	buffer_free(&t->held);
	t->held = (struct buffer){ 0 };
}

/* ---- what is wrong, in words ---- */

static unsigned
rcode_of(const uint8_t *msg, size_t len)
{
	return len < 4 ? DNS_NOERROR : msg[3] & RCODE_MASK;
}

static enum transfer_result
distrusted(const struct transfer *t, const uint8_t *msg, size_t len,
    enum tsig_result result, const struct tsig_detail *detail, char *why)
{
	unsigned rcode = rcode_of(msg, len);
	const char *said = rcode == DNS_NOERROR ? "its answer is not to be "
						  "believed: "
						: dns_rcode_text(rcode);

	if (result == TSIG_BADTIME)
		snprintf(why, TRANSFER_WHY_MAX,
		    "%s%sBADTIME, its clock differs by %" PRId64 " s", said,
		    rcode == DNS_NOERROR ? "" : "/",
		    detail->skew < 0 ? -detail->skew : detail->skew);
	else
		snprintf(why, TRANSFER_WHY_MAX, "%s%s%s, key \"%s\"", said,
		    rcode == DNS_NOERROR ? "" : "/", tsig_result_names[result],
		    tsig_key_name(t->key));
	return TRANSFER_FAILED;
}

static enum transfer_result
refused(const struct transfer *t, unsigned rcode, char *why)
{
	snprintf(why, TRANSFER_WHY_MAX, "%s%s", dns_rcode_text(rcode),
	    t->key == NULL ? ", and no transfer key is configured" : "");
	return TRANSFER_FAILED;
}

static enum transfer_result
failed(const char *what, char *why)
{
	snprintf(why, TRANSFER_WHY_MAX, "%s", what);
	return TRANSFER_FAILED;
}

/* ---- the answer ---- */

/* The SOA question: one message. */
static enum transfer_result
read_soa(struct transfer *t, const uint8_t *msg, size_t len, char *why)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	uint16_t type, class;
	struct dns_rr rr;

	if (dns_reader_open(&r, msg, len, &h) == -1 || h.id != t->stream.id ||
	    (h.flags & DNS_QR) == 0 || h.qd != 1 ||
	    dns_reader_question(&r, &name, &type, &class) == -1)
		return failed("no answer to what was asked", why);
	if ((h.flags & RCODE_MASK) != DNS_NOERROR)
		return refused(t, h.flags & RCODE_MASK, why);
	if (h.an == 0 || dns_reader_rr(&r, &rr) == -1 || rr.type != DNS_SOA ||
	    !dns_name_equal(&rr.owner, &t->zone->name) ||
	    zone_soa_serial(&r, &rr, &t->serial) == -1)
		return failed("it does not have the zone", why);
	return TRANSFER_DONE;
}

/* A message of a transfer that is vouched for. */
static enum transfer_result
read_stream(struct transfer *t, const uint8_t *msg, size_t len, char *why)
{
	switch (zone_stream_message(&t->stream, msg, len)) {
	case ZONE_STREAM_MORE:
		return TRANSFER_MORE;
	case ZONE_STREAM_DONE:
		t->serial = t->stream.serial;
		return TRANSFER_DONE;
	case ZONE_STREAM_OLDER:
		return TRANSFER_OLDER;
	case ZONE_STREAM_REFUSED:
		return refused(t, t->stream.rcode, why);
	case ZONE_STREAM_MALFORMED:
		return failed(t->stream.why, why);
	case ZONE_STREAM_NO_MEMORY:
	case ZONE_STREAM__COUNT:
		break;
	}
	return failed("out of memory", why);
}

static enum transfer_result
read_vouched(struct transfer *t, const uint8_t *msg, size_t len, char *why)
{
	return t->type == DNS_SOA ? read_soa(t, msg, len, why)
				  : read_stream(t, msg, len, why);
}

static enum transfer_result
hold(struct transfer *t, const uint8_t *msg, size_t len, char *why)
{
	uint8_t length[2];

	put_u16(length, (unsigned)len);
	if (t->held.len + sizeof(length) + len > TRANSFER_HELD_MAX)
		return failed("too much that is not signed", why);
	if (buffer_append(&t->held, length, sizeof(length)) == -1 ||
	    buffer_append(&t->held, msg, len) == -1)
		return failed("out of memory", why);
	return TRANSFER_MORE;
}

/* A signature has come: what waited for it counts. */
static enum transfer_result
read_held(struct transfer *t, char *why)
{
	enum transfer_result result = TRANSFER_MORE;

	while (t->held.len > 0 && result == TRANSFER_MORE) {
		const uint8_t *p = t->held.data;
		size_t len = (size_t)p[0] << 8 | p[1];

		result = read_vouched(t, p + 2, len, why);
		buffer_consume(&t->held, len + 2);
	}
	if (result == TRANSFER_DONE)
		return failed("messages after the end", why);
	return result;
}

enum transfer_result
transfer_message(
    struct transfer *t, const uint8_t *msg, size_t len, uint64_t now, char *why)
{
	enum transfer_result held;
	struct tsig_detail detail;
	enum tsig_result result;

	assert(len <= UINT16_MAX);
	if (t->key == NULL)
		return read_vouched(t, msg, len, why);
	result = tsig_stream_message(t->tsig, msg, len, now, &detail);
	if (result == TSIG_UNSIGNED)
		return hold(t, msg, len, why);
	if (result != TSIG_OK)
		return distrusted(t, msg, len, result, &detail, why);
	if ((held = read_held(t, why)) != TRANSFER_MORE)
		return held;
	return read_vouched(t, msg, len, why);
}
