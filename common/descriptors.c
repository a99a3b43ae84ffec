/* Owns the process's limit of descriptors. Must not know what they are for. */
#include "descriptors.h"

#include <limits.h>
#include <sys/resource.h>

#include "log.h"

enum { LEAST = 16 };

unsigned
descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return 1024;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
			getrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur < INT_MAX ? (unsigned)limit.rlim_cur : INT_MAX;
}

unsigned
descriptors_fit(
    const char *option, unsigned wanted, unsigned others, unsigned have)
{
	unsigned left = have > others + LEAST ? have - others : LEAST;

	if (wanted <= left)
		return wanted;
	log_warnx(
	    "%s: %u are too many for the %u descriptors that this process "
	    "may have (LimitNOFILE of its unit, ulimit -n): %u are taken",
	    option, wanted, have, left);
	return left;
}
