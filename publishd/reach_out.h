/*
 * Asks a primary whether the update key may change what it has no business
 * with: one UPDATE that changes nothing, on a connection of its own. One at a
 * time.
 */
#ifndef DNSMAIL_PUBLISHD_REACH_OUT_H
#define DNSMAIL_PUBLISHD_REACH_OUT_H

#include <ev.h>

#include "common/config.h"
#include "common/probe_msg.h"
#include "publishd/update_key.h"

struct reach_out;

typedef void reach_done_fn(void *arg, const struct probe_answer *);

struct reach_out *reach_out_new(struct ev_loop *); /* NULL: out of memory */
void reach_out_free(struct reach_out *);           /* without calling back */

/*
 * Ends what is under way. The key is the caller's and must live until another
 * is set.
 */
void reach_out_configure(struct reach_out *, const struct update_key *);

/*
 * The domain, the address (one of its primaries) and arg live until done was
 * called, which is never inside this call. -1:
 * another one is under way, or out of memory; done will not be called.
 */
int reach_out_ask(struct reach_out *, const struct config_domain *,
    const struct net_address *primary, enum probe_reach, double timeout,
    reach_done_fn *done, void *arg);

#endif
