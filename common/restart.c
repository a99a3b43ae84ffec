/* Owns how long the pauses are. Must not know what a process does. */
#include "restart.h"

double
restart_pause(struct restart *r, double now)
{
	double pause = RESTART_FIRST;

	if (now - r->began >= RESTART_GOOD)
		r->failures = 0;
	for (unsigned i = 0; i < r->failures && pause < RESTART_LONGEST; i++)
		pause *= 2;
	r->failures++;
	return pause < RESTART_LONGEST ? pause : RESTART_LONGEST;
}

unsigned
pulse_look(struct pulse *p, uint32_t beats)
{
	p->missed = beats != p->seen ? 0 : p->missed + 1;
	p->seen = beats;
	return p->missed;
}
