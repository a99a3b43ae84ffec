/* Pauses that double. */
#include "reaperd/pause.h"

#include <math.h>

void
pause_begin(struct pause *p, double now)
{
	if (pause_left(p, now) > 0)
		return;
	p->length = p->length == 0 ? PAUSE_MIN : fmin(p->length * 2, PAUSE_MAX);
	p->until = now + p->length;
}

void
pause_for(struct pause *p, double seconds, double now)
{
	p->until = fmax(p->until, now + seconds);
}

void
pause_forget(struct pause *p)
{
	p->length = 0;
}

double
pause_left(const struct pause *p, double now)
{
	return p->until - now;
}
