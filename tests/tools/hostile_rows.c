/*
 * Rows files (tests/hostile/README says what stands in one) to rows. Knows
 * nothing of what the lines mean.
 */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/hostile.h"

/* A text that \<NAME> stands for. */
struct let {
	char *name, *text;
};

struct reader {
	struct rows *rows;
	struct row *row; /* NULL: before the first */
	unsigned line;
	struct let *lets;
	size_t n_lets;
};

static void __attribute__((noreturn))
wrong(const struct reader *r, const char *what)
{
	errx(2, "%s:%u: %s", r->rows->file, r->line, what);
}

static void *
grow(void *v, size_t n, size_t size)
{
	v = realloc(v, (n + 1) * size);
	if (v == NULL)
		err(1, "rows");
	return v;
}

static char *
copy(const char *text, size_t n)
{
	char *s = strndup(text, n);

	if (s == NULL)
		err(1, "rows");
	return s;
}

/* ---- names for texts ---- */

static const char *
let_find(const struct reader *r, const char *name, size_t n)
{
	for (size_t i = 0; i < r->n_lets; i++)
		if (strlen(r->lets[i].name) == n &&
		    strncmp(r->lets[i].name, name, n) == 0)
			return r->lets[i].text;
	wrong(r, "nothing was let to be that \\<name>");
}

/* The text with its \<NAME>s replaced, in malloc'd memory. */
static char *
replace_names(const struct reader *r, const char *text)
{
	char *out = NULL;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	if (f == NULL)
		err(1, "rows");
	while (*text != '\0') {
		const char *end = strchr(text, '>');

		if (strncmp(text, "\\<", 2) == 0 && end != NULL) {
			fputs(
			    let_find(r, text + 2, (size_t)(end - text) - 2), f);
			text = end + 1;
		} else {
			if (text[0] == '\\' && text[1] != '\0')
				putc(*text++, f);
			putc(*text++, f);
		}
	}
	fclose(f);
	return out;
}

static void
add_let(struct reader *r, const char *line)
{
	size_t n = strcspn(line, " ");

	r->lets = grow(r->lets, r->n_lets, sizeof(*r->lets));
	r->lets[r->n_lets].name = copy(line, n);
	r->lets[r->n_lets++].text =
	    replace_names(r, line + n + (line[n] == ' '));
}

/* ---- lines ---- */

static const char *const keys[] = { "dns", "to", "sender", "client", "login",
	"body", "expect", "packets", "published", "none" };

/* A key, or the name of a field with its colon: how long it is. */
static size_t
key_length(const struct reader *r, const char *line)
{
	size_t word = strcspn(line, " "), field = strcspn(line, ":");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i]) == word &&
		    strncmp(keys[i], line, word) == 0)
			return word;
	if (line[field] != ':')
		wrong(r, "what is this?");
	return field + 1;
}

static void
add_line(struct reader *r, const char *text, unsigned times)
{
	struct row *row = r->row != NULL ? r->row : &r->rows->base;
	char *line = replace_names(r, text);
	size_t key = key_length(r, line);

	row->lines = grow(row->lines, row->n, sizeof(*row->lines));
	row->lines[row->n++] = (struct row_line){ .key = copy(line, key),
		.text = copy(line + key + (line[key] == ' '), strlen(line)),
		.times = times };
	free(line);
}

static void
add_times(struct reader *r, const char *line)
{
	char *end;
	unsigned long n = strtoul(line, &end, 10);

	if (*end != ' ')
		wrong(r, "times N LINE");
	add_line(r, end + 1, (unsigned)n);
}

static void
add_row(struct reader *r, const char *name)
{
	struct rows *rows = r->rows;

	rows->v = grow(rows->v, rows->n, sizeof(*rows->v));
	r->row = &rows->v[rows->n++];
	*r->row =
	    (struct row){ .name = copy(name, strlen(name)), .line = r->line };
}

static void
set_daemon(struct reader *r, const char *name)
{
	r->rows->signer = strcmp(name, "signerd") == 0;
	if (!r->rows->signer && strcmp(name, "verifyd") != 0)
		wrong(r, "daemon verifyd, or daemon signerd");
}

/* For whoever starts the daemon. */
static void
ignore(struct reader *r, const char *text)
{
	(void)text;
	if (r->row != NULL)
		wrong(r, "options stand before the first row");
}

