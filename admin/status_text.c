/* Knows no daemon: only how things are written. */
#include "admin/status_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

const char *
status_text_span(char *buf, uint64_t seconds)
{
	static const struct {
		unsigned seconds;
		char name;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	size_t i = 0;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	if (i == 3)
		snprintf(buf, STATUS_TEXT_BYTES, "%" PRIu64 "s", seconds);
	else
		snprintf(buf, STATUS_TEXT_BYTES, "%" PRIu64 "%c %" PRIu64 "%c",
		    seconds / units[i].seconds, units[i].name,
		    seconds % units[i].seconds / units[i + 1].seconds,
		    units[i + 1].name);
	return buf;
}

const char *
status_text_since(char *buf, uint64_t now, uint64_t then)
{
	return status_text_span(buf, now > then ? now - then : 0);
}

const char *
status_text_moment(char *buf, uint64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(buf, STATUS_TEXT_BYTES, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(buf, STATUS_TEXT_BYTES, "@%" PRIu64, at);
	return buf;
}

const char *
status_text_wait(char *buf, double seconds)
{
	if (seconds < 1e-3)
		snprintf(buf, STATUS_TEXT_BYTES, "%.0fus", seconds * 1e6);
	else if (seconds < 1)
		snprintf(buf, STATUS_TEXT_BYTES, "%.1fms", seconds * 1e3);
	else
		snprintf(buf, STATUS_TEXT_BYTES, "%.1fs", seconds);
	return buf;
}

const char *
status_text_safe(char *buf, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n + 1 < size; text++)
		buf[n++] = *text < ' ' || *text > '~' ? '?' : *text;
	buf[n] = '\0';
	return buf;
}
