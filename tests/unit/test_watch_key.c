/* Keys as terminals send them, whole and in pieces. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "admin/watch_key.h"

static const struct row {
	const char *octets;
	size_t used;
	enum watch_key key;
	int n;
} rows[] = {
	{ "q", 1, WATCH_KEY_QUIT, 0 },
	{ "qx", 1, WATCH_KEY_QUIT, 0 },
	{ "4", 1, WATCH_KEY_CHOOSE, 4 },
	{ "0", 1, WATCH_KEY_CHOOSE, 0 },
	{ "5", 1, WATCH_KEY_NONE, 0 },
	{ "\033[A", 3, WATCH_KEY_SCROLL, -1 },
	{ "\033OBq", 3, WATCH_KEY_SCROLL, 1 },
	{ "\f", 1, WATCH_KEY_AGAIN, 0 },
	/* in pieces */
	{ "\033", 0, WATCH_KEY_NONE, 0 },
	{ "\033[", 0, WATCH_KEY_NONE, 0 },
	{ "\033O", 0, WATCH_KEY_NONE, 0 },
	/* no key of ours: octet by octet, nothing is waited for */
	{ "\033[Z", 1, WATCH_KEY_NONE, 0 },
	{ "\033\033", 1, WATCH_KEY_NONE, 0 },
	{ "\377", 1, WATCH_KEY_NONE, 0 },
};

static void
each_is_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum watch_key key = WATCH_KEYS;
		int n = 7;

		assert_int_equal(
		    watch_key_next(rows[i].octets, &key, &n), rows[i].used);
		assert_int_equal(key, rows[i].key);
		assert_int_equal(n, rows[i].n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_what_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
