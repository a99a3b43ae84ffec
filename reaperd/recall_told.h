/* What the log, and another administrator, is told of a withdrawal. */
#ifndef DNSMAIL_RECALL_TOLD_H
#define DNSMAIL_RECALL_TOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/recall_msg.h"

/* As the kernel says it; where users are hidden (PrivateUsers=), by the process
   alone, which the journal knows. */
struct recall_asker {
	uid_t uid;
	pid_t pid;
	bool hidden;
};

enum { RECALL_ASKER_MAX = 128 };

/* "uid=0 user=root" or "by=hidden pid=1", in buf[RECALL_ASKER_MAX]; returns it.
 */
const char *recall_asker_words(char *buf, const struct recall_asker *);

/* The number is the one that dnsmail-recall logs, too. */
void recall_tell_begun(const struct recall_asker *, const struct recall_req *);

struct recall_end {
	struct recall_asker by;
	uint64_t number;
	bool withdraw;
	bool stopped;    /* by who asked for it */
	const char *why; /* not all is done; NULL: it is */
	unsigned long long looked_at, matched, withdrawn;
	double ms;
};

/* What was asked for and is not done is a warning, but for who stopped it. */
void recall_tell_over(const struct recall_end *);

#endif
