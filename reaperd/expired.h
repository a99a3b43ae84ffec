/*
 * Which records are over their time, protocol.md 8: `now - date > lifetime`.
 * This is the one place that knows the rule.
 */
#ifndef DNSMAIL_EXPIRED_H
#define DNSMAIL_EXPIRED_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "common/dns_message.h"
#include "common/publish_msg.h"

/* The first second in which a record of that date is expired. */
int64_t expired_due(time_t date, double lifetime);

/* A message record as it stands in the zone. */
struct zone_text {
	time_t date;
	size_t len;
	char text[PUBLISH_TEXT_MAX + 1]; /* NUL-terminated */
	/* As in struct publish_record: n 0 where it is split as usual. */
	size_t n_lengths;
	uint8_t lengths[PUBLISH_STRINGS_MAX];
};

/* -1: the TXT record holds none, or one that publishd would not take. */
int zone_text_get(struct zone_text *, const struct dns_rr *txt);

/* An expired record; 0, or -1 to stop (out of memory). */
typedef int expired_fn(void *arg, const struct zone_text *);

enum expired_result {
	EXPIRED_READ,      /* fn was called for each expired record */
	EXPIRED_NO_ANSWER, /* not an answer to that, or a failure: rcode_r */
	EXPIRED_NO_MEMORY
};

/*
 * Reads an answer to the question for the TXT records of `owner`. *next_r:
 * when the next of the records that stay will be due, INT64_MAX: none stays.
 */
enum expired_result expired_read(const uint8_t *msg, size_t len,
    const struct dns_name *owner, double lifetime, time_t now, expired_fn *fn,
    void *arg, int64_t *next_r, unsigned *rcode_r);

#endif
