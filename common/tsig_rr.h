/*
 * The TSIG record on the wire (RFC 8945 4.2): found in a message, put at the
 * end of one. Only the tsig modules need this; everybody else has tsig.h.
 */
#ifndef DNSMAIL_TSIG_RR_H
#define DNSMAIL_TSIG_RR_H

#include "tsig.h"

enum {
	TSIG_TIMERS_LEN = 8, /* time signed 6, fudge 2 */
	TSIG_TAIL_LEN = 4,   /* error 2, other length 2; other data follow */
	TSIG_TIME_LEN = 6,
};

/* RFC 8945 3 */
enum tsig_error {
	TSIG_ERROR_NONE = 0,
	TSIG_ERROR_BADSIG = 16,
	TSIG_ERROR_BADKEY = 17,
	TSIG_ERROR_BADTIME = 18,
};

/* Pointers go into the message. */
struct tsig_rr {
	size_t start; /* its offset: what is before it is signed */
	struct dns_name key, algorithm;
	const uint8_t *timers;
	int64_t signed_at; /* 48 bits */
	unsigned fudge, original_id, error;
	const uint8_t *mac;
	size_t mac_len;
	const uint8_t *tail;
	size_t other_len;
};

/*
 * TSIG_OK, TSIG_UNSIGNED (well-formed, but there is none) or TSIG_MALFORMED,
 * which a TSIG RR is that is not the last of the message.
 */
enum tsig_result tsig_rr_find(const uint8_t *msg, size_t len, struct tsig_rr *);

/*
 * Puts t (start and tail do not count; there are no other data) at the end of
 * msg[*len] and counts it. -1: no room.
 */
int tsig_rr_put(
    const struct tsig_rr *t, uint8_t *msg, size_t *len, size_t size);

/* 48 bits */
int64_t tsig_time_get(const uint8_t *);
void tsig_timers_put(uint8_t *, int64_t signed_at, unsigned fudge);

#endif
