/*
 * A vector of tests/data/vectors.txt, and for each kind whether it holds.
 */
#ifndef DNSMAIL_TEST_VECTOR_H
#define DNSMAIL_TEST_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { FIELDS_MAX = 16 };

/* Of a vector, without its kind; a NUL that n does not count is behind it. */
struct field {
	char *p;
	size_t n;
};
struct vector {
	size_t n;
	struct field f[FIELDS_MAX];
};

static inline bool
same(const struct field *f, const char *text)
{
	return f->n == strlen(text) && memcmp(f->p, text, f->n) == 0;
}

typedef bool vector_fn(const struct vector *);

/* vector_text.c */
vector_fn vector_make_id, vector_id, vector_id_refused, vector_domain,
    vector_domain_refused, vector_equal, vector_unequal, vector_author,
    vector_author_refused, vector_date, vector_date_refused, vector_record,
    vector_written, vector_record_refused, vector_blind;
/* vector_content.c */
vector_fn vector_body, vector_one_field, vector_message, vector_servers,
    vector_ask, vector_ask_never, vector_results, vector_results_foreign,
    vector_wish;

#endif
