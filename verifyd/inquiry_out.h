/*
 * The look-ups of one message: starts what its verification wants, feeds it
 * the outcomes, at last the wish of the author's domain or the domain lists
 * where that could matter, and says when it is done.
 */
#ifndef DNSMAIL_VERIFYD_INQUIRY_OUT_H
#define DNSMAIL_VERIFYD_INQUIRY_OUT_H

#include "verifyd/config.h"
#include "verifyd/lookup_out.h"
#include "verifyd/verify.h"

struct inquiry;

/*
 * The verify and the options stay the caller's and must outlive it. done
 * is called once, maybe from inside inquiry_start(), and may free the inquiry.
 * `deadline` by ev_now(). NULL: out of memory.
 */
struct inquiry *inquiry_new(const struct lookups *, struct verify *,
    const struct verifyd_config *, void (*done)(void *arg), void *arg);
void inquiry_start(struct inquiry *, double deadline);
void inquiry_free(struct inquiry *); /* cancels what is under way */

#endif
