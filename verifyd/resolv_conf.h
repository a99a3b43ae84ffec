/* The name servers that resolv.conf(5) names. Pure. */
#ifndef DNSMAIL_VERIFYD_RESOLV_CONF_H
#define DNSMAIL_VERIFYD_RESOLV_CONF_H

#include <stddef.h>

#include "common/net_address.h"

enum { RESOLV_CONF_MAX = 8 };

/* How many were put into v[RESOLV_CONF_MAX]; the others are skipped. */
size_t resolv_conf_parse(
    struct net_address v[RESOLV_CONF_MAX], const char *text, size_t n);

#endif
