/*
 * Which of our domains received a message that is now forwarded (protocol.md
 * section 7): that is where the forwarder's ID lies. Pure.
 */
#ifndef SIGNERD_RECEIVED_BY_H
#define SIGNERD_RECEIVED_BY_H

#include "signerd/sign.h"

/* By the ORCPT of a RCPT argument; NULL: none there or not ours. */
const struct config_domain *received_by_orcpt(
    const struct sign_rules *, const char *rcpt);

/*
 * By the message itself: the newest of Delivered-To: and X-Original-To: that
 * is ours, else the first of To: and Cc:, else forward-domain. NULL: none.
 */
const struct config_domain *received_by_message(
    const struct sign_rules *, const struct mail_message *);

#endif
