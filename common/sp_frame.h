/*
 * What nng says over tls+tcp (its "SP over TLS"): each side begins with a head
 * of 8 octets, then come messages: length in 8 octets, number of the request in
 * 4 (the top bit set), what is asked or answered. Pure.
 */
#ifndef DNSMAIL_SP_FRAME_H
#define DNSMAIL_SP_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum { SP_HEAD = 8, SP_FRAME_HEAD = 12 };
enum sp_protocol { SP_REQ = 0x30, SP_REP = 0x31 };

struct sp_frame {
	uint32_t id;
	const uint8_t *data; /* in the input */
	size_t n;
	size_t taken; /* octets of the input */
};

/* 1: there; 0: more is needed; -1: *why_r says what it is instead. */
int sp_head_get(
    const uint8_t *in, size_t len, enum sp_protocol wanted, const char **why_r);
/* `max` bounds data. */
int sp_frame_get(const uint8_t *in, size_t len, size_t max, struct sp_frame *,
    const char **why_r);

void sp_head_put(uint8_t out[SP_HEAD], enum sp_protocol);
/* What goes before n octets. */
void sp_frame_put(uint8_t out[SP_FRAME_HEAD], uint32_t id, size_t n);

#endif
