/* A grid of cells to draw on: what lies outside of it is cut off. */
#ifndef DNSMAIL_SCREEN_H
#define DNSMAIL_SCREEN_H

#include <stdio.h>

enum screen_style {
	STYLE_PLAIN,
	STYLE_TITLE,
	STYLE_DIM,
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE__COUNT
};

enum { SCREEN_COLUMNS_MAX = 500, SCREEN_ROWS_MAX = 300 };

struct screen;

/* Blank; the size is cut to 1 .. MAX. NULL: out of memory. */
struct screen *screen_new(int columns, int rows);
void screen_free(struct screen *);
int screen_columns(const struct screen *);
int screen_rows(const struct screen *);

/* One cell. glyph is one character in UTF-8, at most 4 octets. */
void screen_cell(
    struct screen *, int row, int column, enum screen_style, const char *glyph);
/* printable ASCII; what is not becomes "?". Returns the column after it. */
int screen_text(
    struct screen *, int row, int column, enum screen_style, const char *text);

/* One line for each row, without blanks at its end, without styles. */
void screen_print(const struct screen *, FILE *);
/*
 * What makes a terminal that shows `before` (NULL: anything) show this one.
 * The two have the same size. colour false: no colours, only bold.
 */
void screen_paint(
    const struct screen *, const struct screen *before, FILE *, int colour);

#endif
