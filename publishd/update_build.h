/*
 * The UPDATE message of RFC 2136 for a run of changes in one zone. Only TXT
 * records are ever added, and only one exact record is ever removed at a time:
 * nothing else of a zone can be reached from here.
 */
#ifndef DNSMAIL_PUBLISHD_UPDATE_BUILD_H
#define DNSMAIL_PUBLISHD_UPDATE_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "common/publish_msg.h"

/* One record to add or to remove; the strings are the caller's. */
struct update_change {
	enum publish_op op;
	uint32_t ttl;      /* of what is added */
	const char *owner; /* presentation form without escapes */
	const char *text;  /* any octets, 0..PUBLISH_TEXT_MAX */
	size_t text_len;
	const uint8_t *lengths; /* of its strings; n 0: 255 each */
	size_t n_lengths;
};

enum {
	UPDATE_MAX = 65535, /* octets of one DNS message over TCP */
	/* Octets of changes in one UPDATE: leaves room for header, zone and
	   TSIG, and for servers that copy the message into a smaller buffer. */
	UPDATE_CHANGES_MAX = 60000,
};

/* What a change takes in the message, octets, names uncompressed. */
size_t update_change_octets(const struct update_change *);

/*
 * Unsigned, in buf; its length, or 0 when it does not fit or a name is none.
 * The order of the changes is kept.
 */
size_t update_build(uint8_t *buf, size_t size, uint16_t id, const char *zone,
    const struct update_change *, size_t n);

#endif
