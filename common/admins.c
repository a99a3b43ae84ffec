/* Asks the system's lists of users and groups, once. */
#include "admins.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>

#include "identity.h"
#include "log.h"

#define GROUP_MARK '%'

struct admins {
	uid_t *users;
	gid_t *groups;
	size_t n_users, n_groups;
};

static bool
group_find(const char *name, gid_t *gid_r)
{
	const struct group *gr = getgrnam(name);
	unsigned long n;
	char *end;

	if (gr != NULL) {
		*gid_r = gr->gr_gid;
		return true;
	}
	errno = 0;
	n = strtoul(name, &end, 10);
	if (errno != 0 || name[0] < '0' || name[0] > '9' || *end != '\0' ||
	    n >= (gid_t)-1)
		return false;
	*gid_r = (gid_t)n;
	return true;
}

static bool
user_find(const char *name, uid_t *uid_r)
{
	struct identity id;
	bool found = identity_find(&id, name) == 0;

	*uid_r = id.uid;
	identity_clear(&id);
	return found;
}

/* Whom a user namespace hides must not be taken for whom it shows instead. */
static void
keep_seen(struct admins *a, bool group)
{
	if (group && identity_group_is_seen(a->groups[a->n_groups]))
		a->n_groups++;
	else if (!group && identity_is_seen(a->users[a->n_users]))
		a->n_users++;
}

static void
add(struct admins *a, const char *name)
{
	bool group = name[0] == GROUP_MARK, found;

	if (group)
		found = group_find(name + 1, &a->groups[a->n_groups]);
	else
		found = user_find(name, &a->users[a->n_users]);
	if (!found)
		log_info("admins: this system has no %s %s",
		    group ? "group" : "user", group ? name + 1 : name);
	else
		keep_seen(a, group);
}

struct admins *
admins_new(const struct strings *names)
{
	struct admins *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->users = calloc(names->n + 1, sizeof(*a->users));
	a->groups = calloc(names->n + 1, sizeof(*a->groups));
	if (a->users == NULL || a->groups == NULL) {
		admins_free(a);
		return NULL;
	}
	for (size_t i = 0; i < names->n; i++)
		add(a, names->v[i]);
	return a;
}

void
admins_free(struct admins *a)
{
	if (a == NULL)
		return;
	free(a->users);
	free(a->groups);
	free(a);
}

bool
admins_have_user(const struct admins *a, uid_t uid)
{
	for (size_t i = 0; i < a->n_users; i++)
		if (a->users[i] == uid)
			return true;
	return uid == 0;
}

bool
admins_have_group(const struct admins *a, const gid_t *groups, size_t n)
{
	for (size_t i = 0; i < a->n_groups; i++)
		for (size_t j = 0; j < n; j++)
			if (a->groups[i] == groups[j])
				return true;
	return false;
}
