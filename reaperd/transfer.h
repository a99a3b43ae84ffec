/*
 * One question to a primary about a zone and its answer: the SOA record, what
 * changed since a serial (IXFR), or all of it (AXFR). Pure: octets to send and
 * octets that came. Nothing of an answer counts before it is vouched for.
 */
#ifndef DNSMAIL_REAPERD_TRANSFER_H
#define DNSMAIL_REAPERD_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/tsig.h"
#include "reaperd/zone.h"
#include "reaperd/zone_stream.h"

enum {
	TRANSFER_REQUEST_MAX = 1024,
	TRANSFER_WHY_MAX = 200,
	/* Messages that wait for a signature: 99, RFC 8945 5.3.1. */
	TRANSFER_HELD_MAX = 100 * (65535 + 2),
};

struct transfer {
	const struct tsig_key *key; /* NULL: unsigned */
	struct zone *zone;
	const struct zone_stream_events *events; /* NULL: the zone's own */
	void *events_arg;
	uint16_t type;   /* DNS_SOA, DNS_IXFR or DNS_AXFR */
	uint32_t serial; /* DONE: the zone's */
	struct tsig_mac mac;
	struct tsig_stream *tsig;
	struct buffer held; /* u16 length and message, each */
	struct zone_stream stream;
};

enum transfer_result {
	TRANSFER_MORE,
	TRANSFER_DONE,
	TRANSFER_OLDER, /* IXFR: the server has an older serial than we */
	TRANSFER_FAILED
};

/*
 * `t` is zeroed or ended; key, zone and events are set. The request's octets in
 * buf[TRANSFER_REQUEST_MAX]; 0: out of memory. `now`: seconds since 1970.
 */
size_t transfer_begin(
    struct transfer *, uint16_t type, uint16_t id, uint64_t now, uint8_t *buf);

/* FAILED: why[TRANSFER_WHY_MAX] in words. With the zone's own events it is
   changed as they come; commit or abandon it at the end. */
enum transfer_result transfer_message(
    struct transfer *, const uint8_t *msg, size_t len, uint64_t now, char *why);
void transfer_end(struct transfer *);

#endif
