/*
 * All that verifies, put together: the handler of messages and the look-ups
 * behind it. verifyd gives it an MTA's messages, dnsmail-check those in files.
 */
#ifndef DNSMAIL_VERIFYD_VERIFIER_OUT_H
#define DNSMAIL_VERIFYD_VERIFIER_OUT_H

#include "verifyd/mail_in.h"
#include "verifyd/surroundings_in.h"

/* Zeroed before its first use. It must not move. */
struct verifier {
	struct ev_loop *loop;
	struct surroundings surroundings;
	struct dns_exchange *exchange;
	struct lists *lists;
	struct lists_next next; /* from prepare to commit or abandon */
	struct reputations *reputations;
	struct lookups lookups;
	struct config *config; /* what lookups points into */
	struct mail_in in;
	struct mail_handler handler;
	unsigned max_queries; /* under way: each has a descriptor */
};

/* What it learns of the host. -1: logged. */
int verifier_open(struct verifier *);

/* By this configuration. -1: logged. */
int verifier_start(struct verifier *, struct ev_loop *, struct config *);

/* By another: what can fail comes first (-1, logged), and after it, with
   nothing in between, one of the others. */
int verifier_prepare(struct verifier *, const struct config *);
void verifier_commit(struct verifier *, struct config *);
void verifier_abandon(struct verifier *);

void verifier_close(struct verifier *); /* after any of these, or none */

#endif
