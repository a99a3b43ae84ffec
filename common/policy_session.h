/*
 * The line protocol, for MTAs without milter: requests of name=value lines,
 * each ended by an empty line, as Postfix's policy delegation has them. The
 * names, the same for signing and verifying:
 *
 *   request             sign, verify: which daemon is meant
 *   queue_id, client_address, sasl_username
 *   sender              of the envelope; with or without <>, as all addresses
 *   recipient           repeated
 *   original_recipient  of the recipient before it, as it was before an alias
 *                       or a forward (RFC 3461's ORCPT)
 *   from                the value of From:, raw
 *   dns_mail_id         the value of one DNS-Mail-ID field, raw; repeated
 *   header              "Name: value", raw, unfolded or not; repeated
 *   bind                the content's digest (protocol.md section 5), where
 *                       the MTA's side has made it
 *
 * Others are ignored. The answer is one or more lines action=... and an empty
 * line: PREPEND for each field to add, DUNNO, DEFER, REJECT, DISCARD, HOLD.
 * Pure.
 */
#ifndef DNSMAIL_POLICY_SESSION_H
#define DNSMAIL_POLICY_SESSION_H

#include "mail_protocol.h"

/* Over these, and after a NUL: DEFER 4.3.0, and the connection ends. */
enum {
	POLICY_LINE_MAX = 64 * 1024,      /* octets, without its end */
	POLICY_REQUEST_MAX = 1024 * 1024, /* with the ends of the lines */
};
/* A recipient and its original ones; over that the request is deferred. */
enum { POLICY_RECIPIENT_MAX = 8 * 1024 };

extern const struct mail_protocol policy_protocol;

#endif
