/*
 * OpenMetrics 1.0. Only types that the older Prometheus text has, too, so that
 * node_exporter's textfile collector reads it. No text that came from a daemon
 * is in it but names, helps and the version; in labels only the last.
 */
#include "admin/metrics_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "admin/status.h"

/*
 * Every fourth edge: each bucket twice the one before, 24 of them and the rest,
 * as a scraper stores a series for each.
 */
enum { BUCKET_STEP = 4, NAME_BYTES = 128 };

/* Base units stand at the end of a name; what is only counted has none. */
static const char *
unit_of(const char *name)
{
	static const char *const units[] = { "seconds", "bytes" };
	const char *last = strrchr(name, '_');

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (last != NULL && strcmp(last + 1, units[i]) == 0)
			return units[i];
	return NULL;
}

/* The family's metadata; its name is put into `name`. */
static void
family_print(FILE *f, char *name, const char *daemon, const char *what,
    const char *type, const char *help)
{
	snprintf(name, NAME_BYTES, "dnsmail_%s_%s", daemon, what);
	fprintf(f, "# TYPE %s %s\n", name, type);
	if (unit_of(name) != NULL)
		fprintf(f, "# UNIT %s %s\n", name, unit_of(name));
	fprintf(f, "# HELP %s ", name);
	for (; *help != '\0'; help++)
		if (*help == '\\' || *help == '"')
			fprintf(f, "\\%c", *help);
		else
			fputc(*help < ' ' || *help > '~' ? '?' : *help, f);
	fputc('\n', f);
}

static void
gauge_print(FILE *f, const char *daemon, const char *what, const char *help,
    int64_t value)
{
	char name[NAME_BYTES];

	family_print(f, name, daemon, what, "gauge", help);
	fprintf(f, "%s %" PRId64 "\n", name, value);
}

/* ---- the daemon's own rows ---- */

static void
counter_row_print(
    FILE *f, const char *daemon, const struct metrics *m, size_t i)
{
	char name[NAME_BYTES];

	family_print(
	    f, name, daemon, m->rows[i].name, "counter", m->rows[i].help);
	fprintf(f, "%s_total %" PRId64 "\n", name, m->values[i]);
}

static void
gauge_row_print(FILE *f, const char *daemon, const struct metrics *m, size_t i)
{
	gauge_print(f, daemon, m->rows[i].name, m->rows[i].help, m->values[i]);
}

static void
latency_row_print(
    FILE *f, const char *daemon, const struct metrics *m, size_t i)
{
	const struct metric_latency *l = &m->latencies[i];
	char name[NAME_BYTES], what[NAME_BYTES];
	uint64_t seen = 0;

	snprintf(what, sizeof(what), "%s_seconds", m->rows[i].name);
	family_print(f, name, daemon, what, "histogram", m->rows[i].help);
	for (unsigned b = 0; b < METRIC_BUCKETS; b++) {
		seen += l->buckets[b];
		if (b % BUCKET_STEP == 0)
			fprintf(f, "%s_bucket{le=\"%.9g\"} %" PRIu64 "\n", name,
			    metric_bucket_edge(b), seen);
	}
	fprintf(f, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, seen);
	fprintf(
	    f, "%s_sum %.6f\n%s_count %" PRIu64 "\n", name, l->sum, name, seen);
}

/* As those of each daemon below. */
static void
moment_row_print(FILE *f, const char *daemon, const struct metrics *m, size_t i)
{
	char what[NAME_BYTES];

	if (m->values[i] == 0)
		return;
	snprintf(what, sizeof(what), "%s_time_seconds", m->rows[i].name);
	gauge_print(f, daemon, what, m->rows[i].help, m->values[i]);
}

static void (*const prints[])(
    FILE *, const char *daemon, const struct metrics *, size_t i) = {
	[METRIC_COUNTER] = counter_row_print,
	[METRIC_GAUGE] = gauge_row_print,
	[METRIC_LATENCY] = latency_row_print,
	[METRIC_MOMENT] = moment_row_print,
};
_Static_assert(sizeof(prints) / sizeof(prints[0]) == METRIC__COUNT,
    "metric_kind that is not shown");

/* A name that would break the form is left out. */
static bool
name_fits(const char *name)
{
	return islower((unsigned char)name[0]) &&
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* ---- what holds for each daemon ---- */

static void
version_print(FILE *f, const char *daemon, const char *version)
{
	char name[NAME_BYTES];

	family_print(f, name, daemon, "build_info", "gauge",
	    "Always 1; the label says which version runs");
	fprintf(f, "%s{version=\"", name);
	for (; *version != '\0'; version++)
		fputc(isalnum((unsigned char)*version) ||
			    strchr(".-+~_", *version) != NULL
			? *version
			: '?',
		    f);
	fprintf(f, "\"} 1\n");
}

static void
daemon_print(FILE *f, const struct status *s)
{
	const struct metrics *m = &s->msg.metrics;

	/* Not known, rather than 0: nobody is to be woken for a permission. */
	if (s->state == STATUS_UNKNOWN)
		return;
	gauge_print(f, s->daemon, "up", "1: it answers, 0: it is down",
	    s->state != STATUS_DOWN);
	if (s->state == STATUS_DOWN)
		return;
	gauge_print(f, s->daemon, "degraded",
	    "1: it has warned in the last five minutes",
	    s->state == STATUS_DEGRADED);
	gauge_print(f, s->daemon, "start_time_seconds",
	    "When it started, since 1970", (int64_t)s->msg.started);
	if (s->msg.last_error[0] != '\0')
		gauge_print(f, s->daemon, "last_warning_time_seconds",
		    "When it warned last, since 1970",
		    (int64_t)s->msg.last_error_at);
	version_print(f, s->daemon, s->msg.version);
	for (size_t i = 0; i < m->n; i++)
		if (name_fits(m->rows[i].name))
			prints[m->rows[i].kind](f, s->daemon, m, i);
}

void
metrics_text_print(FILE *f, const struct status *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		daemon_print(f, &s[i]);
	fprintf(f, "# EOF\n");
}
