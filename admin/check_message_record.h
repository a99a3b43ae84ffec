/*
 * One TXT text found at an ID, compared with the message by verifyd's own
 * evidence. Pure.
 */
#ifndef DNSMAIL_ADMIN_CHECK_MESSAGE_RECORD_H
#define DNSMAIL_ADMIN_CHECK_MESSAGE_RECORD_H

#include "admin/check_message_text.h"
#include "verifyd/evidence.h"

/* The text is one of the ID `which` of that evidence. */
void check_message_record(FILE *, const struct check_view *,
    const struct evidence *, size_t which, const struct seen_text *);

#endif
