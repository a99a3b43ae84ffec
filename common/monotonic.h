/* Seconds on a clock that is never set: for deadlines and pauses. */
#ifndef DNSMAIL_MONOTONIC_H
#define DNSMAIL_MONOTONIC_H

double monotonic_now(void);

#endif
