/* Strict: an unknown sequence and a character beyond the edge are wrong. */
#include "pty_screen.h"

#include <stdlib.h>
#include <string.h>

static void
fill(struct pty_screen *s, int row, int from, const char *glyph)
{
	for (int c = from; c < s->columns; c++)
		strcpy(s->cells[row][c], glyph);
}

static void
fill_all(struct pty_screen *s, const char *glyph)
{
	for (int r = 0; r < s->rows; r++)
		fill(s, r, 0, glyph);
	s->row = s->column = 0;
}

void
pty_screen_size(struct pty_screen *s, int columns, int rows)
{
	s->columns = columns < PTY_COLUMNS_MAX ? columns : PTY_COLUMNS_MAX;
	s->rows = rows < PTY_ROWS_MAX ? rows : PTY_ROWS_MAX;
	fill_all(s, "~");
}

/* ---- sequences: ESC [ parameters final ---- */

static void
cursor_set(struct pty_screen *s, const char *parameters)
{
	char *rest;

	s->row = (int)strtol(parameters, &rest, 10) - 1;
	s->column = *rest == ';' ? (int)strtol(rest + 1, NULL, 10) - 1 : 0;
	if (s->row < 0 || s->row >= s->rows || s->column < 0 ||
	    s->column >= s->columns)
		s->wrong = "the cursor is set beyond the edge";
}

static void
erase_line(struct pty_screen *s, const char *parameters)
{
	if (*parameters != '\0')
		s->wrong = "an unknown way to erase a line";
	else if (s->row < s->rows)
		fill(s, s->row, s->column, " ");
}

static void
erase_all(struct pty_screen *s, const char *parameters)
{
	int row = s->row, column = s->column;

	if (strcmp(parameters, "2") != 0)
		s->wrong = "an unknown way to erase the screen";
	fill_all(s, " ");
	s->row = row;
	s->column = column;
}

static void
style_set(struct pty_screen *s, const char *parameters)
{
	if (parameters[strspn(parameters, "0123456789;")] != '\0')
		s->wrong = "an unknown style";
}

static void
mode(struct pty_screen *s, const char *parameters, bool on)
{
	if (strcmp(parameters, "?1049") == 0) {
		s->alternate = on;
		fill_all(s, on ? "~" : " ");
	} else if (strcmp(parameters, "?25") == 0) {
		s->hidden = !on;
	} else if (strcmp(parameters, "?7") == 0) {
		s->unwrapped = !on;
	} else {
		s->wrong = "an unknown mode";
	}
}

static void
mode_set(struct pty_screen *s, const char *parameters)
{
	mode(s, parameters, true);
}

static void
mode_reset(struct pty_screen *s, const char *parameters)
{
	mode(s, parameters, false);
}

static const struct final {
	char letter;
	void (*run)(struct pty_screen *, const char *parameters);
} finals[] = {
	{ 'H', cursor_set },
	{ 'K', erase_line },
	{ 'J', erase_all },
	{ 'm', style_set },
	{ 'h', mode_set },
	{ 'l', mode_reset },
};

/* Whether the pending octets are a whole one; then it is done. */
static bool
sequence_done(struct pty_screen *s)
{
	char *p = s->pending, last = p[s->n_pending - 1];

	if (s->n_pending < 3)
		return false;
	if (p[1] != '[') {
		s->wrong = "an unknown sequence";
		return true;
	}
	if (last < '@' || last > '~')
		return false;
	p[s->n_pending - 1] = '\0';
	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++)
		if (finals[i].letter == last) {
			finals[i].run(s, p + 2);
			return true;
		}
	s->wrong = "an unknown sequence";
	return true;
}

/* ---- characters ---- */

static size_t
utf8_length(char first)
{
	unsigned char c = (unsigned char)first;

	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static void
character(struct pty_screen *s)
{
	char c = s->pending[0];

	s->pending[s->n_pending] = '\0';
	if (c == '\r')
		s->column = 0;
	else if (c == '\n')
		s->row += s->row + 1 < s->rows;
	else if (s->alternate && (c < ' ' && c >= 0))
		s->wrong = "a control character";
	else if (s->column >= s->columns || s->row >= s->rows)
		s->wrong = s->alternate ? "text beyond the edge" : s->wrong;
	else
		strcpy(s->cells[s->row][s->column++], s->pending);
}

void
pty_screen_put(struct pty_screen *s, const char *octets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool done;

		s->pending[s->n_pending++] = octets[i];
		if (s->pending[0] == '\033') {
			done = sequence_done(s);
		} else {
			done = s->n_pending >= utf8_length(s->pending[0]);
			if (done)
				character(s);
		}
		if (done || s->n_pending + 1 >= sizeof(s->pending))
			s->n_pending = 0;
	}
}

const char *
pty_screen_row(const struct pty_screen *s, int row)
{
	static char text[PTY_COLUMNS_MAX * PTY_GLYPH + 1];
	size_t end = 0;

	text[0] = '\0';
	for (int c = 0; c < s->columns; c++) {
		strcat(text, s->cells[row][c]);
		if (strcmp(s->cells[row][c], " ") != 0)
			end = strlen(text);
	}
	text[end] = '\0';
	return text;
}
