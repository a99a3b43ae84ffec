/* Owns the units of durations. Pure. */
#include "config_number.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_DIGITS = 15 }; /* so that it fits int64_t */

int
config_number_take(const char **text, int64_t *value_r)
{
	size_t n = strspn(*text, "0123456789");

	if (n == 0 || n > NUMBER_DIGITS)
		return -1;
	*value_r = strtoll(*text, NULL, 10);
	*text += n;
	return 0;
}

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "d", 24 * 60 * 60 * 1000 },
};
enum { N_UNITS = sizeof(units) / sizeof(units[0]) };

const char *
config_duration_text(char *buf, int64_t ms)
{
	size_t i = N_UNITS - 1;

	while (i > 0 && (ms == 0 || ms % units[i].ms != 0))
		i--;
	snprintf(buf, CONFIG_DURATION_TEXT, "%lld%s",
	    (long long)(ms / units[i].ms), units[i].name);
	return buf;
}

int64_t
config_duration_ms(const char *text)
{
	int64_t value;

	if (config_number_take(&text, &value) == -1)
		return -1;
	for (size_t i = 0; i < N_UNITS; i++)
		if (strcmp(text, units[i].name) == 0)
			return value > INT64_MAX / units[i].ms
			    ? -1
			    : value * units[i].ms;
	return -1;
}
