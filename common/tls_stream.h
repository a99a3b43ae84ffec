/*
 * One TLS connection with nng's messages on it (sp_frame.h), on the loop.
 * Bounded: the time of the handshake; the size of a message, and so what is
 * held of one that is not yet whole; what the other side does not read. Who
 * answers reads nothing while TLS_STREAM_UNREAD octets wait to be written, so a
 * peer that only asks has these at most, and answers to what was taken before.
 * Who asks always reads, or two could wait for each other; nothing is taken
 * over TLS_STREAM_UNREAD_MOST. A peer that is gone without a word is noticed
 * within some 20 s, and within 15 s when something was sent to it.
 */
#ifndef DNSMAIL_TLS_STREAM_H
#define DNSMAIL_TLS_STREAM_H

#include <ev.h>
#include <stddef.h>
#include <stdint.h>

#include "sp_frame.h"
#include "tls_context.h"

enum {
	TLS_STREAM_UNREAD = 64 * 1024,
	TLS_STREAM_UNREAD_MOST = 4 * 1024 * 1024
};

struct tls_stream;

/* In any of them the stream may be freed. */
struct tls_stream_events {
	/* Certificates are verified, SSL lives as long as the stream;
	   -1: it may not come in. */
	int (*verified)(void *arg, SSL *);
	/* The peer speaks the protocol: from now on messages may be sent. */
	void (*ready)(void *arg);
	void (*message)(void *arg, uint32_t id, const uint8_t *data, size_t n);
	/* Nothing comes any more; it still must be freed. */
	void (*closed)(void *arg, const char *why);
};

/*
 * Takes ssl and fd (connected or connecting). `own`: what we are. NULL: out of
 * memory, and both are closed.
 */
struct tls_stream *tls_stream_new(struct ev_loop *, SSL *, int fd,
    enum sp_protocol own, size_t max_message, const struct tls_stream_events *,
    void *arg);
/* Copies. -1: too much is unread at the other side, or out of memory. */
int tls_stream_send(struct tls_stream *, uint32_t id, const void *, size_t n);
/* Reads no more for a while. */
void tls_stream_pause(struct tls_stream *, int paused);
/* Reads no more; when all is written `closed` comes, with `why` (static). */
void tls_stream_end(struct tls_stream *, const char *why);
void tls_stream_free(struct tls_stream *); /* NULL is fine */

#endif
