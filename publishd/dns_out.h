/*
 * The primaries of our zones, and the UPDATEs to them: one kept TCP connection
 * for each primary, one UPDATE at a time for each of its zones.
 */
#ifndef DNSMAIL_PUBLISHD_DNS_OUT_H
#define DNSMAIL_PUBLISHD_DNS_OUT_H

#include <ev.h>

#include "common/config.h"
#include "publishd/batch.h"
#include "publishd/update_key.h"

struct dns_out;

/* `done` as in batch.h; never called inside dns_out_submit(). */
struct dns_out *dns_out_new(struct ev_loop *, batch_done_fn *done);
void dns_out_free(struct dns_out *); /* without calling back */

/*
 * The key is the caller's and must live until another is set. Zones without
 * a request under way are forgotten, so this goes with every configuration.
 */
void dns_out_configure(
    struct dns_out *, const struct update_key *, size_t max_batch);

/*
 * To the zone of that domain. `deadline` is on monotonic_now()'s clock; req
 * lives until done(arg) was called. -1: out of memory.
 */
int dns_out_submit(struct dns_out *, const struct config_domain *,
    const struct publish_req *req, double deadline, void *arg);

/*
 * The primary that took the last update of that domain's zone, in words; ""
 * where none is known. Valid until the next call of any function here.
 */
const char *dns_out_taken(struct dns_out *, const struct config_domain *);

#endif
