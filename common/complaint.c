/*
 * Owns the decision what to say to the log, and when. Must not know the clock.
 */
#include "complaint.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

static const double same_pause = 60, other_pause = 1; /* seconds */

bool
complaint_due(
    struct complaint *c, const char *text, double now, unsigned *held_r)
{
	char cut[COMPLAINT_TEXT_MAX];
	bool same;

	snprintf(cut, sizeof(cut), "%s", text);
	same = c->told && strcmp(cut, c->text) == 0;
	if (c->ever && now - c->last < (same ? same_pause : other_pause)) {
		c->held++;
		return false;
	}
	*held_r = c->held;
	c->held = 0;
	c->last = now;
	if (!c->told)
		c->since = now;
	c->ever = c->told = true;
	memcpy(c->text, cut, sizeof(cut));
	return true;
}

double
complaint_over(struct complaint *c, double now)
{
	if (!c->told)
		return -1;
	c->told = false;
	return now - c->since;
}

void
complaint_log(struct complaint *c, const char *text, double now)
{
	unsigned held;

	if (!complaint_due(c, text, now, &held))
		return;
	if (held > 0)
		log_warnx("%s (and %u more before)", text, held);
	else
		log_warnx("%s", text);
}
