/* Owns the kernel's rule. Must not know where the modes come from. */
#include "admin/check_access.h"

#include <sys/stat.h>

static enum access_class
class_of(const struct access_user *u, const struct access_step *s)
{
	if (u->uid == s->uid)
		return ACCESS_OWNER;
	for (size_t i = 0; i < u->n_groups; i++)
		if (u->groups[i] == s->gid)
			return ACCESS_GROUP;
	return ACCESS_OTHERS;
}

/* The first class that fits counts, even where a later one would allow it. */
static bool
allows(mode_t mode, enum access_class class, bool socket)
{
	static const int shifts[] = {
		[ACCESS_OWNER] = 6, [ACCESS_GROUP] = 3, [ACCESS_OTHERS] = 0
	};
	mode_t bit = socket ? S_IWOTH : S_IXOTH;

	return (mode >> shifts[class] & bit) != 0;
}

bool
access_may(const struct access_user *u, const struct access_step *steps,
    size_t n, struct access_refusal *r)
{
	for (size_t i = 0; u->uid != 0 && i < n; i++) {
		const struct access_step *s = &steps[i];
		bool socket = i + 1 == n;
		enum access_class class = class_of(u, s);

		if (allows(s->mode, class, socket))
			continue;
		*r = (struct access_refusal){ .step = s,
			.socket = socket,
			.class = class,
			.group_would = allows(s->mode, ACCESS_GROUP, socket) };
		return false;
	}
	return true;
}
