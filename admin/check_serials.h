/* Do several primaries have one zone, by what its SOA says? */
#ifndef DNSMAIL_CHECK_SERIALS_H
#define DNSMAIL_CHECK_SERIALS_H

#include "admin/check_run.h"
#include "admin/check_zone.h"

/* Says what is found; first: what each primary of the domain has said. */
void check_serials(struct check_run *, const struct config_domain *,
    const struct check_serial *first);

#endif
