/*
 * How long to leave off after trouble: longer each time, until something goes
 * well. `now` is a clock that never runs backwards, in seconds.
 */
#ifndef DNSMAIL_PAUSE_H
#define DNSMAIL_PAUSE_H

#define PAUSE_MIN 0.5
#define PAUSE_MAX 15.0

/* A zeroed struct is no pause. */
struct pause {
	double length, until;
};

/* Trouble; more of it within the pause makes it no longer. */
void pause_begin(struct pause *, double now);
/* At least so many seconds from now, without doubling. */
void pause_for(struct pause *, double seconds, double now);
/* Something went well: the next pause is a short one. */
void pause_forget(struct pause *);
/* Seconds to go, 0 or less: none. */
double pause_left(const struct pause *, double now);

#endif
