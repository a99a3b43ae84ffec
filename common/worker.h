/* What a process that a daemon's parent forked does first, and beside its work.
 */
#ifndef DNSMAIL_WORKER_H
#define DNSMAIL_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct daemon;
struct worker_pool;

struct worker_place {
	struct worker_pool *pool;
	size_t place;
	int tell;     /* eventfd: the parent looks who is ready */
	pid_t parent; /* it ends with it */
	bool status;  /* answers for all */
};

/* Seconds between the signs of life. */
#define WORKER_BEAT 2.0

/* At once after the fork, the parent's watchers stopped. 0, or -1 (logged). The
   parent is told that it is ready at the first turn of its loop. */
int worker_become(struct daemon *, const struct worker_place *);

/* For the status socket: brings the metrics up to date. NULL: this process
   answers for itself. */
struct log_last;
const struct log_last *worker_gather(struct daemon *);

/* At the end. */
void worker_close(struct daemon *);

/* Is this process such a one? Does it answer for all? */
bool worker_is(void);
bool worker_is_status(void);

#endif
