/*
 * A primary's answer to an UPDATE, whatever the look at its signature said:
 * only NOERROR that is signed counts as done, and what is told is one line of
 * words. Input: that result, the clock's difference, the message.
 */
#include <assert.h>
#include <string.h>

#include "common/dns_message.h"
#include "publishd/update_answer.h"
#include "tests/fuzz/fuzz.h"

static void
check_words(const char *why, size_t size)
{
	size_t n = strnlen(why, size);

	assert(n > 0 && n < size);
	for (size_t i = 0; i < n; i++)
		assert(why[i] >= ' ' && why[i] <= '~');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	enum tsig_result verified =
	    (enum tsig_result)(fuzz_u8(&in) % TSIG__COUNT);
	struct tsig_detail detail = { .skew = (int16_t)fuzz_u16(&in) };
	char why[200];
	enum update_outcome outcome;
	int id = update_answer_id(in.p, in.n);

	assert(id <= UINT16_MAX);
	if (id < 0)
		return 0;
	assert(in.n >= 12 && id == (in.p[0] << 8 | in.p[1]));
	assert((in.p[2] & 0xf8) == 0xa8); /* QR and the opcode of UPDATE */
	outcome =
	    update_answer_read(in.p, in.n, verified, &detail, why, sizeof(why));
	assert(outcome < UPDATE__COUNT);
	assert((outcome == UPDATE_ACCEPTED) ==
	    (verified == TSIG_OK && (in.p[3] & 0xf) == DNS_NOERROR));
	if (verified != TSIG_OK)
		assert(outcome == UPDATE_FAILED);
	check_words(why, sizeof(why));
	return 0;
}
