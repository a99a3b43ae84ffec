/*
 * The processes of a daemon as its parent knows them: who is there, who is to
 * begin, who is ready. Pure: makes and ends none; the time is an argument.
 */
#ifndef DNSMAIL_WORKER_LIST_H
#define DNSMAIL_WORKER_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "restart.h"

/* With those of earlier configurations that finish their work. */
enum { WORKER_LIST_MAX = 256 };

enum worker_standing {
	WORKER_VACANT,
	WORKER_CURRENT,
	WORKER_COMING,  /* of a new configuration, until all are ready */
	WORKER_RETIRED, /* takes no more connections */
};

struct worker {
	enum worker_standing standing;
	bool status; /* answers for all, and takes no mail */
	bool ready;  /* its start went well */
	pid_t pid;   /* 0: not there, it begins at `due` */
	double due;
	size_t place; /* in the pool */
	struct restart restart;
	struct pulse pulse;
};

struct worker_list {
	struct worker v[WORKER_LIST_MAX];
};

/* n more, due at once. 0, or -1: there is no room, and nothing is changed. */
int worker_list_add(
    struct worker_list *, size_t n, enum worker_standing, bool status);

/* How many of a standing take mail, and how many of them are ready. */
size_t worker_list_count(const struct worker_list *, enum worker_standing);
size_t worker_list_ready(const struct worker_list *, enum worker_standing);

/* NULL: there is none. One that is not ready is always due before a restart:
   while some are coming, those that ended wait. */
struct worker *worker_list_due(struct worker_list *, double now);
struct worker *worker_list_find(struct worker_list *, pid_t);

/* When the next is due, or `never`. */
double worker_list_next(const struct worker_list *, double never);

/* Those of a standing that take mail get another; who has no process has none
   at all. */
void worker_list_stand(
    struct worker_list *, enum worker_standing from, enum worker_standing to);

/* What the log calls it. */
const char *worker_word(const struct worker *);

/* Has any a process? */
bool worker_list_any(const struct worker_list *, bool status);

#endif
