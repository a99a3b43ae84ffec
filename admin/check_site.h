/* dnsmail-check without a command: the whole site. */
#ifndef DNSMAIL_CHECK_SITE_H
#define DNSMAIL_CHECK_SITE_H

#include "admin/check.h"

/*
 * Reads the configuration itself: what is wrong with it is a finding. A
 * check_level: what the program ends with.
 */
int check_site_run(const struct check_options *);

#endif
