/*
 * Owns: what libev falls back on. Must not know what it keeps there.
 *
 * libev has a few lists, which double and never shrink. One that cannot grow
 * on the heap moves into the reserve, and back when it grows again. Pages of
 * the reserve that nobody needed cost nothing.
 */
#include "loop_memory.h"

#include <ev.h>
#include <malloc.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* All lists for 8192 watchers, each at its last three sizes. */
enum { RESERVE = 1024 * 1024 };

struct block {
	alignas(max_align_t) size_t size;
	alignas(max_align_t) uint8_t data[];
};

static alignas(max_align_t) uint8_t reserve[RESERVE];
static size_t used;
static unsigned blocks; /* none: it begins anew */

static bool
is_reserved(const void *p)
{
	return (uintptr_t)p - (uintptr_t)reserve < RESERVE;
}

static size_t
size_of(void *p)
{
	if (p == NULL)
		return 0;
	if (!is_reserved(p))
		return malloc_usable_size(p);
	return ((struct block *)((uint8_t *)p - sizeof(struct block)))->size;
}

static void
give_back(void *p)
{
	if (!is_reserved(p))
		free(p);
	else if (--blocks == 0)
		used = 0;
}

static void *
take_reserved(size_t size)
{
	size_t align = alignof(max_align_t);
	size_t whole =
	    sizeof(struct block) + (size + align - 1) / align * align;
	struct block *b = (struct block *)(void *)(reserve + used);

	if (whole > RESERVE - used)
		return NULL;
	used += whole;
	blocks++;
	b->size = size;
	return b->data;
}

/* As realloc(3); NULL is the end of the process. */
static void *
loop_realloc(void *old, long size)
{
	size_t had = size_of(old), want = (size_t)size;
	void *p;

	if (want == 0) {
		give_back(old);
		return NULL;
	}
	if (!is_reserved(old) && (p = realloc(old, want)) != NULL)
		return p;
	if ((p = malloc(want)) == NULL && (p = take_reserved(want)) == NULL)
		return NULL;
	if (old != NULL)
		memcpy(p, old, had < want ? had : want);
	give_back(old);
	return p;
}

void
loop_memory_keep(void)
{
	ev_set_allocator(loop_realloc);
}
