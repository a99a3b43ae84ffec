/* reaperd's options (the section "reaperd" of the configuration). */
#ifndef DNSMAIL_REAPERD_CONFIG_H
#define DNSMAIL_REAPERD_CONFIG_H

#include "common/config.h"
#include "common/tls_files.h"

struct reaperd_config {
	char *user;     /* name or number to run as, when started as root */
	char *key_file; /* "": transfers need no key */
	struct strings publishers; /* URLs */
	struct tls_files tls;
	double poll;  /* seconds */
	int64_t rate; /* removals per second */
	struct strings
	    admins; /* users, and groups behind "%", who may recall */
};

extern const struct config_section reaperd_section;

#endif
