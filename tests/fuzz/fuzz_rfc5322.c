/*
 * The lexical ground of header fields: a cursor goes forward only, over what
 * it says it read, and stays where it could read nothing. Input: what is read
 * one after the other, the value.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/rfc5322.h"
#include "tests/fuzz/fuzz.h"

typedef bool read_fn(struct rfc5322 *);

static bool
read_cfws(struct rfc5322 *c)
{
	const char *start = c->p;

	if (!rfc5322_skip_cfws(c)) {
		assert(c->p < c->end && *c->p == '(');
		return false;
	}
	assert(c->p == c->end || strchr(" \t\r\n(", *c->p) == NULL ||
	    *c->p == '\0');
	return c->p > start;
}

static bool
read_atom(struct rfc5322 *c)
{
	const char *start = c->p;
	size_t n = rfc5322_atom(c);

	assert(c->p == start + n);
	for (size_t i = 0; i < n; i++)
		assert(rfc5322_is_atext((unsigned char)start[i]));
	assert(c->p == c->end || !rfc5322_is_atext((unsigned char)*c->p));
	return n > 0;
}

static bool
read_dot_atom(struct rfc5322 *c)
{
	const char *start = c->p;
	size_t n = rfc5322_dot_atom(c);

	assert(c->p == start + n);
	if (n > 0)
		assert(start[0] != '.' && start[n - 1] != '.');
	for (size_t i = 0; i < n; i++)
		assert(rfc5322_is_atext((unsigned char)start[i]) ||
		    (start[i] == '.' && start[i + 1] != '.'));
	return n > 0;
}

/* Written again, with a backslash before each octet, it reads the same. */
static void
check_quoted(const char *content, size_t n)
{
	char *text = malloc(2 * n + 2), *again = malloc(n + 1);
	struct rfc5322 c = { .p = text, .end = text + 2 * n + 2 };
	size_t len;

	assert(text != NULL && again != NULL);
	text[0] = text[2 * n + 1] = '"';
	for (size_t i = 0; i < n; i++) {
		text[1 + 2 * i] = '\\';
		text[2 + 2 * i] = content[i];
	}
	assert(rfc5322_quoted(&c, again, n + 1, &len));
	assert(c.p == c.end && len == n && memcmp(again, content, n) == 0);
	free(text);
	free(again);
}

static bool
read_quoted(struct rfc5322 *c)
{
	struct rfc5322 past = *c, small = *c;
	size_t room = (size_t)(c->end - c->p) + 1, n = 0, n_past = 0;
	char *content = malloc(room);
	bool there;

	assert(content != NULL);
	there = rfc5322_quoted(c, content, room, &n);
	assert(rfc5322_quoted(&past, NULL, 0, &n_past) == there);
	assert(past.p == c->p && n_past == n);
	assert(!rfc5322_quoted(&small, content, n > 0 ? n : 1, NULL) ||
	    (there && n == 0));
	if (there) {
		assert(c->p[-1] == '"' && content[n] == '\0' && n < room);
		rfc5322_quoted(
		    &(struct rfc5322){ small.p, small.end }, content, room, &n);
		check_quoted(content, n);
	}
	free(content);
	return there;
}

static bool
read_semicolon(struct rfc5322 *c)
{
	bool there = rfc5322_char(c, ';');

	assert(!there || c->p[-1] == ';');
	return there;
}

static bool
read_end(struct rfc5322 *c)
{
	bool end = rfc5322_at_end(c);

	assert(!end || c->p == c->end);
	return end;
}

static read_fn *const reads[] = { read_cfws, read_atom, read_dot_atom,
	read_quoted, read_semicolon, read_end };

enum { READS = sizeof(reads) / sizeof(reads[0]) };

static void
check_octets(const char *value, size_t n)
{
	if (!rfc5322_octets_valid(value, n))
		return;
	for (size_t i = 0; i < n; i++)
		assert((unsigned char)value[i] >= ' ' ||
		    strchr("\t\r\n", value[i]) != NULL);
	for (size_t i = 0; i < n; i++)
		assert(value[i] != '\0' && value[i] != '\177');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	size_t n_ops;
	uint8_t *ops = fuzz_part(&in, &n_ops);
	const char *value = (const char *)in.p;
	struct rfc5322 c = { .p = value, .end = value + in.n };

	for (size_t i = 0; i < n_ops; i++) {
		const char *before = c.p;

		if (reads[ops[i] % READS](&c))
			assert(c.p > before || c.p == c.end);
		assert(c.p >= before && c.p <= c.end);
	}
	check_octets(value, in.n);
	free(ops);
	return 0;
}
