/* Owns when glibc gives memory back. Must not know for whom it was. */
#include "heap.h"

#include <limits.h>
#include <malloc.h>

/* Larger blocks are rare, and are the system's again when they are freed. */
enum { LARGE = 1024 * 1024 };

void
heap_keep(void)
{
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_MMAP_THRESHOLD, LARGE);
}

void
heap_give_back(void)
{
	malloc_trim(0);
}
