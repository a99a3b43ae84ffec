/*
 * The vectors of tests/data/vectors.txt, which says what each kind is. A kind
 * that is not known here fails, as does one of which no vector is left.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vector.h"

static const char file[] = "tests/data/vectors.txt";

static struct kind {
	const char *name;
	size_t least, most; /* fields */
	vector_fn *holds;
	unsigned ran;
} kinds[] = {
	{ "make-id", 2, 2, vector_make_id, 0 },
	{ "id", 3, 3, vector_id, 0 },
	{ "id-refused", 1, 1, vector_id_refused, 0 },
	{ "domain", 2, 2, vector_domain, 0 },
	{ "domain-refused", 1, 1, vector_domain_refused, 0 },
	{ "equal", 2, 2, vector_equal, 0 },
	{ "unequal", 2, 2, vector_unequal, 0 },
	{ "author", 2, 2, vector_author, 0 },
	{ "author-refused", 1, 1, vector_author_refused, 0 },
	{ "date", 2, 2, vector_date, 0 },
	{ "date-refused", 1, 1, vector_date_refused, 0 },
	{ "record", 4, 5, vector_record, 0 },
	{ "written", 4, 5, vector_written, 0 },
	{ "record-refused", 1, 1, vector_record_refused, 0 },
	{ "blind", 3, 3, vector_blind, 0 },
	{ "body", 4, 4, vector_body, 0 },
	{ "field", 4, 4, vector_one_field, 0 },
	{ "message", 3, 3, vector_message, 0 },
	{ "servers", 2, FIELDS_MAX, vector_servers, 0 },
	{ "ask", 1, 1, vector_ask, 0 },
	{ "ask-never", 1, 1, vector_ask_never, 0 },
	{ "results", 3, 3, vector_results, 0 },
	{ "results-foreign", 2, 2, vector_results_foreign, 0 },
	{ "wish", 3, FIELDS_MAX, vector_wish, 0 },
};

/* In place: what comes out is never longer. */
static void
unescape(struct field *f)
{
	char *out = f->p;
	unsigned octet;

	if (strcmp(f->p, "-") == 0)
		f->p[0] = '\0';
	for (const char *p = f->p; *p != '\0'; p++) {
		if (*p != '\\') {
			*out++ = *p;
			continue;
		}
		switch (*++p) {
		case 'r':
			*out++ = '\r';
			break;
		case 'n':
			*out++ = '\n';
			break;
		case 't':
			*out++ = '\t';
			break;
		case '\\':
			*out++ = '\\';
			break;
		default:
			assert_int_equal(sscanf(p, "x%2x", &octet), 1);
			*out++ = (char)octet;
			p += 2;
		}
	}
	*out = '\0';
	f->n = (size_t)(out - f->p);
}

static struct kind *
read_vector(struct vector *v, char *line)
{
	char *rest = line, *name = strsep(&rest, "\t");

	for (v->n = 0; rest != NULL && v->n < FIELDS_MAX; v->n++) {
		v->f[v->n].p = strsep(&rest, "\t");
		unescape(&v->f[v->n]);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0 && rest == NULL &&
		    v->n >= kinds[i].least && v->n <= kinds[i].most)
			return &kinds[i];
	return NULL;
}

static bool
run(char *line)
{
	struct vector v;
	struct kind *kind = read_vector(&v, line);

	if (kind == NULL)
		return false;
	kind->ran++;
	return kind->holds(&v);
}

static void
every_vector_holds(void **state)
{
	FILE *in = fopen(file, "r");
	char *line = NULL, *copy;
	size_t size = 0, failed = 0, ran = 0;
	ssize_t n;

	(void)state;
	if (in == NULL)
		fail_msg("%s: %s", file, strerror(errno));
	for (unsigned number = 1; (n = getline(&line, &size, in)) > 0;
	     number++) {
		line[n - 1] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		copy = strdup(line);
		assert_non_null(copy);
		ran++;
		if (!run(line) && ++failed > 0)
			print_error("%s:%u: %s\n", file, number, copy);
		free(copy);
	}
	free(line);
	fclose(in);
	print_message("%zu vectors ran, %zu failed\n", ran, failed);
	assert_int_equal(failed, 0);
}

static void
no_kind_is_without_a_vector(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].ran == 0)
			fail_msg("no vector of %s", kinds[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_holds),
		cmocka_unit_test(no_kind_is_without_a_vector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