static void
read_line(struct reader *r, const char *line)
{
	static const struct {
		const char *word;
		void (*run)(struct reader *, const char *);
	} words[] = { { "row ", add_row }, { "let ", add_let },
		{ "times ", add_times }, { "daemon ", set_daemon },
		{ "option ", ignore }, { "also ", ignore } };

	if (*line == '\0' || *line == '#')
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i].word);

		if (strncmp(line, words[i].word, n) == 0) {
			words[i].run(r, line + n);
			return;
		}
	}
	add_line(r, line, 1);
}

/* A line that begins with a blank goes on with the one before it. */
static char *
whole_line(FILE *f, unsigned *number)
{
	char *line = NULL, *more = NULL;
	size_t size = 0, more_size = 0;
	ssize_t n = getline(&line, &size, f), m;
	int ch;

	*number += 1;
	while (n > 0 && (ch = getc(f)) != EOF) {
		ungetc(ch, f);
		if (ch != ' ' && ch != '\t')
			break;
		m = getline(&more, &more_size, f);
		*number += 1;
		n = (ssize_t)strcspn(line, "\n");
		line = grow(line, (size_t)(n + m) + 1, 1);
		sprintf(line + n, " %s", more + strspn(more, " \t"));
	}
	free(more);
	if (n <= 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\n")] = '\0';
	return line;
}

void
rows_read(struct rows *rows, const char *file)
{
	struct reader r = { .rows = rows };
	const char *name = strrchr(file, '/');
	FILE *f = fopen(file, "r");
	char *line;

	if (f == NULL)
		err(1, "%s", file);
	name = name != NULL ? name + 1 : file;
	*rows = (struct rows){ .file = file,
		.group = copy(name, strcspn(name, ".")) };
	while ((line = whole_line(f, &r.line)) != NULL) {
		read_line(&r, line);
		free(line);
	}
	fclose(f);
	for (size_t i = 0; i < r.n_lets; i++) {
		free(r.lets[i].name);
		free(r.lets[i].text);
	}
	free(r.lets);
}

static void
row_free(struct row *row)
{
	for (size_t i = 0; i < row->n; i++) {
		free(row->lines[i].key);
		free(row->lines[i].text);
	}
	free(row->lines);
	free(row->name);
}

void
rows_free(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		row_free(&rows->v[i]);
	row_free(&rows->base);
	free(rows->v);
	free(rows->group);
}

/* ---- lines of a row ---- */

bool
row_line_is_field(const struct row_line *l)
{
	return l->key[strlen(l->key) - 1] == ':';
}

/* What a row's own line stands against: of dns lines the same name. */
static bool
overrules(const struct row_line *own, const struct row_line *base)
{
	size_t n = strcspn(base->text, " @/");

	if (strcmp(own->key, "none") == 0)
		return strcasecmp(own->text, base->key) == 0;
	if (strcasecmp(own->key, base->key) != 0 ||
	    strcmp(own->key, "expect") == 0 || strcmp(own->key, "packets") == 0)
		return false;
	return strcmp(own->key, "dns") != 0 ||
	    (strcspn(own->text, " @/") == n &&
		strncmp(own->text, base->text, n) == 0);
}

static bool
is_overruled(const struct row *row, const struct row_line *base)
{
	for (size_t i = 0; i < row->n; i++)
		if (overrules(&row->lines[i], base))
			return true;
	return false;
}

void
row_each(const struct rows *rows, const struct row *row, const char *key,
    row_line_fn *each, void *arg)
{
	for (size_t i = 0; i < row->n; i++)
		if (key == NULL || strcmp(row->lines[i].key, key) == 0)
			each(arg, &row->lines[i]);
	for (size_t i = 0; i < rows->base.n; i++) {
		const struct row_line *l = &rows->base.lines[i];

		if ((key == NULL || strcmp(l->key, key) == 0) &&
		    !is_overruled(row, l))
			each(arg, l);
	}
}

static void
keep_first(void *arg, const struct row_line *l)
{
	const char **text = arg;

	if (*text == NULL)
		*text = l->text;
}

const char *
row_text(const struct rows *rows, const struct row *row, const char *key,
    const char *otherwise)
{
	const char *text = NULL;

	row_each(rows, row, key, keep_first, &text);
	return text != NULL ? text : otherwise;
}
