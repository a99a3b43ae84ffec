/* What a terminal shows, of the sequences that our programs may use. */
#ifndef DNSMAIL_PTY_SCREEN_H
#define DNSMAIL_PTY_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

enum { PTY_COLUMNS_MAX = 300, PTY_ROWS_MAX = 200, PTY_GLYPH = 5 };

struct pty_screen {
	int columns, rows, column, row;
	bool alternate, hidden, unwrapped; /* modes 1049, 25 (off), 7 (off) */
	char cells[PTY_ROWS_MAX][PTY_COLUMNS_MAX][PTY_GLYPH];
	char pending[64]; /* of a sequence or a character */
	size_t n_pending;
	const char *wrong; /* what no terminal should be given; NULL */
};

/* Also when it is resized: full of "~", which the program has to overwrite. */
void pty_screen_size(struct pty_screen *, int columns, int rows);
void pty_screen_put(struct pty_screen *, const char *octets, size_t n);
/* A row without blanks at its end; in a buffer of its own. */
const char *pty_screen_row(const struct pty_screen *, int row);

#endif
