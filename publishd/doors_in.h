/*
 * Directories below publishd's own in which it also listens, and what may be
 * asked there. The kernel says who comes: only who may enter the directory
 * does. So users need not be seen, and the systemd unit hides them.
 */
#ifndef DNSMAIL_PUBLISHD_DOORS_IN_H
#define DNSMAIL_PUBLISHD_DOORS_IN_H

#include <stddef.h>

#include "common/publish_msg.h"

enum { DOORS_MAX = PUB__COUNT, DOOR_URL_MAX = 128 };

struct door {
	char url[DOOR_URL_MAX];
	enum publish_op op;
};

/*
 * Those whose directory is there. -1 (logged): one that is not ours alone to
 * give, or that others may enter.
 */
int doors_find(const char *run_dir, struct door doors[DOORS_MAX], size_t *n_r);

/* The one of that name, for the socket `file` in it: 1, 0: there is none, -1. */
int door_find(const char *run_dir, const char *name, const char *file,
    char url[DOOR_URL_MAX]);

#endif
