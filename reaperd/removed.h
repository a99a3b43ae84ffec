/* What index and counters learn of expired records that went to publishd. */
#ifndef DNSMAIL_REMOVED_H
#define DNSMAIL_REMOVED_H

#include <stdint.h>

#include "reaperd/removal.h"

/* As struct remove_events wants them; without arg. `now`: since 1970. */
void removed_well(void *arg, const struct removal *);
/* Their names are due again at once ... */
void removed_later(
    void *arg, const struct removal *, int64_t now, const char *why);
/* ... or after a long while. */
void removed_never(void *arg, const struct removal *, int64_t now);

#endif
