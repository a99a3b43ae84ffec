/* Is dnsmail.<domain> what the configuration has? Pure. */
#ifndef DNSMAIL_CHECK_LIST_H
#define DNSMAIL_CHECK_LIST_H

#include "admin/check_findings.h"
#include "common/config.h"
#include "verifyd/server_list.h"

enum { CHECK_ADDRESSES_MAX = 512 };

/* "192.0.2.1", and "@PORT" where that is not 53; returns buf. */
const char *check_server_text(
    const struct net_address *, char buf[NET_ADDRESS_TEXT_MAX]);

/* As the TXT record would have them: "192.0.2.1,2001:db8::5"; in buf. */
const char *check_addresses(
    char buf[CHECK_ADDRESSES_MAX], const struct net_address *, size_t n);

/* What `resolver` told; says at least one finding. */
void check_list_judge(struct check_findings *, const struct config_domain *,
    const char *resolver, const struct server_list *);

/* What a listed server itself has; says nothing if that is right, or none. */
void check_list_direct(struct check_findings *, const struct config_domain *,
    const char *server, const struct server_list *);

#endif
