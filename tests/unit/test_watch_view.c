/* The picture of --watch at any size: a function of what is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/history.h"
#include "admin/screen.h"
#include "admin/watch_lines.h"
#include "admin/watch_view.h"

enum { METRICS = 30, NOW = 1795705958 };

static const char *const names[] = { "signerd", "publishd", "verifyd",
	"reaperd" };

/* ---- daemons that work: rows of every kind, with the first ones among them */

static struct watch_view v;
static char *picture;
static char row_names[METRICS][32];
static struct metric_row rows[METRICS];
static int64_t values[METRICS];
static struct metric_latency latencies[METRICS];

static void
answer(struct watch_daemon *d, double now)
{
	static uint8_t data[STATUS_MSG_MAX];
	struct status_msg s = { .pid = 812,
		.now = NOW,
		.started = NOW - 3600,
		.version = "0.1.0",
		.metrics = { rows, METRICS, values, latencies } };
	struct wire w;

	wire_init(&w, data, sizeof(data));
	status_msg_put(&w, &s);
	status_read(&d->status, data, w.pos);
	d->known = true;
	history_add(d->history, &d->status.msg, now);
}

/* A third each of counters, gauges and waits: c0, g1, w2, c3 ... */
static int
begin(void **state)
{
	static const enum metric_kind kinds[] = { METRIC_COUNTER, METRIC_GAUGE,
		METRIC_LATENCY };

	(void)state;
	memset(values, 0, sizeof(values));
	memset(latencies, 0, sizeof(latencies));
	for (int i = 0; i < METRICS; i++) {
		snprintf(row_names[i], sizeof(row_names[i]), "%c%d",
		    "cgw"[i % 3], i);
		rows[i] = (struct metric_row){ row_names[i], kinds[i % 3], "" };
	}
	v = (struct watch_view){ .n = 4, .now = NOW, .utf8 = true };
	for (size_t i = 0; i < v.n; i++) {
		v.daemons[i].status.daemon = names[i];
		v.daemons[i].history = history_new();
	}
	return 0;
}

static int
end(void **state)
{
	(void)state;
	for (size_t i = 0; i < v.n; i++)
		history_free(v.daemons[i].history);
	free(picture);
	picture = NULL;
	return 0;
}

static void
all_answer(void)
{
	for (size_t i = 0; i < v.n; i++)
		answer(&v.daemons[i], 10);
	values[0] = 120; /* c0: 60 a second */
	values[1] = 37;
	metric_observe(
	    &(struct metrics){ rows, METRICS, values, latencies }, 2, 0.001);
	for (size_t i = 0; i < v.n; i++)
		answer(&v.daemons[i], 12);
}

/* ---- the picture ---- */

static void
draw(int columns, int n_rows)
{
	struct screen *s = screen_new(columns, n_rows);
	size_t size;
	FILE *f;

	free(picture);
	watch_view_draw(&v, s);
	f = open_memstream(&picture, &size);
	screen_print(s, f);
	fclose(f);
	screen_free(s);
}

static bool
shows(const char *text)
{
	return strstr(picture, text) != NULL;
}

/* Row r, without its line end. */
static const char *
line(int r)
{
	static char text[2048];
	const char *at = picture;

	while (r-- > 0)
		at = strchr(at, '\n') + 1;
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(at, "\n"), at);
	return text;
}

/* Row r has this text in these columns, which are ASCII. */
static void
at(int r, int column, const char *text)
{
	assert_true(strlen(line(r)) >= (size_t)column + strlen(text));
	assert_memory_equal(line(r) + column, text, strlen(text));
}

static void
at_80x24_all_four_have_a_line_and_numbers(void **state)
{
	(void)state;
	all_answer();
	v.utf8 = false; /* one octet, one column */
	draw(80, 24);
	assert_true(strncmp(line(0), "DNS Mail   all is well", 22) == 0);
	assert_string_equal(
	    line(1), "signerd    up 1h 0m, pid 812, version 0.1.0");
	at(2, 2, "c0 ");
	at(2, 32, " 60.0/s ");
	at(2, 76, " 120");
	at(3, 2, "g1 ");
	at(3, 36, " 37 ");
	at(4, 2, "w2 ");
	at(4, 32, " 0.50/s ");
	at(4, 56, " p50 1.0ms   p99 1.0ms");
	assert_int_equal(strlen(line(2)), 80);
	/* 18 lines for four: 5, 5, 4, 4 */
	assert_true(strncmp(line(7), "publishd ", 9) == 0);
	assert_true(strncmp(line(13), "verifyd ", 8) == 0);
	assert_true(strncmp(line(18), "reaperd ", 8) == 0);
	assert_string_equal(line(23), "q quit   1-4 one daemon");
}

static void
without_utf8_a_curve_is_ascii(void **state)
{
	(void)state;
	all_answer();
	v.utf8 = false;
	draw(80, 24);
	for (const char *p = picture; *p != '\0'; p++)
		assert_true(*p == '\n' || (*p >= ' ' && *p <= '~'));
	at(2, 54, " # ");
	at(3, 53, " _#");
	assert_int_equal(strlen(line(3)), 56);
	v.utf8 = true;
	draw(80, 24);
	assert_true(shows("\u2581\u2588\n"));
}

