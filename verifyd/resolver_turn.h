/*
 * Whose turn it is among the configured resolvers, for one question: each
 * once, in their order, from the one that answered last. When all of them are
 * away, as while a host's only one is restarted, all again, for a while. One
 * that says SERVFAIL is there: the next one is asked, and it not again.
 *
 * Pure: time is an argument.
 */
#ifndef DNSMAIL_VERIFYD_RESOLVER_TURN_H
#define DNSMAIL_VERIFYD_RESOLVER_TURN_H

#include "common/dns_exchange.h"

#define RESOLVER_PAUSE 0.25 /* seconds before all are tried again */

struct resolver_turn {
	size_t at;          /* the resolver */
	size_t tried, away; /* away: could not be reached */
	double deadline;
	double patience; /* all are tried again until then */
};

/* `timeout`: seconds for a look-up, of which this question has a share. */
void resolver_turn_begin(struct resolver_turn *, size_t first, double now,
    double timeout, double share);
/* Of n resolvers, which a reload may have made more or fewer: seconds for the
   one at `at`, none if 0 or less. */
double resolver_turn_seconds(struct resolver_turn *, size_t n, double now);
/* It failed. true: the turn is another's. */
bool resolver_turn_failed(
    struct resolver_turn *, size_t n, const struct dns_reply *);
/* None is left. true: all have their turn again after the pause. */
bool resolver_turn_again(struct resolver_turn *, double now);

#endif
