/* What software a name server says it is. */
#ifndef DNSMAIL_CHECK_SOFTWARE_H
#define DNSMAIL_CHECK_SOFTWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/net_address.h"

/* Pure: an answer to version.bind, class CHAOS, that names PowerDNS. */
bool software_is_powerdns(const uint8_t *msg, size_t len);

/* Asks for at most `seconds`; false also where it does not say. */
bool software_ask_powerdns(const struct net_address *, double seconds);

#endif
