/*
 * One UPDATE to one primary, for who wants to know what that one takes: a
 * probe's record, or what changes nothing and shows how far the update key
 * reaches. On a connection of its own, one at a time.
 */
#ifndef DNSMAIL_PUBLISHD_REACH_OUT_H
#define DNSMAIL_PUBLISHD_REACH_OUT_H

#include <ev.h>

#include "common/config.h"
#include "common/probe_msg.h"
#include "publishd/update_build.h"
#include "publishd/update_key.h"

struct reach_out;

struct reach_question {
	const struct config_domain *domain;
	const struct net_address *primary;
	const struct update_change *record; /* NULL: may it change `reach`? */
	enum probe_reach reach;
};

typedef void reach_done_fn(void *arg, const struct probe_answer *);

struct reach_out *reach_out_new(struct ev_loop *); /* NULL: out of memory */
void reach_out_free(struct reach_out *);           /* without calling back */

/*
 * Ends what is under way. The key is the caller's and must live until another
 * is set.
 */
void reach_out_configure(struct reach_out *, const struct update_key *);

/*
 * done is never called inside this call. -1: another one is under way, or out
 * of memory; done will not be called.
 */
int reach_out_ask(struct reach_out *, const struct reach_question *,
    double timeout, reach_done_fn *done, void *arg);

#endif
