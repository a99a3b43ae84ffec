/* publishd's doors (door_dir.h), and what may be asked there. */
#ifndef DNSMAIL_PUBLISHD_DOORS_IN_H
#define DNSMAIL_PUBLISHD_DOORS_IN_H

#include <stddef.h>

#include "common/door_dir.h"
#include "common/publish_msg.h"

enum { DOORS_MAX = PUB__COUNT };

struct door {
	char url[DOOR_URL_MAX];
	enum publish_op op;
};

/* Those whose directory is there. -1 (logged): one is not safe. */
int doors_find(const char *run_dir, struct door doors[DOORS_MAX], size_t *n_r);

#endif
