/* What an answer tells of a zone. Pure. */
#ifndef DNSMAIL_CHECK_ZONE_H
#define DNSMAIL_CHECK_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does the first message of an answer to an AXFR begin to give the zone? */
bool check_zone_given(const uint8_t *msg, size_t len);

enum zone_walk {
	WALK_UNSIGNED, /* no NSEC of either kind */
	WALK_MINIMAL,  /* NSEC that names nothing but what was asked for */
	WALK_NSEC,
	WALK_NSEC3,
};

struct zone_walk_answer {
	enum zone_walk walk;
	unsigned iterations; /* NSEC3 */
	bool opt_out;
};

/* Of a whole answer about a name that does not exist, asked with DO. */
void check_zone_walk(struct zone_walk_answer *, const uint8_t *msg, size_t len);

#endif
