/*
 * The digest of a message's content: the same however the body is cut into
 * pieces, whether its lines end in LF or CRLF, and with more empty lines.
 * Input: where to cut, and the body.
 */
#include <assert.h>
#include <string.h>

#include "common/canon.h"
#include "tests/fuzz/fuzz.h"

static struct canon *canon;

static void
header(const char *value, size_t n)
{
	const char *values[CANON_FIELDS] = { value };
	size_t lengths[CANON_FIELDS] = { n };

	canon_header(canon, values, lengths);
}

static void
digest_whole(const uint8_t *p, size_t n, char out[44])
{
	header((const char *)p, n);
	canon_body(canon, p, n);
	canon_end(canon, out);
	assert(strlen(out) == 43);
}

static void
check_pieces(const uint8_t *p, size_t n, size_t piece, const char *expected)
{
	char seen[44];

	header((const char *)p, n);
	for (size_t at = 0; at < n; at += piece)
		canon_body(canon, p + at, piece < n - at ? piece : n - at);
	canon_end(canon, seen);
	assert(strcmp(seen, expected) == 0);
}

static void
check_crlf(const uint8_t *p, size_t n, const char *expected)
{
	char seen[44];

	header((const char *)p, n);
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n' && (i == 0 || p[i - 1] != '\r'))
			canon_body(canon, (const uint8_t *)"\r", 1);
		canon_body(canon, p + i, 1);
	}
	canon_body(canon, (const uint8_t *)"\r\n \t\n\n", 6);
	canon_end(canon, seen);
	assert(strcmp(seen, expected) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	size_t piece = 1 + (size_t)fuzz_u8(&in);
	char expected[44];

	if (canon == NULL)
		canon = canon_new();
	assert(canon != NULL);
	digest_whole(in.p, in.n, expected);
	check_pieces(in.p, in.n, piece, expected);
	check_crlf(in.p, in.n, expected);
	return 0;
}

/* Kept from one input to the next, as a daemon does. */
__attribute__((destructor)) static void
end(void)
{
	canon_free(canon);
}
