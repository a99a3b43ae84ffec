/*
 * A hash table of chains and a list by last use. Pure.
 */
#include "verifyd/cache.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct entry *chain;         /* next in the bucket */
	struct entry *newer, *older; /* by last use */
	double expires;
	uint32_t hash;
	uint32_t n; /* octets, they begin after the name's NUL */
	char name[];
};

struct cache {
	size_t most, entries;
	uint32_t mask; /* of the buckets, a power of two less one */
	uint8_t key[SIPHASH_KEY];
	struct entry *newest, *oldest;
	struct entry *buckets[];
};

struct cache *
cache_new(size_t most, const uint8_t key[SIPHASH_KEY])
{
	struct cache *cache;
	size_t buckets = 1;

	while (buckets < most && buckets < UINT32_MAX / 2)
		buckets *= 2;
	cache = calloc(1, sizeof(*cache) + buckets * sizeof(struct entry *));
	if (cache == NULL)
		return NULL;
	cache->most = most > 0 ? most : 1;
	cache->mask = (uint32_t)buckets - 1;
	memcpy(cache->key, key, sizeof(cache->key));
	return cache;
}

void
cache_free(struct cache *cache)
{
	struct entry *next;

	if (cache == NULL)
		return;
	for (struct entry *e = cache->newest; e != NULL; e = next) {
		next = e->older;
		free(e);
	}
	free(cache);
}

/* Where the pointer to that entry stands, or where one would be added. */
static struct entry **
find(struct cache *cache, uint32_t hash, const char *name)
{
	struct entry **at = &cache->buckets[hash & cache->mask];

	while (*at != NULL &&
	    ((*at)->hash != hash || strcmp((*at)->name, name) != 0))
		at = &(*at)->chain;
	return at;
}

static void
use_begin(struct cache *cache, struct entry *e)
{
	e->newer = NULL;
	e->older = cache->newest;
	*(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = e;
	cache->newest = e;
}

static void
use_end(struct cache *cache, struct entry *e)
{
	*(e->newer != NULL ? &e->newer->older : &cache->newest) = e->older;
	*(e->older != NULL ? &e->older->newer : &cache->oldest) = e->newer;
}

static void
drop(struct cache *cache, struct entry **at)
{
	struct entry *e = *at;

	*at = e->chain;
	use_end(cache, e);
	free(e);
	cache->entries--;
}

int
cache_put(struct cache *cache, const char *name, const void *octets, size_t n,
    double expires)
{
	size_t name_size = strlen(name) + 1;
	uint32_t hash = (uint32_t)siphash(cache->key, name, name_size);
	struct entry **at = find(cache, hash, name), *e;

	if (*at != NULL)
		drop(cache, at);
	else if (cache->entries == cache->most)
		drop(cache,
		    find(cache, cache->oldest->hash, cache->oldest->name));
	e = malloc(sizeof(*e) + name_size + n);
	if (e == NULL)
		return -1;
	e->expires = expires;
	e->hash = hash;
	e->n = (uint32_t)n;
	memcpy(e->name, name, name_size);
	memcpy(e->name + name_size, octets, n);
	e->chain = cache->buckets[hash & cache->mask];
	cache->buckets[hash & cache->mask] = e;
	use_begin(cache, e);
	cache->entries++;
	return 0;
}

const void *
cache_get(struct cache *cache, const char *name, double now, size_t *n_r)
{
	size_t name_size = strlen(name) + 1;
	uint32_t hash = (uint32_t)siphash(cache->key, name, name_size);
	struct entry **at = find(cache, hash, name), *e = *at;

	if (e == NULL)
		return NULL;
	if (now >= e->expires) {
		drop(cache, at);
		return NULL;
	}
	use_end(cache, e);
	use_begin(cache, e);
	*n_r = e->n;
	return e->name + name_size;
}

size_t
cache_entries(const struct cache *cache)
{
	return cache->entries;
}
