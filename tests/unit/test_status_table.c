/* The tables of dnsmail-status: what came over a socket drives no terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/history.h"
#include "admin/status.h"

#define HOSTILE "a\033[2J\nb\233|c"

/* A daemon that says so everywhere, and has counted that far. */
static void
answer(struct status *s, int64_t counted)
{
	static const struct metric_row row = { HOSTILE, METRIC_COUNTER,
		HOSTILE };
	static uint8_t data[STATUS_MSG_MAX];
	struct status_msg msg = { .version = HOSTILE,
		.last_error = HOSTILE,
		.started = 9,
		.last_error_at = 9, /* the clock was set back, to 0 */
		.metrics = { .rows = &row, .n = 1, .values = &counted } };
	struct wire w;

	wire_init(&w, data, sizeof(data));
	status_msg_put(&w, &msg);
	*s = (struct status){ .daemon = "signerd" };
	status_read(s, data, w.pos);
	assert_int_equal(s->state, STATUS_DEGRADED);
}

/* What is printed of one daemon, after a second look. free() it. */
static char *
printed(void (*print)(const struct status *, size_t))
{
	struct status before, s;
	FILE *saved = stdout;
	char *text = NULL;
	size_t n;

	answer(&before, 5);
	answer(&s, 50);
	s.lately = history_new();
	history_add(s.lately, &before.msg, 0);
	history_add(s.lately, &s.msg, 1);
	stdout = open_memstream(&text, &n);
	assert_non_null(stdout);
	print(&s, 1);
	fclose(stdout);
	stdout = saved;
	history_free(s.lately);
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
	/* the daemon, its rates, the metric, the last error */
	assert_plain(text, 4);
	assert_non_null(strstr(text, "rate now a?[2J?b?|c 45.0/s\n"));
	assert_non_null(strstr(text, "\n    a?[2J?b?|c "));
	/* since it started, and since the last error */
	assert_non_null(strstr(text, " (0s), pid"));
	assert_non_null(strstr(text, "last error 0s ago: "));
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
