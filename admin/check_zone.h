/* What an answer tells of a zone. Pure. */
#ifndef DNSMAIL_CHECK_ZONE_H
#define DNSMAIL_CHECK_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does the first message of an answer to an AXFR begin to give the zone? */
bool check_zone_given(const uint8_t *msg, size_t len);

/* Of an answer to a question for the SOA. false: it has none. */
bool check_zone_serial(const uint8_t *msg, size_t len, uint32_t *serial_r);

struct check_serial {
	bool known;
	uint32_t serial;
};

/*
 * The newest of them (RFC 1982): those of one zone come to it, whatever is
 * published meanwhile. n: there are no two to compare.
 */
size_t check_serials_newest(const struct check_serial *, size_t n);
bool check_serial_reached(uint32_t serial, uint32_t wanted);

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
