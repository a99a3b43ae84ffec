/*
 * What the messages of one AXFR or IXFR answer say (RFC 5936, RFC 1995), as
 * events: TXT records that came and that went. Pure: messages are handed in,
 * one by one and in order, once their signature has vouched for them.
 */
#ifndef DNSMAIL_ZONE_STREAM_H
#define DNSMAIL_ZONE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dns_message.h"

/* Records in one answer; over it the answer is refused. */
enum { ZONE_STREAM_RECORDS_MAX = 200000000 };

/* All return 0, or -1: out of memory, the stream fails. */
struct zone_stream_events {
	int (*whole)(void *arg); /* all of the zone follows, in add */
	int (*add)(void *arg, const struct dns_rr *txt);
	int (*remove)(void *arg, const struct dns_rr *txt);
};

enum zone_stream_result {
	ZONE_STREAM_MORE,      /* the next message, please */
	ZONE_STREAM_DONE,      /* what is known is now the zone at ->serial */
	ZONE_STREAM_OLDER,     /* the server's serial is older than ours */
	ZONE_STREAM_REFUSED,   /* the server says no: ->rcode */
	ZONE_STREAM_MALFORMED, /* ->why, in words */
	ZONE_STREAM_NO_MEMORY,
	ZONE_STREAM__COUNT
};

struct zone_stream {
	const struct zone_stream_events *events;
	void *arg;
	struct dns_name zone;
	uint16_t id, type; /* of the request: DNS_AXFR or DNS_IXFR */
	uint32_t have;     /* IXFR: the serial asked from */
	uint32_t serial;   /* what the answer leads to */
	uint32_t at;       /* IXFR: what the difference in hand leads to */
	uint32_t records;
	unsigned rcode;
	const char *why;
	int state;
	bool begun; /* a message was read */
	bool whole; /* it is all of the zone, also in an IXFR's answer */
};

/* Fields id, type, zone, have, events, arg are set by the owner. */
void zone_stream_begin(struct zone_stream *);
enum zone_stream_result zone_stream_message(
    struct zone_stream *, const uint8_t *msg, size_t len);

/*
 * The serial of a SOA record that was just read: two names, then it and four
 * numbers more (RFC 1035 3.3.13). 0, or -1: malformed.
 */
int zone_soa_serial(
    const struct dns_reader *, const struct dns_rr *, uint32_t *serial_r);

/* RFC 1982: is serial a later than b? */
bool zone_serial_newer(uint32_t a, uint32_t b);

#endif
