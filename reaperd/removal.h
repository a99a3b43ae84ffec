/*
 * Expired records of one domain on their way to publishd, as many as go into
 * one request. Exact pairs of name and text: nothing else can be removed.
 */
#ifndef DNSMAIL_REMOVAL_H
#define DNSMAIL_REMOVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/publish_msg.h"
#include "reaperd/zone.h"

/* Records in one request, and octets of it. */
enum { REMOVAL_MAX = 500, REMOVAL_OCTETS_MAX = PUBLISH_REQ_MAX - 4096 };

struct removal_record {
	struct expiry_name name;
	size_t text_len, n_lengths;
	char text[]; /* then the lengths of its strings */
};

struct removal {
	struct zone *zone; /* must outlive it */
	uint16_t domain;
	size_t n, octets;
	struct removal_record *records[REMOVAL_MAX];
};

struct removal *removal_new(struct zone *, uint16_t domain);
void removal_free(struct removal *);

/* Is there no room for a record whose text has so many octets? */
bool removal_full(const struct removal *, size_t text_len);
/* Copies. 0, or -1: out of memory. */
int removal_add(
    struct removal *, const struct expiry_name *, const struct zone_text *);
/* Takes the second half out of it, into a new one. NULL: out of memory. */
struct removal *removal_halve(struct removal *);
/* The PUB_REMOVE request in malloc'd octets; NULL: out of memory. */
uint8_t *removal_request(const struct removal *, size_t *len_r);

#endif
