/* What the jail forbids and what it does not, each to be tried by its name. */
#ifndef DNSMAIL_JAIL_ATTEMPTS_H
#define DNSMAIL_JAIL_ATTEMPTS_H

#include <stddef.h>

struct jail_attempt {
	const char *name;
	int (*try)(void); /* 0: it works, else -1; it may kill */
};

extern const struct jail_attempt jail_attempts[];
extern const size_t jail_attempts_n;

/* NULL: none has this name. */
const struct jail_attempt *jail_attempt_find(const char *name);

#endif
