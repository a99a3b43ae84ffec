/*
 * The names that hold message records, ordered by when they should be looked
 * at. It knows neither texts nor the clock: a name, how many records stand
 * there, and a time. What really stands at a name is asked when its time has
 * come, so a time that is too early costs a question and nothing else.
 */
#ifndef DNSMAIL_EXPIRY_H
#define DNSMAIL_EXPIRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXPIRY_LABEL_MAX = 63, EXPIRY_KEY = 16 };

struct expiry;

struct expiry_name {
	uint16_t domain; /* the owner's number for it */
	char label[EXPIRY_LABEL_MAX + 1];
};

/* `key` makes the hash unguessable: random octets. NULL: out of memory. */
struct expiry *expiry_new(const uint8_t key[EXPIRY_KEY]);
void expiry_free(struct expiry *);

/*
 * One more record at that name, whose label has 1..63 octets. The name's time
 * becomes `due` if that is earlier. Times are seconds since 1970 and are kept
 * within 0..UINT32_MAX (the year 2106). 0, or -1: out of memory.
 */
int expiry_add(struct expiry *, const struct expiry_name *, int64_t due);

/* One record less. false: no such name. */
bool expiry_remove(struct expiry *, const struct expiry_name *);

/*
 * The name whose time came first, if it came by `now`. It stays, with the time
 * `again`, until its records are removed: who takes it and fails need not say.
 */
bool expiry_take(
    struct expiry *, int64_t now, int64_t again, struct expiry_name *name_r);

/* Sets a name's time; a name that is gone meanwhile is fine. */
void expiry_move(struct expiry *, const struct expiry_name *, int64_t due);

/* A name's time, or -1: no such name. */
int64_t expiry_due(const struct expiry *, const struct expiry_name *);

/* The earliest time, INT64_MAX when there is no name. */
int64_t expiry_next(const struct expiry *);

size_t expiry_names(const struct expiry *);
size_t expiry_records(const struct expiry *);
size_t expiry_memory(const struct expiry *); /* octets */

#endif
