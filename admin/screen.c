/*
 * The few sequences that are used (ECMA-48: CUP, ED, EL, SGR) are the same in
 * every terminal that is alive; for these a terminal library would be one more
 * thing to install, and the drawing would not be a function any more.
 */
#include "admin/screen.h"

#include <stdlib.h>
#include <string.h>

enum { GLYPH_BYTES = 5 };

struct cell {
	char glyph[GLYPH_BYTES];
	unsigned char style;
};

struct screen {
	int columns, rows;
	struct cell cells[];
};

static const char *const colours[STYLE__COUNT] = {
	[STYLE_PLAIN] = "\033[0m",
	[STYLE_TITLE] = "\033[0;1m",
	[STYLE_DIM] = "\033[0;2m",
	[STYLE_GOOD] = "\033[0;32m",
	[STYLE_WARN] = "\033[0;1;33m",
	[STYLE_BAD] = "\033[0;1;31m",
};
static const char *const greys[STYLE__COUNT] = {
	[STYLE_PLAIN] = "\033[0m",
	[STYLE_TITLE] = "\033[0;1m",
	[STYLE_DIM] = "\033[0m",
	[STYLE_GOOD] = "\033[0m",
	[STYLE_WARN] = "\033[0;1m",
	[STYLE_BAD] = "\033[0;7m",
};

static int
within(int n, int max)
{
	return n < 1 ? 1 : n > max ? max : n;
}

struct screen *
screen_new(int columns, int rows)
{
	struct screen *s;
	size_t n;

	columns = within(columns, SCREEN_COLUMNS_MAX);
	rows = within(rows, SCREEN_ROWS_MAX);
	n = (size_t)columns * (size_t)rows;
	s = calloc(1, sizeof(*s) + n * sizeof(s->cells[0]));
	if (s == NULL)
		return NULL;
	s->columns = columns;
	s->rows = rows;
	for (size_t i = 0; i < n; i++)
		s->cells[i].glyph[0] = ' ';
	return s;
}

void
screen_free(struct screen *s)
{
	free(s);
}

int
screen_columns(const struct screen *s)
{
	return s->columns;
}

int
screen_rows(const struct screen *s)
{
	return s->rows;
}

void
screen_cell(struct screen *s, int row, int column, enum screen_style style,
    const char *glyph)
{
	struct cell *c;

	if (row < 0 || row >= s->rows || column < 0 || column >= s->columns)
		return;
	c = &s->cells[row * s->columns + column];
	c->style = (unsigned char)style;
	memset(c->glyph, 0, sizeof(c->glyph));
	memcpy(c->glyph, glyph, strnlen(glyph, GLYPH_BYTES - 1));
}

int
screen_text(struct screen *s, int row, int column, enum screen_style style,
    const char *text)
{
	for (; *text != '\0'; text++) {
		char glyph[2] = { *text < ' ' || *text > '~' ? '?' : *text };

		screen_cell(s, row, column++, style, glyph);
	}
	return column;
}

static int
is_blank(const struct cell *c)
{
	return c->glyph[0] == ' ';
}

/* Of a row: how many cells until only blanks come. */
static int
used(const struct cell *row, int columns)
{
	while (columns > 0 && is_blank(&row[columns - 1]))
		columns--;
	return columns;
}

void
screen_print(const struct screen *s, FILE *f)
{
	for (int r = 0; r < s->rows; r++) {
		const struct cell *row = &s->cells[r * s->columns];
		int n = used(row, s->columns);

		for (int c = 0; c < n; c++)
			fputs(row[c].glyph, f);
		fputc('\n', f);
	}
}

static void
row_paint(const struct cell *row, int columns, FILE *f, int colour)
{
	const char *const *styles = colour ? colours : greys;
	int n = used(row, columns), style = -1;

	for (int c = 0; c < n; c++) {
		if (row[c].style != style)
			fputs(styles[style = row[c].style], f);
		fputs(row[c].glyph, f);
	}
	fputs(styles[STYLE_PLAIN], f);
	if (n < columns)
		fputs("\033[K", f);
}

void
screen_paint(
    const struct screen *s, const struct screen *before, FILE *f, int colour)
{
	size_t bytes = (size_t)s->columns * sizeof(s->cells[0]);

	if (before == NULL)
		fputs("\033[0m\033[2J", f);
	for (int r = 0; r < s->rows; r++) {
		const struct cell *row = &s->cells[r * s->columns];

		if (before != NULL &&
		    memcmp(row, &before->cells[r * s->columns], bytes) == 0)
			continue;
		fprintf(f, "\033[%d;1H", r + 1);
		row_paint(row, s->columns, f, colour);
	}
}
