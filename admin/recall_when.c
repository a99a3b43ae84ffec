/* Knows how moments are written; "now" is an argument. */
#include "admin/recall_when.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/config_number.h"

static bool
local_moment(int64_t *when_r, const char *text)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M",
		"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { .tm_isdst = -1 }, given;
		const char *end = strptime(text, forms[i], &tm);

		if (end == NULL || *end != '\0')
			continue;
		given = tm;
		tm.tm_isdst = -1;
		*when_r = (int64_t)mktime(&tm);
		/* mktime() makes March of the 30th of February. */
		return tm.tm_mday == given.tm_mday && tm.tm_mon == given.tm_mon;
	}
	return false;
}

bool
recall_when(int64_t *when_r, const char *text, int64_t now)
{
	const char *p = text + 1;
	int64_t ms = config_duration_ms(text);

	if (ms >= 0) {
		*when_r = now - ms / 1000;
		return true;
	}
	if (text[0] == '@')
		return config_number_take(&p, when_r) == 0 && *p == '\0';
	return local_moment(when_r, text);
}

const char *
recall_when_text(char *buf, int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(buf, RECALL_WHEN_BYTES, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(buf, RECALL_WHEN_BYTES, "@%lld", (long long)when);
	return buf;
}
