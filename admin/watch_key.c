#include "admin/watch_key.h"

#include <stdbool.h>
#include <string.h>

static const struct row {
	const char *octets;
	enum watch_key key;
	int n;
} rows[] = {
	{ "q", WATCH_KEY_QUIT, 0 },
	{ "Q", WATCH_KEY_QUIT, 0 },
	{ "0", WATCH_KEY_CHOOSE, 0 },
	{ "1", WATCH_KEY_CHOOSE, 1 },
	{ "2", WATCH_KEY_CHOOSE, 2 },
	{ "3", WATCH_KEY_CHOOSE, 3 },
	{ "4", WATCH_KEY_CHOOSE, 4 },
	{ "\033[A", WATCH_KEY_SCROLL, -1 },
	{ "\033OA", WATCH_KEY_SCROLL, -1 },
	{ "k", WATCH_KEY_SCROLL, -1 },
	{ "\033[B", WATCH_KEY_SCROLL, 1 },
	{ "\033OB", WATCH_KEY_SCROLL, 1 },
	{ "j", WATCH_KEY_SCROLL, 1 },
	{ "\f", WATCH_KEY_AGAIN, 0 },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static bool
begun(const char *octets)
{
	size_t n = strlen(octets);

	for (size_t i = 0; i < ROWS; i++)
		if (n < strlen(rows[i].octets) &&
		    strncmp(octets, rows[i].octets, n) == 0)
			return true;
	return false;
}

size_t
watch_key_next(const char *octets, enum watch_key *key_r, int *n_r)
{
	*key_r = WATCH_KEY_NONE;
	*n_r = 0;
	for (size_t i = 0; i < ROWS; i++) {
		size_t n = strlen(rows[i].octets);

		if (strncmp(octets, rows[i].octets, n) != 0)
			continue;
		*key_r = rows[i].key;
		*n_r = rows[i].n;
		return n;
	}
	return begun(octets) ? 0 : 1;
}
