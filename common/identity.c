/* Asks the system's list of users; never changes who the process is. */
#include "identity.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
from_entry(struct identity *id, const struct passwd *pw)
{
	id->uid = pw->pw_uid;
	id->gid = pw->pw_gid;
	id->user = strdup(pw->pw_name);
	return id->user != NULL ? 0 : -1;
}

int
identity_find(struct identity *id, const char *user)
{
	const struct passwd *pw = getpwnam(user);
	unsigned long number;
	char *end;

	memset(id, 0, sizeof(*id));
	if (pw != NULL)
		return from_entry(id, pw);
	errno = 0;
	number = strtoul(user, &end, 10);
	/* (uid_t)-1 means "unchanged" to the kernel. */
	if (user[0] < '0' || user[0] > '9' || *end != '\0' || errno != 0 ||
	    number >= (uid_t)-1)
		return -1;
	pw = getpwuid((uid_t)number);
	if (pw != NULL)
		return from_entry(id, pw);
	id->uid = (uid_t)number;
	id->gid = (gid_t)number;
	return 0;
}

void
identity_clear(struct identity *id)
{
	free(id->user);
	memset(id, 0, sizeof(*id));
}

bool
identity_may_give(gid_t gid)
{
	int n = getgroups(0, NULL);
	gid_t *groups = n > 0 ? calloc((size_t)n, sizeof(*groups)) : NULL;
	bool member = geteuid() == 0 || getegid() == gid;

	if (groups != NULL)
		n = getgroups(n, groups);
	for (int i = 0; groups != NULL && i < n; i++)
		member = member || groups[i] == gid;
	free(groups);
	return member;
}

/*
 * user_namespaces(7): lines of "first here, first outside, how many". Whom a
 * namespace does not have shows as one and the same user, 65534.
 */
static bool
map_has(const char *path, unsigned long id)
{
	FILE *map = fopen(path, "re");
	unsigned long first, count;
	bool has = map == NULL && errno == ENOENT; /* then there are none */

	while (map != NULL && !has &&
	    fscanf(map, "%lu %*u %lu", &first, &count) == 2)
		has = id >= first && id - first < count;
	if (map != NULL)
		fclose(map);
	return has;
}

bool
identity_is_seen(uid_t uid)
{
	return map_has("/proc/self/uid_map", uid);
}

bool
identity_group_is_seen(gid_t gid)
{
	return map_has("/proc/self/gid_map", gid);
}
