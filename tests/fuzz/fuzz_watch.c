/*
 * dnsmail-status --watch: whatever a daemon answers, one time after the other,
 * can be drawn at any size, a character to a cell. Input: columns, rows, the
 * part of the picture, then answers; an empty one is none.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "admin/history.h"
#include "admin/screen.h"
#include "admin/watch_view.h"
#include "tests/fuzz/fuzz.h"

enum { NOW = 1800000000 };

/* As watch.c does. */
static void
answer(struct watch_daemon *d, const uint8_t *data, size_t n, double now)
{
	if (n == 0) {
		status_fail(&d->status, REASON_SILENT, NULL);
		d->down_since = NOW;
	} else {
		status_read(&d->status, data, n);
	}
	if (d->status.state <= STATUS_DEGRADED)
		history_add(d->history, &d->status.msg, now);
	else
		history_gap(d->history);
	d->known = true;
}

/* Lines of as many characters as there are columns at most. */
static void
check_picture(const struct screen *s)
{
	char *text = NULL;
	size_t n, rows = 0;
	FILE *f = open_memstream(&text, &n);
	int column = 0;

	assert(f != NULL);
	screen_print(s, f);
	fclose(f);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		assert(c >= ' ' || c == '\n');
		assert(c != 0x7f);
		column = c == '\n' ? 0 : column + ((c & 0xc0) != 0x80);
		rows += c == '\n';
		assert(column <= screen_columns(s));
	}
	assert(rows == (size_t)screen_rows(s));
	free(text);
}

static void
check_paint(const struct screen *s)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert(f != NULL);
	screen_paint(s, NULL, f, 1);
	screen_paint(s, s, f, 0);
	fclose(f);
	free(text);
}

static void
draw(struct watch_view *v, int columns, int rows)
{
	struct screen *s = screen_new(columns, rows);

	assert(s != NULL);
	if (v->only > 0 && v->skip > watch_view_skip_max(v, rows))
		v->skip = watch_view_skip_max(v, rows);
	watch_view_draw(v, s);
	check_picture(s);
	check_paint(s);
	screen_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	int columns = fuzz_u8(&in), rows = fuzz_u8(&in);
	unsigned part = fuzz_u8(&in);
	struct watch_view v = { .n = 2,
		.now = NOW,
		.utf8 = part & 1,
		.only = part >> 1 & 1,
		.skip = part >> 2 };
	struct watch_daemon *d = &v.daemons[0];

	d->status.daemon = "signerd";
	d->history = history_new();
	v.daemons[1].status.daemon = "verifyd";
	v.daemons[1].history = history_new();
	assert(d->history != NULL && v.daemons[1].history != NULL);
	for (double now = 1; in.n > 0; now++) {
		size_t n;
		uint8_t *octets = fuzz_part(&in, &n);

		answer(d, octets, n, now);
		free(octets);
	}
	draw(&v, columns, rows);
	history_free(d->history);
	history_free(v.daemons[1].history);
	return 0;
}
