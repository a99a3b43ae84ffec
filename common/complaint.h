/*
 * Trouble that repeats, said once and then now and then: a primary that is
 * away must not fill the log.
 */
#ifndef DNSMAIL_COMPLAINT_H
#define DNSMAIL_COMPLAINT_H

#include <stdbool.h>

enum { COMPLAINT_TEXT_MAX = 400 };

/* A zeroed struct has not complained. */
struct complaint {
	char text[COMPLAINT_TEXT_MAX]; /* said last in this trouble */
	double last;                   /* when something was said */
	double since;                  /* when this trouble was first said */
	unsigned held;                 /* not said since `last` */
	bool ever, told;               /* ... and of this trouble */
};

/*
 * Is `text` to be said now? The same text at most once a minute, others at
 * most once a second. *held_r: how many were not said before this one.
 */
bool complaint_due(
    struct complaint *, const char *text, double now, unsigned *held_r);

/* Warns of it in the log, if it is due. */
void complaint_log(struct complaint *, const char *text, double now);

/* The trouble is over: its seconds, or -1 when nothing was said of it. */
double complaint_over(struct complaint *, double now);

#endif
