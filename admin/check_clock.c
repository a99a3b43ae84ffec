/* What the kernel says of the clock. Nothing is set: modes is 0. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>

#include "admin/check_run.h"

void
check_clock(struct check_run *run)
{
	struct timex tx = { .modes = 0 };
	int state = adjtimex(&tx);
	char ms[32];

	if (state == -1) {
		check_say(
		    run->found, FOUND_CLOCK_UNKNOWN, strerror(errno), NULL);
		return;
	}
	snprintf(ms, sizeof(ms), "%.1f", (double)tx.maxerror / 1000);
	if (state == TIME_ERROR || (tx.status & STA_UNSYNC) != 0)
		check_say(run->found, FOUND_CLOCK_UNSYNCED, NULL);
	else
		check_say(run->found, FOUND_CLOCK_SYNCED, ms, NULL);
}
