/*
 * An UPDATE that shows what the update key may change, and changes nothing: it
 * deletes one record that cannot be there, as its data is random (RFC 2136
 * 2.5.4: what is not there is silently ignored).
 */
#ifndef DNSMAIL_PUBLISHD_REACH_BUILD_H
#define DNSMAIL_PUBLISHD_REACH_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "common/config.h"
#include "common/probe_msg.h"

enum { REACH_RANDOM = 16, REACH_UPDATE_MAX = 1024 };

/*
 * Unsigned, in buf; its length, or 0: a name is too long. Nothing is left of
 * those octets of `random` but in that record.
 */
size_t reach_build(uint8_t *buf, size_t size, uint16_t id,
    const struct config_domain *, enum probe_reach,
    const uint8_t random[REACH_RANDOM]);

#endif
