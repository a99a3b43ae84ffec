/*
 * May that be asked at all? publishd trusts nobody: whatever passes here can
 * only touch message records (protocol.md 2.2) at ID names (2.1) of a domain
 * of ours.
 */
#ifndef DNSMAIL_PUBLISHD_REQUEST_CHECK_H
#define DNSMAIL_PUBLISHD_REQUEST_CHECK_H

#include <stdbool.h>

#include "common/config.h"
#include "common/publish_msg.h"

enum { REQUEST_TTL_MAX = 3600 };

/*
 * NULL, or what is wrong in words, and *index_r is the record that has it
 * (0 when it is not about one). `domain` NULL: it is none of ours.
 */
const char *request_check(const struct publish_req *,
    const struct config_domain *domain, size_t *index_r);

/* A probe of dnsmail-check (probe_msg.h): it vouches for no mail at all. */
bool request_is_probe(const char *text);

#endif
