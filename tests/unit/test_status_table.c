/* The tables of dnsmail-status: what came over a socket drives no terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/status.h"

#define HOSTILE "a\033[2J\nb\233|c"

/* What is printed of one daemon that says so everywhere. free() it. */
static char *
printed(void (*print)(const struct status *, size_t))
{
	static const struct metric_row row = { HOSTILE, METRIC_COUNTER,
		HOSTILE };
	int64_t value = 5;
	struct status s = { .daemon = "signerd",
		.state = STATUS_DEGRADED,
		.msg = { .version = HOSTILE,
		    .last_error = HOSTILE,
		    .metrics = { .rows = &row, .n = 1, .values = &value } } };
	FILE *saved = stdout;
	char *text = NULL;
	size_t n;

	stdout = open_memstream(&text, &n);
	assert_non_null(stdout);
	print(&s, 1);
	fclose(stdout);
	stdout = saved;
	return text;
}

static void
assert_plain(const char *text, size_t lines)
{
	for (; *text != '\0'; text++) {
		lines -= *text == '\n';
		assert_true(*text == '\n' || (*text >= ' ' && *text <= '~'));
	}
	assert_int_equal(lines, 0);
}

static void
table_is_plain_and_has_a_line_for_each_row(void **state)
{
	char *text = printed(status_table_print);

	(void)state;
	assert_plain(text, 3); /* the daemon, the metric, the last error */
	assert_non_null(strstr(text, "\n    a?[2J?b?|c "));
	free(text);
}

static void
brief_is_one_plain_line(void **state)
{
	char *text = printed(status_brief_print);

	(void)state;
	assert_plain(text, 1);
	assert_null(strchr(text, '|')); /* would begin numbers */
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_plain_and_has_a_line_for_each_row),
		cmocka_unit_test(brief_is_one_plain_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
