/* The plain table: for a person at a terminal. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "admin/status.h"

enum { TEXT_BYTES = 64 };

/* What came over a socket must not drive the terminal. */
static void
print_safe(const char *text)
{
	for (; *text != '\0'; text++)
		putchar(
		    (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

/* "3d 4h", "4h 2m", "2m 1s", "1s" */
static const char *
span(char *buf, uint64_t seconds)
{
	static const struct {
		unsigned seconds;
		char name;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	size_t i = 0;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	if (i == 3)
		snprintf(buf, TEXT_BYTES, "%" PRIu64 "s", seconds);
	else
		snprintf(buf, TEXT_BYTES, "%" PRIu64 "%c %" PRIu64 "%c",
		    seconds / units[i].seconds, units[i].name,
		    seconds % units[i].seconds / units[i + 1].seconds,
		    units[i + 1].name);
	return buf;
}

static const char *
moment(char *buf, uint64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(buf, TEXT_BYTES, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(buf, TEXT_BYTES, "@%" PRIu64, at);
	return buf;
}

/* "120us", "3.4ms", "1.2s" */
static const char *
wait_text(char *buf, double seconds)
{
	if (seconds < 1e-3)
		snprintf(buf, TEXT_BYTES, "%.0fus", seconds * 1e6);
	else if (seconds < 1)
		snprintf(buf, TEXT_BYTES, "%.1fms", seconds * 1e3);
	else
		snprintf(buf, TEXT_BYTES, "%.1fs", seconds);
	return buf;
}

static void
value_print(const struct metrics *m, size_t i)
{
	printf("%12" PRId64, m->values[i]);
}

/* Quantiles are upper edges of buckets: at most 19 % too high. */
static void
latency_print(const struct metrics *m, size_t i)
{
	const struct metric_latency *l = &m->latencies[i];
	char p50[TEXT_BYTES], p99[TEXT_BYTES];

	printf("%12" PRIu64, l->count);
	if (l->count > 0)
		printf("  p50 %s  p99 %s",
		    wait_text(p50, metric_quantile(l, 0.5)),
		    wait_text(p99, metric_quantile(l, 0.99)));
}

static void (*const prints[])(const struct metrics *, size_t i) = {
	[METRIC_COUNTER] = value_print,
	[METRIC_GAUGE] = value_print,
	[METRIC_LATENCY] = latency_print,
};
_Static_assert(sizeof(prints) / sizeof(prints[0]) == METRIC__COUNT,
    "metric_kind that is not shown");

static void
daemon_print(const struct status *s)
{
	const struct metrics *m = &s->msg.metrics;
	char since[TEXT_BYTES], up[TEXT_BYTES];

	if (s->state == STATUS_DOWN || s->state == STATUS_UNKNOWN) {
		printf("%-10s %s: ", s->daemon, status_state_names[s->state]);
		print_safe(s->why);
		putchar('\n');
		return;
	}
	printf("%-10s %s since %s (%s), pid %" PRIu32 ", version ", s->daemon,
	    status_state_names[s->state], moment(since, s->msg.started),
	    span(up, s->msg.now - s->msg.started), s->msg.pid);
	print_safe(s->msg.version);
	putchar('\n');
	for (size_t i = 0; i < m->n; i++) {
		printf("    %-32s ", m->rows[i].name);
		prints[m->rows[i].kind](m, i);
		putchar('\n');
	}
	if (s->msg.last_error[0] == '\0')
		return;
	printf("    last error %s ago: ",
	    span(up, s->msg.now - s->msg.last_error_at));
	print_safe(s->msg.last_error);
	putchar('\n');
}

void
status_table_print(const struct status *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		daemon_print(&s[i]);
}
