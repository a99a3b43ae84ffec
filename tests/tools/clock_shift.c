/*
 * A library for LD_PRELOAD: the program's wall clock is CLOCK_SHIFT seconds
 * off, so a real name server can have a wrong clock. With CLOCK_STATE the
 * kernel says that it is right to within 12.5 ms ("right"), or that nothing
 * keeps it so.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static long
shift(void)
{
	const char *text = getenv("CLOCK_SHIFT");

	return text != NULL ? atol(text) : 0;
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	long result = syscall(SYS_clock_gettime, clock, ts);

	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
		ts->tv_sec += shift();
	return (int)result;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;
	int result = clock_gettime(CLOCK_REALTIME, &ts);

	(void)zone;
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return result;
}

time_t
time(time_t *out)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (out != NULL)
		*out = ts.tv_sec;
	return ts.tv_sec;
}

int
adjtimex(struct timex *tx)
{
	const char *text = getenv("CLOCK_STATE");
	int state = (int)syscall(SYS_adjtimex, tx);

	if (text == NULL)
		return state;
	tx->maxerror = 12500;
	tx->status = strcmp(text, "right") == 0 ? 0 : STA_UNSYNC;
	return tx->status == 0 ? TIME_OK : TIME_ERROR;
}
