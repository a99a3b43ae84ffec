/*
 * The lines of a message on their way back to smtpd, with what is added and
 * without what is forged: "filter-dataline|SESSION|TOKEN|line". Some at a time.
 */
#ifndef FILTER_RELEASE_H
#define FILTER_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct message;

struct release_plan {
	uint64_t session, token;
	struct message *message; /* NULL: nothing but the end; must stay */
	char *fields;       /* to go on top, each with LF, or NULL; taken */
	const char *forged; /* authserv-id whose results are dropped, or NULL */
};

enum release_state {
	RELEASE_MORE,
	RELEASE_DONE,
	RELEASE_BROKEN, /* ended, but what was said is not the whole message */
};

struct release;

/* NULL: out of memory. */
struct release *release_new(const struct release_plan *);
void release_free(struct release *);

/* Whole lines, until out has so many octets more. */
enum release_state release_some(
    struct release *, struct buffer *out, size_t most);

/* The end alone, for which no memory is needed but out's. 0/-1. */
int release_nothing(uint64_t session, uint64_t token, struct buffer *out);

#endif
