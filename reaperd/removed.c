/* Knows nothing of how they went there. */
#include "reaperd/removed.h"

#include "reaperd/counters.h"

enum {
	REFUSED_AGAIN = 3600, /* seconds until a refused name comes again */
};

/* All its names are due at that time. */
static void
due_again(const struct removal *removal, int64_t due)
{
	for (size_t i = 0; i < removal->n; i++)
		zone_due(removal->zone, &removal->records[i]->name, due);
}

void
removed_well(void *arg, const struct removal *removal)
{
	(void)arg;
	metric_add(&counters, COUNT_REMOVED, (int64_t)removal->n);
}

void
removed_later(
    void *arg, const struct removal *removal, int64_t now, const char *why)
{
	(void)arg;
	(void)why;
	metric_add(&counters, COUNT_PUT_OFF, (int64_t)removal->n);
	due_again(removal, now);
}

void
removed_never(void *arg, const struct removal *removal, int64_t now)
{
	(void)arg;
	metric_add(&counters, COUNT_REFUSED, 1);
	due_again(removal, now + REFUSED_AGAIN);
}
