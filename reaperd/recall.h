/*
 * Which message records somebody wants withdrawn. Pure: the words of a request
 * become values that can be compared, once; then each record is looked at.
 */
#ifndef DNSMAIL_RECALL_H
#define DNSMAIL_RECALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/recall_msg.h"
#include "reaperd/zone.h"

struct recall;

/*
 * NULL: what is asked for makes no sense, why[RECALL_REASON_MAX] says it in
 * words; or out of memory.
 */
struct recall *recall_new(const struct recall_req *, char *why);
void recall_free(struct recall *);

/* May there be something in that domain of ours? */
bool recall_domain(const struct recall *, const char *domain);
/* As above, of a zone: in one of its domains. */
bool recall_zone(const struct recall *, const struct zone *);
/*
 * The first domain it names that is none of these zones'; NULL: none. Nobody
 * should believe that something was withdrawn that is not ours to withdraw.
 */
const char *recall_foreign(const struct recall *, const struct zones *);

bool recall_matches(const struct recall *, const struct zone *,
    const struct expiry_name *, const struct zone_text *);

/* What can be shown of a record. */
void recall_sample(struct recall_sample *, const struct zone *,
    const struct expiry_name *, const struct zone_text *);

#endif
