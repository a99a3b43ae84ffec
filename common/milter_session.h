/*
 * One milter connection as a state machine: packets in, messages handed to
 * the daemon, replies out into a buffer. No socket, no clock.
 */
#ifndef DNSMAIL_MILTER_SESSION_H
#define DNSMAIL_MILTER_SESSION_H

#include "mail_protocol.h"
#include "milter.h"

extern const struct mail_protocol milter_protocol;

#endif
