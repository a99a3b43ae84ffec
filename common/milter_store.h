/*
 * A milter session as octets, between two processes of one daemon: what the
 * MTA has said so far, up to the recipients of a message.
 */
#ifndef DNSMAIL_MILTER_STORE_H
#define DNSMAIL_MILTER_STORE_H

#include "mail_protocol.h"

/* Of mail_protocol.h, for milter_session. */
int milter_store(const struct mail *, struct buffer *state);
int milter_resume(struct mail *, const uint8_t *state, size_t n);

#endif
