/* publishd's options (the section "publishd" of the configuration). */
#ifndef DNSMAIL_PUBLISHD_CONFIG_H
#define DNSMAIL_PUBLISHD_CONFIG_H

#include "common/config.h"
#include "common/tls_files.h"

/* The default of key-file, which a unit's credential may stand for. */
#define PUBLISHD_KEY_FILE "/etc/dnsmail/update.key"

struct publishd_config {
	char *user; /* name or number to run as, when started as root */
	struct strings listen; /* URLs */
	struct tls_files tls;
	char *key_file;
	int64_t max_batch;
	int64_t max_pending;
	int64_t max_connections;
	double timeout;          /* seconds, per request */
	struct strings signers;  /* user names or numbers: may add */
	struct strings removers; /* user names or numbers: may remove */
	struct strings admins;   /* users, and groups behind "%": may probe */
};

extern const struct config_section publishd_section;

#endif
