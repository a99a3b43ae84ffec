/*
 * What becomes of a message: what is put on top of it, and what smtpd is told
 * when it asks whether it may take it. Pure.
 */
#ifndef FILTER_REPLY_H
#define FILTER_REPLY_H

#include <stdbool.h>
#include <stdint.h>

struct answer;
struct buffer;

enum { REPLY_MAX = 512 };

struct reply {
	bool takes;
	char *fields;         /* each with LF; NULL: none; the caller's */
	char text[REPLY_MAX]; /* "proceed" or "reject|451 ..." */
};

/* What the daemon answered; NULL, or a memory that is out: put off. */
void reply_from(struct reply *, const struct answer *);
/* Put off for a reason of our own. */
void reply_put_off(struct reply *, const char *why);

/* "filter-result|..." for smtpd. */
void reply_put(
    const struct reply *, uint64_t session, uint64_t token, struct buffer *);

#endif
