/* A bound of a daemon, divided among its workers. */
#ifndef DNSMAIL_SHARE_H
#define DNSMAIL_SHARE_H

#include <stdint.h>

/*
 * What each of `workers` (1 and more) has of `total`, rounded up, and never
 * less than `least`. 0, which is no bound, stays 0.
 */
unsigned share_of(int64_t total, int64_t workers, unsigned least);

#endif
