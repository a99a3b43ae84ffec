/*
 * The digest of a message's content: that of what the protocol says
 * (relaxed.h), and the same however the body is cut into pieces, whether its
 * lines end in LF or CRLF, with more blanks where there are some or at the ends
 * of lines, with more empty lines, and however the header fields are folded.
 * Input: cuts, the header fields' values with a NUL after each, the body.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "common/base64url.h"
#include "common/canon.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/relaxed.h"

static struct canon *canon;

struct content {
	const char *values[CANON_FIELDS];
	size_t lengths[CANON_FIELDS];
	const uint8_t *body;
	size_t n;
};

/* Octets that grow; room for thrice the input. */
struct grown {
	uint8_t *p;
	size_t n;
};

static void
grow(struct grown *g, const char *octets, size_t n)
{
	memcpy(g->p + g->n, octets, n);
	g->n += n;
}

static void
check_end(const char *expected)
{
	char seen[44];

	canon_end(canon, seen);
	assert(strcmp(seen, expected) == 0);
}

static void
fields_read(struct content *c, const char *fields, size_t n)
{
	for (size_t i = 0; i < CANON_FIELDS && n > 0; i++) {
		const char *nul = memchr(fields, '\0', n);
		size_t len = nul != NULL ? (size_t)(nul - fields) : n;

		c->values[i] = fields;
		c->lengths[i] = len;
		len += nul != NULL;
		fields += len;
		n -= len;
	}
}

/* By the protocol's words. */
static void
check_words(const struct content *c, size_t n_fields, const char *expected)
{
	uint8_t sum[32], *room = malloc(n_fields + 2 * c->n + 512);
	size_t n = 0;
	char seen[44];

	assert(room != NULL);
	for (size_t i = 0; i < CANON_FIELDS; i++) {
		if (c->values[i] != NULL)
			n += relaxed_field(canon_field_names[i], c->values[i],
			    c->lengths[i], room + n);
		memcpy(room + n, "\r\n", 2);
		n += 2;
	}
	memcpy(room + n, "\r\n", 2);
	n += 2;
	n += relaxed_body(c->body, c->n, room + n);
	assert(EVP_Digest(room, n, sum, NULL, EVP_sha256(), NULL) == 1);
	base64url_digest(seen, sum);
	assert(strcmp(seen, expected) == 0);
	free(room);
}

/* After the last cut the rest is one piece. */
static void
check_pieces(const struct content *c, const uint8_t *cuts, size_t n_cuts,
    const char *expected)
{
	size_t at = 0;

	canon_header(canon, c->values, c->lengths);
	for (size_t i = 0; at < c->n; i++) {
		size_t n = c->n - at;

		if (i < n_cuts && cuts[i] < n)
			n = cuts[i];
		canon_body(canon, c->body + at, n);
		at += n;
	}
	check_end(expected);
}

static void
check_octets(const struct content *c, const char *expected)
{
	canon_header(canon, c->values, c->lengths);
	for (size_t i = 0; i < c->n; i++)
		canon_body(canon, c->body + i, 1);
	check_end(expected);
}

/* The same to a reader of relaxed lines (RFC 6376 3.4.4). */
static void
check_relaxed(const struct content *c, const char *expected)
{
	struct grown g = { .p = malloc(3 * c->n + 8) };

	assert(g.p != NULL);
	for (size_t i = 0; i < c->n; i++) {
		char octet = (char)c->body[i];
		bool cr = i > 0 && c->body[i - 1] == '\r';

		if (octet == '\n' && !cr)
			grow(&g, " \r", 2);
		if (octet == ' ' || octet == '\t')
			grow(&g, "\t ", 2);
		grow(&g, &octet, 1);
	}
	grow(&g, "\r\n \t\n\n", 6);
	canon_header(canon, c->values, c->lengths);
	canon_body(canon, g.p, g.n);
	check_end(expected);
	free(g.p);
}

/* Folded at each blank, and a blank before it all. */
static void
check_folded(const struct content *c, const char *expected)
{
	struct content folded = { .body = c->body, .n = c->n };
	char *strings[CANON_FIELDS] = { NULL };

	for (size_t i = 0; i < CANON_FIELDS; i++) {
		struct grown g;

		if (c->values[i] == NULL)
			continue;
		g.p = malloc(3 * c->lengths[i] + 1);
		g.n = 0;
		assert(g.p != NULL);
		grow(&g, " ", 1);
		for (size_t k = 0; k < c->lengths[i]; k++) {
			if (c->values[i][k] == ' ' || c->values[i][k] == '\t')
				grow(&g, "\r\n", 2);
			grow(&g, &c->values[i][k], 1);
		}
		strings[i] = (char *)g.p;
		folded.values[i] = strings[i];
		folded.lengths[i] = g.n;
	}
	canon_header(canon, folded.values, folded.lengths);
	canon_body(canon, c->body, c->n);
	check_end(expected);
	for (size_t i = 0; i < CANON_FIELDS; i++)
		free(strings[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct content c = { 0 };
	size_t n_cuts, n_fields;
	uint8_t *cuts = fuzz_part(&in, &n_cuts);
	uint8_t *fields = fuzz_part(&in, &n_fields);
	char expected[44];

	canon = canon_new();
	assert(canon != NULL);
	fields_read(&c, (const char *)fields, n_fields);
	c.body = in.p;
	c.n = in.n;
	canon_header(canon, c.values, c.lengths);
	canon_body(canon, c.body, c.n);
	canon_end(canon, expected);
	assert(strlen(expected) == 43);
	check_words(&c, n_fields, expected);
	check_pieces(&c, cuts, n_cuts, expected);
	check_octets(&c, expected);
	check_relaxed(&c, expected);
	check_folded(&c, expected);
	canon_free(canon);
	free(cuts);
	free(fields);
	return 0;
}
