/*
 * Which of a zone's primaries takes its updates: the first that works. One
 * that fails is left for the next one and is not tried again before a pause,
 * which grows while it keeps failing. Pure; `now` is any clock that never runs
 * backwards, in seconds.
 */
#ifndef DNSMAIL_PUBLISHD_PRIMARY_CHOICE_H
#define DNSMAIL_PUBLISHD_PRIMARY_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/config.h"

struct primary_choice {
	size_t n;          /* 1..CONFIG_PRIMARIES_MAX */
	size_t at;         /* takes the updates */
	size_t taken;      /* took the last one that was accepted */
	unsigned failures; /* in a row, at `at` */
	unsigned refusals; /* of a single record, in a row */
	bool asking;       /* whether an earlier one is back */
	struct {
		double until; /* it is left alone */
		double pause; /* the next one, 0: the first */
	} left[CONFIG_PRIMARIES_MAX];
};

void primary_choice_init(struct primary_choice *, size_t n);

/*
 * An UPDATE to `at` went wrong and its records are not why. What was lost with
 * a connection is tried there once more; `silent`: that has taken long enough.
 */
void primary_choice_failed(struct primary_choice *, bool silent, double now);
/* It has refused an UPDATE of one record: it may be that it refuses all. */
void primary_choice_refused(struct primary_choice *, double now);
/* True: the one before was accepted by another primary. */
bool primary_choice_accepted(struct primary_choice *);

/*
 * The best one before `at` whose pause is over: it is to be asked whether it
 * is back, and primary_choice_asked() told. -1: none, or that is under way.
 */
int primary_choice_ask(struct primary_choice *, double now);
void primary_choice_asked(
    struct primary_choice *, size_t which, bool answers, double now);

#endif
