/* The plain table, and its one line: for a person at a terminal or on call. */
#include <inttypes.h>
#include <stdio.h>

#include "admin/history.h"
#include "admin/status.h"
#include "admin/status_text.h"

enum { LINE_BYTES = 512 };

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
	char p50[STATUS_TEXT_BYTES], p99[STATUS_TEXT_BYTES];

	printf("%12" PRIu64, l->count);
	if (l->count > 0)
		printf("  p50 %s  p99 %s",
		    status_text_wait(p50, metric_quantile(l, 0.5)),
		    status_text_wait(p99, metric_quantile(l, 0.99)));
}

static void
moment_print(const struct metrics *m, size_t i)
{
	char at[STATUS_TEXT_BYTES];

	if (m->values[i] <= 0)
		printf("%12s", "-");
	else
		printf("%s", status_text_moment(at, (uint64_t)m->values[i]));
}

static void (*const prints[])(const struct metrics *, size_t i) = {
	[METRIC_COUNTER] = value_print,
	[METRIC_GAUGE] = value_print,
	[METRIC_LATENCY] = latency_print,
	[METRIC_MOMENT] = moment_print,
};
_Static_assert(sizeof(prints) / sizeof(prints[0]) == METRIC__COUNT,
    "metric_kind that is not shown");

/* Who gives no answer: why, since when, what that means, what to do. */
static void
silence_print(const struct status *s)
{
	char line[LINE_BYTES], since[STATUS_TEXT_BYTES];

	printf("%-10s %s: %s\n", s->daemon, status_state_names[s->state],
	    status_text_safe(line, sizeof(line), s->why));
	if (s->since != 0)
		printf("    since        %s\n",
		    status_text_moment(since, s->since));
	if (status_meanwhile(s)[0] != '\0')
		printf("    meanwhile    %s\n", status_meanwhile(s));
	printf("    what to do   %s\n", status_remedy(line, sizeof(line), s));
}

/* What is counted now; results that do not happen are left out. */
static void
rates_print(const struct metrics *m, const struct history *lately)
{
	char line[LINE_BYTES];
	size_t n = 0;

	printf("    rate now");
	for (size_t i = 0; i < m->n; i++)
		if (m->rows[i].kind == METRIC_COUNTER &&
		    history_rate(lately, i) > 0)
			printf("%s %s %.1f/s", n++ > 0 ? "," : "",
			    status_text_safe(
				line, sizeof(line), m->rows[i].name),
			    history_rate(lately, i));
	printf("%s\n", n == 0 ? " nothing" : "");
}

static void
daemon_print(const struct status *s)
{
	const struct metrics *m =
	    s->lately != NULL ? history_metrics(s->lately) : &s->msg.metrics;
	char since[STATUS_TEXT_BYTES], up[STATUS_TEXT_BYTES], line[LINE_BYTES];

	if (s->reason != REASON_NONE) {
		silence_print(s);
		return;
	}
	printf("%-10s %s since %s (%s), pid %" PRIu32 ", version %s\n",
	    s->daemon, status_state_names[s->state],
	    status_text_moment(since, s->msg.started),
	    status_text_since(up, s->msg.now, s->msg.started), s->msg.pid,
	    status_text_safe(line, sizeof(line), s->msg.version));
	if (s->lately != NULL)
		rates_print(m, s->lately);
	for (size_t i = 0; i < m->n; i++) {
		printf("    %-32s ",
		    status_text_safe(line, sizeof(line), m->rows[i].name));
		prints[m->rows[i].kind](m, i);
		putchar('\n');
	}
	if (s->msg.last_error[0] != '\0')
		printf("    last error %s ago: %s\n",
		    status_text_since(up, s->msg.now, s->msg.last_error_at),
		    status_text_safe(line, sizeof(line), s->msg.last_error));
}

void
status_table_print(const struct status *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		daemon_print(&s[i]);
}

/* "|" would begin a monitoring system's own numbers. */
static void
remark_print(const char *text)
{
	char line[LINE_BYTES];

	printf(" (");
	status_text_safe(line, sizeof(line), text);
	for (const char *p = line; *p != '\0'; p++)
		putchar(*p == '|' ? '/' : *p);
	putchar(')');
}

void
status_brief_print(const struct status *s, size_t n)
{
	static const char *const words[] = { "OK", "WARNING", "CRITICAL",
		"UNKNOWN" }; /* by exit code */

	printf("DNSMAIL %s -", words[status_exit_code(s, n)]);
	for (size_t i = 0; i < n; i++) {
		printf("%s %s %s", i > 0 ? "," : "", s[i].daemon,
		    status_state_names[s[i].state]);
		if (s[i].reason != REASON_NONE)
			remark_print(s[i].why);
		else if (s[i].state == STATUS_DEGRADED)
			remark_print(s[i].msg.last_error);
	}
	putchar('\n');
}
