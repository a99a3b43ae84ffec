/*
 * The servers that could not be reached a moment ago. Nobody need wait for one
 * of these: it is asked beside, while somebody wants to know, and is one no
 * more once it answers.
 */
#ifndef DNSMAIL_PUBLISHD_AWAY_OUT_H
#define DNSMAIL_PUBLISHD_AWAY_OUT_H

#include "common/dns_exchange.h"

struct away_out;

/* NULL: out of memory. */
struct away_out *away_out_new(struct dns_exchange *);
void away_out_free(struct away_out *); /* before its exchange; NULL is fine */

/* It cannot be reached, and why: the log has it once. */
void away_out_add(
    struct away_out *, const struct net_address *, const char *why);

/* Is it one? If so it may be asked this question. */
bool away_out_has(
    struct away_out *, const struct net_address *, const struct dns_question *);

#endif
