/*
 * May that user connect to a socket file? As the kernel decides it (unix(7),
 * path_resolution(7)), but for access control lists. Pure.
 */
#ifndef DNSMAIL_CHECK_ACCESS_H
#define DNSMAIL_CHECK_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct access_user {
	uid_t uid;
	const gid_t *groups; /* its own, too */
	size_t n_groups;
};

/* A directory on the way, or the socket at its end. */
struct access_step {
	char *path; /* the caller's */
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

enum access_class { ACCESS_OWNER, ACCESS_GROUP, ACCESS_OTHERS };

struct access_refusal {
	const struct access_step *step;
	bool socket; /* it may not be written to; else not be entered */
	enum access_class class; /* whose bits count for that user */
	bool group_would;        /* the group's bits would let a member in */
};

/* From the root on, the socket last. true, or what refuses it first. */
bool access_may(const struct access_user *, const struct access_step *,
    size_t n, struct access_refusal *);

#endif
