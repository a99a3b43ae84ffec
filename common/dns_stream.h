/*
 * A kept TCP connection to one name server (RFC 7766): framed messages both
 * ways, many in flight. Whoever owns it matches IDs, keeps time and decides
 * about retries; a closed stream connects again at the next send.
 */
#ifndef DNSMAIL_DNS_STREAM_H
#define DNSMAIL_DNS_STREAM_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "net_address.h"

struct dns_stream;

struct dns_stream_events {
	/* One whole message, valid during the call. */
	void (*message)(void *arg, const uint8_t *msg, size_t len);
	/*
	 * The connection is gone (refused, reset, closed, ...) with a reason
	 * in words: everything sent and not answered is lost. Comes from
	 * inside the loop only, never inside a call of the functions below.
	 */
	void (*closed)(void *arg, const char *why);
};

/*
 * Does not connect yet. Everything below may be called inside an event, also
 * dns_stream_free(). NULL: out of memory.
 */
struct dns_stream *dns_stream_new(struct ev_loop *, const struct net_address *,
    const struct dns_stream_events *, void *arg);
/*
 * Queues a copy (1..65535 octets) and connects if need be; all that is queued
 * within one turn of the loop goes in one write. -1: out of memory.
 */
int dns_stream_send(struct dns_stream *, const uint8_t *msg, size_t len);
/* Octets queued and not yet written: back-pressure is the owner's. */
size_t dns_stream_queued(const struct dns_stream *);
/* Stop reading (so the peer stops) and start again; for bounded readers. */
void dns_stream_pause(struct dns_stream *, int on);
void dns_stream_close(struct dns_stream *); /* no event */
void dns_stream_free(struct dns_stream *);  /* no event */

#endif
