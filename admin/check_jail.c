/* Knows what is left to be read: libcrypto's configuration, and /proc for a
   leak checker. */
#include "admin/check_jail.h"

#include <stddef.h>
#include <unistd.h>

#include "common/identity.h"
#include "common/jail.h"

static int
drop(const char *user)
{
	struct identity id = { 0 };
	int result = 0;

	if (geteuid() == 0 && identity_find(&id, user) == 0)
		result = jail_drop(id.uid, id.gid, id.user);
	identity_clear(&id);
	return result;
}

int
check_jail_enter(unsigned promises, const char *user)
{
	static const char *const readable[] = { "/etc", "/usr", "/lib",
		"/lib64", "/proc", NULL };
	static const char *const writable[] = { NULL };

	return drop(user) == 0 ? jail_enter(promises, readable, writable) : -1;
}
