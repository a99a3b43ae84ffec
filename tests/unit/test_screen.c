/*
 * What is painted, as a terminal shows it: tests/tools/pty_screen.c is that
 * terminal, and takes nothing that it does not know.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/screen.h"
#include "tests/tools/pty_screen.h"

enum { COLUMNS = 20, ROWS = 4 };

static struct pty_screen terminal;

static void
terminal_clear(void)
{
	memset(&terminal, 0, sizeof(terminal));
	pty_screen_size(&terminal, COLUMNS, ROWS);
	terminal.alternate = true;
}

/* Paints; returns how many octets that took. */
static size_t
paint(const struct screen *s, const struct screen *before, int colour)
{
	char *data;
	size_t n;
	FILE *f = open_memstream(&data, &n);

	assert_non_null(f);
	screen_paint(s, before, f, colour);
	fclose(f);
	pty_screen_put(&terminal, data, n);
	free(data);
	assert_null(terminal.wrong);
	return n;
}

/* The rows of the terminal are what screen_print() writes. */
static void
is_shown(const struct screen *s)
{
	char *text, *line;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	screen_print(s, f);
	fclose(f);
	line = text;
	for (int r = 0; r < screen_rows(s); r++) {
		char *end = strchr(line, '\n');

		*end = '\0';
		assert_string_equal(pty_screen_row(&terminal, r), line);
		line = end + 1;
	}
	free(text);
}

static void
what_is_drawn_is_shown_and_all_else_is_blank(void **state)
{
	(void)state;
	for (int colour = 0; colour < 2; colour++) {
		struct screen *s = screen_new(COLUMNS, ROWS);

		terminal_clear();
		screen_text(s, 0, 0, STYLE_TITLE, "DNS Mail");
		screen_text(s, 1, 18, STYLE_BAD, "xy");
		screen_cell(s, 3, 2, STYLE_DIM, "\u2588");
		paint(s, NULL, colour);
		assert_string_equal(pty_screen_row(&terminal, 0), "DNS Mail");
		assert_string_equal(
		    pty_screen_row(&terminal, 1), "                  xy");
		assert_string_equal(pty_screen_row(&terminal, 2), "");
		assert_string_equal(pty_screen_row(&terminal, 3), "  \u2588");
		is_shown(s);
		screen_free(s);
	}
}

static void
what_lies_outside_is_cut_off(void **state)
{
	struct screen *s = screen_new(COLUMNS, ROWS);

	(void)state;
	terminal_clear();
	assert_int_equal(screen_text(s, 0, 15, STYLE_PLAIN, "0123456789"), 25);
	screen_text(s, ROWS, 0, STYLE_PLAIN, "below");
	screen_text(s, -1, 0, STYLE_PLAIN, "above");
	screen_text(s, 1, -3, STYLE_PLAIN, "left");
	paint(s, NULL, 1);
	assert_string_equal(
	    pty_screen_row(&terminal, 0), "               01234");
	assert_string_equal(pty_screen_row(&terminal, 1), "t");
	assert_string_equal(pty_screen_row(&terminal, 3), "");
	screen_free(s);
}

static void
a_size_is_within_its_bounds(void **state)
{
	static const int sizes[][4] = {
		{ 0, 0, 1, 1 },
		{ -5, -5, 1, 1 },
		{ 100000, 100000, SCREEN_COLUMNS_MAX, SCREEN_ROWS_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct screen *s = screen_new(sizes[i][0], sizes[i][1]);

		assert_int_equal(screen_columns(s), sizes[i][2]);
		assert_int_equal(screen_rows(s), sizes[i][3]);
		screen_free(s);
	}
}

static void
foreign_octets_do_not_reach_the_terminal(void **state)
{
	struct screen *s = screen_new(COLUMNS, ROWS);

	(void)state;
	terminal_clear();
	screen_text(s, 0, 0, STYLE_PLAIN, "a\033[2Jb\n\x9b\xff\x7f");
	paint(s, NULL, 1);
	assert_string_equal(pty_screen_row(&terminal, 0), "a?[2Jb????");
	screen_free(s);
}

/* Only the rows that changed are painted, and they end up as drawn. */
static void
a_second_picture_takes_the_place_of_the_first(void **state)
{
	struct screen *before = NULL;

	(void)state;
	terminal_clear();
	srand(1);
	for (int i = 0; i < 500; i++) {
		struct screen *s = screen_new(COLUMNS, ROWS);

		for (int k = rand() % 40; k > 0; k--)
			screen_cell(s, rand() % ROWS, rand() % COLUMNS,
			    (enum screen_style)(rand() % STYLE__COUNT),
			    rand() % 2 ? "\u2584" : "x");
		paint(s, before, i % 2);
		is_shown(s);
		assert_int_equal(paint(s, s, 1), 0);
		screen_free(before);
		before = s;
	}
	screen_free(before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_drawn_is_shown_and_all_else_is_blank),
		cmocka_unit_test(what_lies_outside_is_cut_off),
		cmocka_unit_test(a_size_is_within_its_bounds),
		cmocka_unit_test(foreign_octets_do_not_reach_the_terminal),
		cmocka_unit_test(a_second_picture_takes_the_place_of_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
