/*
 * When a process that ended is made again, and when one that shows no sign of
 * life is given up. Pure: the time is an argument, in seconds.
 */
#ifndef DNSMAIL_RESTART_H
#define DNSMAIL_RESTART_H

#include <stdbool.h>
#include <stdint.h>

struct restart {
	double began;
	unsigned failures; /* in a row */
};

/* Who ran so long did not fail by what it began with. */
#define RESTART_GOOD    60.0
#define RESTART_FIRST   0.1
#define RESTART_LONGEST 30.0

/*
 * It ended: seconds until it is to begin again, RESTART_FIRST and twice as long
 * with each failure in a row, up to RESTART_LONGEST.
 */
double restart_pause(struct restart *, double now);

/* A counter that goes on as long as a process lives; zeroed at its start. */
struct pulse {
	uint32_t seen;
	unsigned missed; /* looks in a row at which it had not gone on */
};

/*
 * Looks: how many looks in a row it has not gone on. Looks are counted, not
 * time: where the whole machine stood still nobody is to blame.
 */
unsigned pulse_look(struct pulse *, uint32_t beats);

#endif
