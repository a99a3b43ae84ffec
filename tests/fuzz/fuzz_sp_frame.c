/*
 * What a peer says over TLS: its head, then messages. Whatever it is, the
 * answer to each beginning of it is "more" until the answer to the whole is
 * known, and what is taken, written again, is the same octets.
 * Input: the largest message; the octets.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/sp_frame.h"
#include "tests/fuzz/fuzz.h"

static int
frame(const uint8_t *in, size_t len, size_t max, struct sp_frame *f)
{
	uint8_t *copy = fuzz_copy(in, len);
	const char *why = NULL;
	int result = sp_frame_get(copy, len, max, f, &why);

	assert((result == -1) == (why != NULL));
	if (result == 1) {
		assert(f->data == copy + SP_FRAME_HEAD);
		assert(f->taken == f->n + SP_FRAME_HEAD && f->taken <= len);
		assert(f->n <= max && (f->id & UINT32_C(0x80000000)) != 0);
	}
	free(copy);
	return result;
}

/* Of more and more octets; the first answer that is not "more" stays. */
static void
check_splits(const uint8_t *in, size_t len, size_t max, int whole)
{
	struct sp_frame f;
	bool known = false;

	for (size_t n = 0; n <= len && n <= 64; n++) {
		int result = frame(in, n, max, &f);

		assert(result == whole || (result == 0 && !known));
		known = known || result != 0;
	}
}

static void
check_again(const uint8_t *in, const struct sp_frame *f)
{
	uint8_t head[SP_FRAME_HEAD];

	sp_frame_put(head, f->id, f->n);
	assert(memcmp(head, in, sizeof(head)) == 0);
}

static bool
check_head(const uint8_t *in, size_t len)
{
	uint8_t head[SP_HEAD];
	const char *why = NULL;
	int result = sp_head_get(in, len, SP_REQ, &why);

	assert((result == -1) == (why != NULL));
	sp_head_put(head, SP_REQ);
	assert((result == 1) ==
	    (len >= SP_HEAD && memcmp(in, head, SP_HEAD) == 0));
	for (size_t n = 0; n < len && n < SP_HEAD; n++)
		if (sp_head_get(in, n, SP_REQ, &why) == -1)
			assert(result == -1);
	return result == 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	size_t max = fuzz_u16(&in);
	struct sp_frame f;
	int result;

	if (check_head(in.p, in.n)) {
		in.p += SP_HEAD;
		in.n -= SP_HEAD;
	}
	while ((result = frame(in.p, in.n, max, &f)) == 1) {
		check_splits(in.p, in.n, max, result);
		check_again(in.p, &f);
		in.p += f.taken;
		in.n -= f.taken;
	}
	check_splits(in.p, in.n, max, result);
	return 0;
}
