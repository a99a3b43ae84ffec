/*
 * The end of a message: what the MTA is told, and what the log. Each of these
 * calls mail_finish() once; the mail's data is gone afterwards.
 */
#ifndef DNSMAIL_VERIFYD_REPLY_OUT_H
#define DNSMAIL_VERIFYD_REPLY_OUT_H

#include "common/config.h"
#include "common/mail.h"
#include "verifyd/verification.h"

/* A verification, which took so many seconds. */
void reply_verified(struct mail *, const struct config *,
    const struct verification *, double seconds);

/* Not from outside: left as it is. */
void reply_exempt(struct mail *);

/*
 * A message of which not all could be kept. Not for now (451), as forged
 * fields may be in the rest; accepted if observing.
 */
void reply_oversized(struct mail *, const struct config *);

void reply_no_memory(struct mail *);

#endif
