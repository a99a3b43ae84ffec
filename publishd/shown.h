/*
 * Does a name server's answer show the records that we published?
 */
#ifndef DNSMAIL_PUBLISHD_SHOWN_H
#define DNSMAIL_PUBLISHD_SHOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dns_message.h"
#include "common/publish_msg.h"

/*
 * records: n of them, 1..PUBLISH_RECORDS_MAX, all at `owner`. False also when
 * the message is malformed.
 */
bool shown_all(const uint8_t *msg, size_t len, const struct dns_name *owner,
    const struct publish_record *records, size_t n);

#endif
