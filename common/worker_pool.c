/*
 * Pages that nobody touches cost nothing, so there is room for the largest
 * number of workers twice over.
 */
#include "worker_pool.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct place {
	atomic_bool taken, ready;
	atomic_uint beats;
	struct log_last last;
	/* then n values and n latencies */
};

struct worker_pool {
	const struct metrics *shape;
	size_t places; /* with the parent's */
	size_t place_octets;
	size_t octets;      /* that are mapped */
	atomic_uint *moves; /* odd while counts move between places */
	uint8_t *memory;
};

/* A reader that is disturbed so often goes on: its sum is a little off. */
enum { SUM_TRIES = 1000, ALIGN = 64 };

static size_t
aligned(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static struct place *
place_at(const struct worker_pool *pool, size_t i)
{
	assert(i < pool->places);
	return (struct place *)(void *)(pool->memory + ALIGN +
	    i * pool->place_octets);
}

static struct metrics
metrics_at(const struct worker_pool *pool, size_t i)
{
	struct metrics m = *pool->shape;

	m.values = (int64_t *)(void *)((uint8_t *)place_at(pool, i) +
	    aligned(sizeof(struct place)));
	m.latencies = (struct metric_latency *)(void *)(m.values + m.n);
	return m;
}

struct worker_pool *
worker_pool_new(size_t places, const struct metrics *shape)
{
	struct worker_pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return NULL;
	pool->shape = shape;
	pool->places = places + 1;
	pool->place_octets = aligned(aligned(sizeof(struct place)) +
	    shape->n * (sizeof(int64_t) + sizeof(struct metric_latency)));
	pool->octets = ALIGN + pool->places * pool->place_octets;
	pool->memory = mmap(NULL, pool->octets, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pool->memory == MAP_FAILED) {
		free(pool);
		return NULL;
	}
	pool->moves = (atomic_uint *)(void *)pool->memory;
	atomic_store(&place_at(pool, 0)->taken, true);
	return pool;
}

void
worker_pool_free(struct worker_pool *pool)
{
	if (pool == NULL)
		return;
	munmap(pool->memory, pool->octets);
	free(pool);
}

size_t
worker_pool_take(struct worker_pool *pool)
{
	for (size_t i = 1; i < pool->places; i++)
		if (!atomic_load(&place_at(pool, i)->taken)) {
			memset(
			    (void *)place_at(pool, i), 0, pool->place_octets);
			atomic_store(&place_at(pool, i)->taken, true);
			return i;
		}
	return 0;
}

static void
newer(struct log_last *newest, const struct log_last *other)
{
	if (other->at > newest->at)
		*newest = *other;
}

void
worker_pool_give_back(struct worker_pool *pool, size_t i)
{
	struct metrics all = metrics_at(pool, 0), its = metrics_at(pool, i);

	atomic_fetch_add(pool->moves, 1);
	metrics_add(&all, &its, false);
	newer(&place_at(pool, 0)->last, &place_at(pool, i)->last);
	atomic_store(&place_at(pool, i)->taken, false);
	atomic_fetch_add(pool->moves, 1);
}

void
worker_pool_enter(struct worker_pool *pool, size_t i, struct metrics *m)
{
	*m = metrics_at(pool, i);
	log_keep_last(&place_at(pool, i)->last);
}

void
worker_pool_beat(struct worker_pool *pool, size_t i)
{
	atomic_fetch_add(&place_at(pool, i)->beats, 1);
}

void
worker_pool_ready(struct worker_pool *pool, size_t i)
{
	atomic_store(&place_at(pool, i)->ready, true);
}

uint32_t
worker_pool_beats(const struct worker_pool *pool, size_t i)
{
	return atomic_load(&place_at(pool, i)->beats);
}

bool
worker_pool_is_ready(const struct worker_pool *pool, size_t i)
{
	return atomic_load(&place_at(pool, i)->ready);
}

static void
sum_once(const struct worker_pool *pool, struct metrics *sum,
    struct log_last *newest)
{
	memset(sum->values, 0, sum->n * sizeof(*sum->values));
	memset(sum->latencies, 0, sum->n * sizeof(*sum->latencies));
	*newest = (struct log_last){ 0 };
	for (size_t i = 0; i < pool->places; i++)
		if (atomic_load(&place_at(pool, i)->taken)) {
			struct metrics its = metrics_at(pool, i);

			metrics_add(sum, &its, true);
			newer(newest, &place_at(pool, i)->last);
		}
}

void
worker_pool_sum(const struct worker_pool *pool, struct metrics *sum,
    struct log_last *newest)
{
	unsigned before, tries = 0;

	assert(sum->n == pool->shape->n);
	do {
		before = atomic_load(pool->moves);
		sum_once(pool, sum, newest);
	} while ((before % 2 != 0 || atomic_load(pool->moves) != before) &&
	    ++tries < SUM_TRIES);
}
