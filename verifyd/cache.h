/*
 * What was learnt of domains, until its time is over: name to octets, at most
 * so many entries. The hash is keyed, as strangers choose the names; the
 * entry not used for longest makes room. Knows neither a clock nor what the
 * octets mean.
 */
#ifndef DNSMAIL_VERIFYD_CACHE_H
#define DNSMAIL_VERIFYD_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "common/siphash.h"

struct cache;

/* `most` entries, at least 1. NULL: out of memory. */
struct cache *cache_new(size_t most, const uint8_t key[SIPHASH_KEY]);
void cache_free(struct cache *);

/*
 * A copy of the octets, to be had while now < expires; replaces what stood
 * there. Times are of one clock in seconds. -1: out of memory.
 */
int cache_put(struct cache *, const char *name, const void *octets, size_t n,
    double expires);

/* Owned by the cache, until its next call, not aligned; NULL: not there. */
const void *cache_get(
    struct cache *, const char *name, double now, size_t *n_r);

size_t cache_entries(const struct cache *);

#endif
