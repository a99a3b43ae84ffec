/*
 * The columns, at 80: name 2..27, number 28..38, curve 40..55, the rest from
 * 57. What a narrow screen has no room for is left out: first the curve, then
 * the rest.
 */
#include "admin/watch_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/history.h"
#include "admin/screen.h"
#include "admin/status_text.h"
#include "common/metrics.h"

enum {
	NAME_AT = 2,
	NAME_WIDTH = 26,
	NUMBER_WIDTH = 11,
	REST_WIDTH = 23, /* "p50 123.4ms p99 123.4ms" */
	CURVE_AT = NAME_AT + NAME_WIDTH + NUMBER_WIDTH + 1,
	CURVE_MIN = 4,
	LEVELS = 8,
};

/* "0.10/s", "12.0/s", "1234/s" */
static const char *
rate_text(char *buf, double rate)
{
	snprintf(buf, STATUS_TEXT_BYTES, "%.*f/s",
	    rate >= 99.95                      ? 0
		: rate >= 9.995 || !(rate > 0) ? 1
					       : 2,
	    rate);
	return buf;
}

/* What one row says: its number, and the rest of the line. */
struct texts {
	char number[STATUS_TEXT_BYTES], rest[2 * STATUS_TEXT_BYTES];
};

static void
counter_say(struct texts *t, const struct history *h, size_t i)
{
	rate_text(t->number, history_rate(h, i));
	snprintf(t->rest, sizeof(t->rest), "%*" PRId64, REST_WIDTH,
	    history_metrics(h)->values[i]);
}

static void
gauge_say(struct texts *t, const struct history *h, size_t i)
{
	snprintf(t->number, sizeof(t->number), "%" PRId64,
	    history_metrics(h)->values[i]);
	t->rest[0] = '\0';
}

/* Nothing waited lately: no quantile, rather than one of long ago. */
static void
latency_say(struct texts *t, const struct history *h, size_t i)
{
	char p50[STATUS_TEXT_BYTES], p99[STATUS_TEXT_BYTES];

	rate_text(t->number, history_rate(h, i));
	t->rest[0] = '\0';
	if (history_quantile(h, i, 0.5) > 0)
		snprintf(t->rest, sizeof(t->rest), "p50 %-7s p99 %s",
		    status_text_wait(p50, history_quantile(h, i, 0.5)),
		    status_text_wait(p99, history_quantile(h, i, 0.99)));
}

/* The day will do. */
static void
moment_say(struct texts *t, const struct history *h, size_t i)
{
	int64_t at = history_metrics(h)->values[i];

	snprintf(t->number, sizeof(t->number), "-");
	t->rest[0] = '\0';
	if (at > 0) {
		status_text_moment(t->number, (uint64_t)at);
		t->number[strcspn(t->number, " ")] = '\0';
	}
}

static void (*const says[])(struct texts *, const struct history *, size_t) = {
	[METRIC_COUNTER] = counter_say,
	[METRIC_GAUGE] = gauge_say,
	[METRIC_LATENCY] = latency_say,
	[METRIC_MOMENT] = moment_say,
};
_Static_assert(sizeof(says) / sizeof(says[0]) == METRIC__COUNT,
    "metric_kind that is not shown");

/* The highest sample is the highest level; no answer is a blank. */
static void
curve_draw(struct screen *s, int row, int width, const struct history *h,
    size_t which, bool utf8)
{
	static const char *const blocks[LEVELS] = { "\u2581", "\u2582",
		"\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588" };
	static const char *const ascii[LEVELS] = { "_", ".", ":", "-", "=", "+",
		"*", "#" };
	float samples[HISTORY_SAMPLES], highest = 0;

	if (width > HISTORY_SAMPLES)
		width = HISTORY_SAMPLES;
	history_curve(h, which, samples, (size_t)width);
	for (int i = 0; i < width; i++)
		if (samples[i] > highest)
			highest = samples[i];
	for (int i = 0; i < width; i++) {
		int level = highest > 0 && samples[i] > 0
		    ? 1 + (int)(samples[i] / highest * (LEVELS - 2) + 0.5f)
		    : 0;

		if (samples[i] >= 0)
			screen_cell(s, row, CURVE_AT + i, STYLE_PLAIN,
			    (utf8 ? blocks : ascii)[level]);
	}
}

void
watch_row_draw(
    struct screen *s, int row, const struct history *h, size_t which, bool utf8)
{
	const struct metric_row *m = &history_metrics(h)->rows[which];
	int columns = screen_columns(s), rest = columns - REST_WIDTH;
	int width = rest - 1 - CURVE_AT;
	struct texts t;
	char text[STATUS_TEXT_BYTES];

	says[m->kind](&t, h, which);
	snprintf(text, sizeof(text), "%-*.*s", NAME_WIDTH, NAME_WIDTH, m->name);
	screen_text(s, row, NAME_AT, STYLE_PLAIN, text);
	snprintf(text, sizeof(text), "%*s", NUMBER_WIDTH, t.number);
	screen_text(s, row, NAME_AT + NAME_WIDTH, STYLE_TITLE, text);
	if (rest >= CURVE_AT)
		screen_text(s, row, rest, STYLE_PLAIN, t.rest);
	if (width >= CURVE_MIN)
		curve_draw(s, row, width, h, which, utf8);
}
