/* What the commands of dnsmail-check share: how they were called. */
#ifndef DNSMAIL_CHECK_H
#define DNSMAIL_CHECK_H

#include <stdbool.h>

#include "common/config.h"
#include "common/net_address.h"

/* How it ends, as monitoring plug-ins do; worst last but for CANNOT_TELL. */
enum check_level {
	CHECK_OK,
	CHECK_WARNING,
	CHECK_CRITICAL,
	CHECK_CANNOT_TELL,
	CHECK_LEVEL__COUNT
};

struct check_options {
	const char *config; /* the file's path */
	bool json;
	double timeout;               /* seconds, for everything */
	const char *mta_user;         /* NULL: found */
	struct net_addresses outside; /* name servers far away; n 0: roots */
	struct strings ignored;       /* names of findings that do not count */
};

#endif
