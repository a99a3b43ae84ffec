/*
 * A daemon's state as it goes to dnsmail-status: self-describing, so that a
 * newer daemon can be read by an older command.
 */
#ifndef DNSMAIL_STATUS_MSG_H
#define DNSMAIL_STATUS_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "metrics.h"
#include "wire.h"

enum {
	STATUS_MSG_VERSION = 1,
	STATUS_MSG_MAX = 256 * 1024,
	STATUS_METRICS_MAX = 200,
};

struct status_msg {
	char daemon[32];
	char version[32];
	uint32_t pid;
	uint64_t now, started; /* seconds since 1970 */
	char last_error[512];  /* "" none */
	uint64_t last_error_at;
	struct metrics metrics; /* get: malloc'd, see free */
};

/* The request is one octet, STATUS_MSG_VERSION. */
void status_msg_put(struct wire *, const struct status_msg *);
int status_msg_get(struct wire *, struct status_msg *);
void status_msg_free(struct status_msg *); /* what get allocated */

#endif
