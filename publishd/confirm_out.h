/*
 * After the primary has a record, every further server that the domain lists
 * must show it before it counts as published: they are asked, again and again
 * with growing pauses, until they do or the request's time is over.
 */
#ifndef DNSMAIL_PUBLISHD_CONFIRM_OUT_H
#define DNSMAIL_PUBLISHD_CONFIRM_OUT_H

#include <ev.h>
#include <stdbool.h>

#include "common/config.h"
#include "common/publish_msg.h"

struct confirm_out;
struct confirm; /* one request's */

struct confirm_out *confirm_out_new(struct ev_loop *);
void confirm_out_free(struct confirm_out *); /* all confirms are gone */

/* Has the domain a server that is not its primary? */
bool confirm_needed(const struct config_domain *);

/*
 * PUB_DONE or PUB_LATER with the reason in words; the confirm is gone then.
 * Never called inside confirm_new(). domain and req live until then;
 * `deadline` is on monotonic_now()'s clock. NULL: out of memory.
 */
typedef void confirm_done_fn(void *arg, enum publish_status, const char *why);
struct confirm *confirm_new(struct confirm_out *, const struct config_domain *,
    const struct publish_req *req, double deadline, confirm_done_fn *,
    void *arg);
void confirm_free(struct confirm *); /* no callback */

#endif