/* What matters most stands first, whatever the daemon's own order. */
static void
the_first_rows_come_first(void **state)
{
	const char *const *first = watch_lines_first("verifyd");

	(void)state;
	assert_non_null(first[0]);
	snprintf(row_names[20], sizeof(row_names[20]), "%s", first[1]);
	snprintf(row_names[25], sizeof(row_names[25]), "%s", first[0]);
	all_answer();
	draw(80, 24);
	assert_true(strncmp(line(14) + 2, first[0], strlen(first[0])) == 0);
	assert_true(strncmp(line(15) + 2, first[1], strlen(first[1])) == 0);
	assert_true(strncmp(line(16), "  c0 ", 5) == 0);
}

/* Title, then a line for each: five rows are enough for that. */
static void
at_every_size_it_fits_and_names_every_daemon(void **state)
{
	(void)state;
	all_answer();
	status_fail(&v.daemons[1].status, REASON_DIED, NULL);
	for (int columns = 1; columns <= 300; columns += columns < 100 ? 1 : 37)
		for (int n = 1; n <= 200; n += n < 40 ? 1 : 29) {
			draw(columns, n);
			for (size_t i = 0; i < 4 && n >= 5 && columns > 8; i++)
				assert_true(shows(names[i]));
			assert_true(n < 8 || columns < 6 ||
			    strncmp(line(n - 1), "q quit", 6) == 0);
		}
}

static void
a_narrow_screen_drops_the_curve_first_and_then_the_rest(void **state)
{
	(void)state;
	all_answer();
	draw(68, 24);
	assert_true(shows("p50") && shows("\u2588"));
	draw(67, 24);
	assert_true(shows("p50") && !shows("\u2588"));
	draw(62, 24);
	assert_true(!shows("p50") && shows("60.0/s"));
}

static void
a_large_screen_shows_all(void **state)
{
	(void)state;
	all_answer();
	draw(150, 2 + 4 * (1 + METRICS));
	for (int i = 0; i < METRICS; i++)
		assert_true(shows(row_names[i]));
	assert_true(strncmp(line(1 + 3 * (1 + METRICS)), "reaperd", 7) == 0);
	assert_true(strncmp(line(4 * (1 + METRICS)), "  w29", 5) == 0);
}

static void
one_daemon_alone_is_scrolled_over_to_its_end(void **state)
{
	bool seen[METRICS] = { false };
	size_t max;

	(void)state;
	all_answer();
	v.only = 3;
	max = watch_view_skip_max(&v, 12);
	assert_int_equal(max, METRICS - 9); /* title, daemon, keys */
	for (v.skip = 0; v.skip <= max; v.skip++) {
		draw(80, 12);
		assert_true(shows("verifyd") && !shows("reaperd"));
		for (int r = 2; r < 11; r++)
			seen[atoi(line(r) + 3)] = true;
	}
	for (int i = 0; i < METRICS; i++)
		assert_true(seen[i]);
	assert_true(strncmp(line(10), "  w29", 5) == 0);
	assert_int_equal(watch_view_skip_max(&v, 100), 0);
	v.only = 0;
	assert_int_equal(watch_view_skip_max(&v, 12), 0);
}

static void
who_is_down_is_named_on_top_with_since_when_why_and_what_to_do(void **state)
{
	(void)state;
	all_answer();
	status_fail(&v.daemons[1].status, REASON_ABSENT, NULL);
	v.daemons[1].down_since = NOW - 61;
	v.daemons[1].down_exactly = true;
	draw(80, 24);
	assert_true(strncmp(line(0), "DNS Mail   publishd down", 24) == 0);
	assert_true(
	    shows("publishd   down since 2026-11-26 15:11:37 (1m 1s)\n"));
	assert_true(
	    shows("\n  why         does not run: it has no status socket"));
	assert_true(shows("\n  what to do  systemctl start publishd;"));
	assert_true(shows("\n  meanwhile   outgoing mail waits"));
	v.daemons[1].down_exactly = false;
	draw(80, 24);
	assert_true(shows("publishd   down for at least 1m 1s\n"));
}

static void
who_warned_says_what_and_may_say_no_more(void **state)
{
	(void)state;
	all_answer();
	v.daemons[0].status.state = STATUS_DEGRADED;
	v.daemons[0].status.msg.last_error_at = NOW - 5;
	snprintf(v.daemons[0].status.msg.last_error,
	    sizeof(v.daemons[0].status.msg.last_error), "no \033[31mway");
	draw(80, 24);
	assert_true(strncmp(line(0), "DNS Mail   signerd degraded", 27) == 0);
	assert_string_equal(line(1),
	    "signerd    degraded but up 1h 0m, pid 812, version 0.1.0");
	assert_string_equal(line(2), "  warned 5s ago: no ?[31mway");
	assert_true(strncmp(line(3), "  c0 ", 5) == 0);
}

static void
who_has_not_answered_yet_is_not_called_down(void **state)
{
	(void)state;
	draw(80, 24);
	assert_true(shows("signerd    is asked\n"));
	assert_false(shows("down") || shows("well"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
		TEST(at_80x24_all_four_have_a_line_and_numbers),
		TEST(without_utf8_a_curve_is_ascii),
		TEST(the_first_rows_come_first),
		TEST(at_every_size_it_fits_and_names_every_daemon),
		TEST(a_narrow_screen_drops_the_curve_first_and_then_the_rest),
		TEST(a_large_screen_shows_all),
		TEST(one_daemon_alone_is_scrolled_over_to_its_end),
		TEST(
		    who_is_down_is_named_on_top_with_since_when_why_and_what_to_do),
		TEST(who_warned_says_what_and_may_say_no_more),
		TEST(who_has_not_answered_yet_is_not_called_down),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
