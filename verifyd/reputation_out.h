/*
 * The domain lists of the configuration, asked about the verified domains of
 * one message, all at once. A list that does not answer in its time says
 * nothing: that is told in the log and counted, and the message goes on. One
 * that has been silent for some questions gets one at a time until it answers.
 */
#ifndef DNSMAIL_VERIFYD_REPUTATION_OUT_H
#define DNSMAIL_VERIFYD_REPUTATION_OUT_H

#include "verifyd/list_out.h"
#include "verifyd/verification.h"

struct reputations;      /* the asker: one per daemon */
struct reputation_check; /* of one message */

/* NULL: out of memory. The lists must outlive it. */
struct reputations *reputations_new(struct ev_loop *, struct lists *);
void reputations_free(struct reputations *); /* no check is under way */

/*
 * The verification and the options, which have a list, stay the caller's and
 * must outlive it. NULL: out of memory.
 */
struct reputation_check *reputation_check_new(struct reputations *,
    const struct verification *, const struct verifyd_config *);

/*
 * Asks. done is called once, by `deadline` (of ev_now()) at the latest, maybe
 * from inside this call, and may free the check.
 */
void reputation_check_start(struct reputation_check *, double deadline,
    void (*done)(void *arg, const struct reputation *), void *arg);
void reputation_check_free(struct reputation_check *); /* cancels; NULL is fine
							*/

#endif
