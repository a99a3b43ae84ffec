/* Who a daemon runs as: a user as the configuration names one. */
#ifndef DNSMAIL_IDENTITY_H
#define DNSMAIL_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

struct identity {
	uid_t uid;
	gid_t gid;
	char *user; /* NULL: a number without a name */
};

/*
 * A name or a number; a number without a name is its own group. 0, or -1: no
 * such user, or out of memory. identity_clear() afterwards in either case.
 */
int identity_find(struct identity *, const char *user);
void identity_clear(struct identity *);

/* Would a peer with that uid be seen as such, or are users hidden (a user
   namespace, PrivateUsers= of a unit)? */
bool identity_is_seen(uid_t);
bool identity_group_is_seen(gid_t);

/* May this process give files to the group? */
bool identity_may_give(gid_t);

#endif
