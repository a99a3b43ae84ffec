/*
 * Title, daemons, keys. Each daemon has one line of its own; the rest of the
 * lines are dealt out in turn, so that no daemon pushes out another.
 */
#include "admin/watch_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "admin/history.h"
#include "admin/screen.h"
#include "admin/status_text.h"
#include "admin/watch_lines.h"
#include "admin/watch_row.h"

enum {
	KEYS_FROM = 8, /* on screens of so many rows there is a line for keys */
	LINE_BYTES = 256,
	NAME_WIDTH = 11,
	CLOCK_WIDTH = 8,
};

static const enum screen_style styles[STATUS__COUNT] = {
	[STATUS_UP] = STYLE_GOOD,
	[STATUS_DEGRADED] = STYLE_WARN,
	[STATUS_DOWN] = STYLE_BAD,
	[STATUS_UNKNOWN] = STYLE_WARN,
};

/* "14:02:11" */
static void
clock_text(char *buf, uint64_t at)
{
	char moment[STATUS_TEXT_BYTES];
	size_t n = strlen(status_text_moment(moment, at));

	snprintf(buf, STATUS_TEXT_BYTES, "%s",
	    n > CLOCK_WIDTH ? moment + n - CLOCK_WIDTH : moment);
}

/* "all is well", or who is not: the one line for who only glances. */
static void
title_draw(const struct watch_view *v, struct screen *s)
{
	enum screen_style style = STYLE_GOOD;
	char clock[STATUS_TEXT_BYTES];
	int at = screen_text(s, 0, 0, STYLE_TITLE, "DNS Mail");
	size_t n = 0;

	at = screen_text(s, 0, at, STYLE_PLAIN, "   ");
	for (size_t i = 0; i < v->n; i++) {
		const struct watch_daemon *d = &v->daemons[i];

		if (d->known && d->status.state == STATUS_UP)
			continue;
		style = d->known ? styles[d->status.state] : STYLE_DIM;
		at = screen_text(s, 0, at, style, n++ > 0 ? ", " : "");
		at = screen_text(s, 0, at, style, d->status.daemon);
		at = screen_text(s, 0, at, style, " ");
		at = screen_text(s, 0, at, style,
		    d->known ? status_state_names[d->status.state] : "?");
	}
	if (n == 0)
		at = screen_text(s, 0, at, style, "all is well");
	clock_text(clock, v->now);
	if (at + 1 + CLOCK_WIDTH <= screen_columns(s))
		screen_text(
		    s, 0, screen_columns(s) - CLOCK_WIDTH, STYLE_DIM, clock);
}

/* "since 14:02:11 (31s)", "for at least 31s" */
static void
down_text(char *buf, size_t size, const struct watch_daemon *d, uint64_t now)
{
	char span[STATUS_TEXT_BYTES], moment[STATUS_TEXT_BYTES];

	buf[0] = '\0';
	if (d->down_since == 0)
		return;
	status_text_since(span, now, d->down_since);
	if (d->down_exactly)
		snprintf(buf, size, "since %s (%s)",
		    status_text_moment(moment, d->down_since), span);
	else
		snprintf(buf, size, "for at least %s", span);
}

static void
daemon_draw(
    const struct watch_daemon *d, struct screen *s, int row, uint64_t now)
{
	char text[LINE_BYTES], up[STATUS_TEXT_BYTES];
	const struct status_msg *m = &d->status.msg;
	int at;

	screen_text(s, row, 0, STYLE_TITLE, d->status.daemon);
	if (!d->known) {
		screen_text(s, row, NAME_WIDTH, STYLE_DIM, "is asked");
		return;
	}
	at = screen_text(s, row, NAME_WIDTH, styles[d->status.state],
	    status_state_names[d->status.state]);
	if (d->status.reason != REASON_NONE)
		down_text(text, sizeof(text), d, now);
	else
		snprintf(text, sizeof(text),
		    "%s%s, pid %" PRIu32 ", version %s",
		    d->status.state == STATUS_UP ? "" : "but up ",
		    status_text_since(up, m->now, m->started), m->pid,
		    m->version);
	screen_text(s, row, at + 1, STYLE_PLAIN, text);
}

static void
line_draw(const struct watch_view *v, size_t daemon,
    const struct watch_lines *l, size_t line, struct screen *s, int row)
{
	const struct watch_daemon *d = &v->daemons[daemon];

	if (line < l->n_remarks)
		screen_text(
		    s, row, 2, styles[d->status.state], l->remarks[line]);
	else
		watch_row_draw(
		    s, row, d->history, l->rows[line - l->n_remarks], v->utf8);
}

/* ---- how many lines each has ---- */

static size_t
first_shown(const struct watch_view *v)
{
	return v->only == 0 ? 0 : v->only - 1;
}

static size_t
last_shown(const struct watch_view *v)
{
	return v->only == 0 ? v->n : v->only;
}

/* Between the title and the keys. */
static int
room(int rows)
{
	return rows >= KEYS_FROM ? rows - 2 : rows - 1;
}

/* One at a time to each that wants more, the first daemons first. */
static void
deal(size_t *given, const size_t *wanted, size_t n, int lines)
{
	bool any = true;

	memset(given, 0, n * sizeof(*given));
	while (any && lines > 0) {
		any = false;
		for (size_t i = 0; i < n && lines > 0; i++)
			if (given[i] < wanted[i]) {
				given[i]++;
				lines--;
				any = true;
			}
	}
}

static void
daemons_draw(const struct watch_view *v, struct screen *s)
{
	struct watch_lines lines[STATUS_DAEMONS_MAX];
	size_t wanted[STATUS_DAEMONS_MAX] = { 0 }, given[STATUS_DAEMONS_MAX];
	size_t skip = v->only > 0 ? v->skip : 0;
	int row = 1, end = 1 + room(screen_rows(s));

	for (size_t i = first_shown(v); i < last_shown(v); i++) {
		watch_lines_make(&lines[i], &v->daemons[i]);
		wanted[i] = lines[i].n_remarks + lines[i].n_rows;
	}
	deal(given, wanted, v->n,
	    end - row - (int)(last_shown(v) - first_shown(v)));
	for (size_t i = first_shown(v); i < last_shown(v) && row < end; i++) {
		daemon_draw(&v->daemons[i], s, row++, v->now);
		for (size_t k = 0; k < given[i] && k + skip < wanted[i]; k++)
			line_draw(v, i, &lines[i], k + skip, s, row++);
	}
}

size_t
watch_view_skip_max(const struct watch_view *v, int rows)
{
	struct watch_lines lines;
	size_t n;

	if (v->only == 0)
		return 0;
	watch_lines_make(&lines, &v->daemons[v->only - 1]);
	n = lines.n_remarks + lines.n_rows;
	return room(rows) > 1 && n > (size_t)room(rows) - 1
	    ? n - ((size_t)room(rows) - 1)
	    : 0;
}

static void
keys_draw(const struct watch_view *v, struct screen *s, int row)
{
	int at = screen_text(s, row, 0, STYLE_DIM, "q quit");
	char text[STATUS_TEXT_BYTES];

	if (v->n < 2)
		return;
	if (v->only == 0)
		snprintf(text, sizeof(text), "   1-%zu one daemon", v->n);
	else
		snprintf(
		    text, sizeof(text), "   0 all daemons   up, down: scroll");
	screen_text(s, row, at, STYLE_DIM, text);
}

void
watch_view_draw(const struct watch_view *v, struct screen *s)
{
	title_draw(v, s);
	daemons_draw(v, s);
	if (screen_rows(s) >= KEYS_FROM)
		keys_draw(v, s, screen_rows(s) - 1);
}
