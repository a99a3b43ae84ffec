/*
 * What a daemon's processes know of each other: memory that all of them map.
 * Each place has one writer, so there are no locks. Place 0 is the parent's:
 * what it counts itself, and the sums of those that have ended.
 */
#ifndef DNSMAIL_WORKER_POOL_H
#define DNSMAIL_WORKER_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"
#include "metrics.h"

struct worker_pool;

/* Room for `places` besides the parent's; before any fork. NULL: out of
   memory. `shape` (its rows, n) must outlive it. */
struct worker_pool *worker_pool_new(size_t places, const struct metrics *shape);
/* Unmaps it in this process. */
void worker_pool_free(struct worker_pool *);

/* A free place, all zero, or 0: there is none. For the parent. */
size_t worker_pool_take(struct worker_pool *);
/* Its counts go to the parent's place, its gauges end with it. */
void worker_pool_give_back(struct worker_pool *, size_t place);

/* From now on this process counts in that place and leaves its last warning
   there. */
void worker_pool_enter(struct worker_pool *, size_t place, struct metrics *);

/* A sign of life, and that it does its work. By the place's process. */
void worker_pool_beat(struct worker_pool *, size_t place);
void worker_pool_ready(struct worker_pool *, size_t place);
uint32_t worker_pool_beats(const struct worker_pool *, size_t place);
bool worker_pool_is_ready(const struct worker_pool *, size_t place);

/* The sum of all places into `sum` (of the same shape), and the newest
   warning of all ("" none). */
void worker_pool_sum(
    const struct worker_pool *, struct metrics *sum, struct log_last *newest);

#endif
