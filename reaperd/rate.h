/*
 * So many a second, and never many at once: a bucket that holds what may be
 * done within RATE_BURST. `now` is any clock, in seconds.
 */
#ifndef DNSMAIL_RATE_H
#define DNSMAIL_RATE_H

#include <stddef.h>

#define RATE_BURST 0.05

struct rate {
	double per_second, tokens, at;
};

void rate_set(struct rate *, double per_second, double now);
/* How many may be done now; 0 when the last one was too much. */
size_t rate_ready(struct rate *, double now);
/* More than was ready is owed. */
void rate_spend(struct rate *, size_t n);

#endif
