/* nng's octets: every cut of them, every length, and what is none of them. */
#include "common/sp_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX = 16 };

#define HEAD "\0SP\0\0\x30\0\0" /* of one who asks */

/* In memory of exactly that size, so that ASan sees who reads past it. */
static int
get(const void *octets, size_t len, size_t max, struct sp_frame *f)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	const char *why = NULL;
	int result;

	memcpy(copy, octets, len);
	result = sp_frame_get(copy, len, max, f, &why);
	assert_int_equal(result == -1, why != NULL);
	free(copy);
	return result;
}

static int
head_get(const void *octets, size_t len, enum sp_protocol wanted)
{
	const char *why = NULL;
	int result = sp_head_get(octets, len, wanted, &why);

	assert_int_equal(result == -1, why != NULL);
	return result;
}

static void
head_is_what_nng_says(void **state)
{
	uint8_t out[SP_HEAD];

	(void)state;
	sp_head_put(out, SP_REQ);
	assert_memory_equal(out, HEAD, SP_HEAD);
	sp_head_put(out, SP_REP);
	assert_memory_equal(out, "\0SP\0\0\x31\0\0", SP_HEAD);
}

static void
head_is_known_when_it_is_whole(void **state)
{
	(void)state;
	for (size_t n = 0; n < SP_HEAD; n++)
		assert_int_equal(head_get(HEAD, n, SP_REQ), 0);
	assert_int_equal(head_get(HEAD, SP_HEAD, SP_REQ), 1);
	assert_int_equal(head_get(HEAD "more", SP_HEAD + 4, SP_REQ), 1);
}

static void
wrong_head_is_refused_at_its_first_wrong_octet(void **state)
{
	(void)state;
	for (size_t at = 0; at < SP_HEAD; at++) {
		char head[] = HEAD;

		head[at]++;
		for (size_t n = 0; n <= SP_HEAD; n++)
			assert_int_equal(
			    head_get(head, n, SP_REQ), n > at ? -1 : 0);
	}
	assert_int_equal(head_get(HEAD, SP_HEAD, SP_REP), -1);
	assert_int_equal(head_get("GET / HTTP/1.1", 14, SP_REQ), -1);
}

static void
frame_is_length_number_and_data(void **state)
{
	uint8_t out[SP_FRAME_HEAD];

	(void)state;
	sp_frame_put(out, 7, 5);
	assert_memory_equal(out, "\0\0\0\0\0\0\0\x09\x80\0\0\x07", sizeof(out));
	sp_frame_put(out, UINT32_MAX, (size_t)0x0102030405);
	assert_memory_equal(
	    out, "\0\0\0\x01\x02\x03\x04\x09\xff\xff\xff\xff", sizeof(out));
}

/* Two of them, of each pair of sizes, cut anywhere. */
static void
frames_come_whole_at_every_cut(void **state)
{
	uint8_t in[2 * (SP_FRAME_HEAD + MAX)];
	struct sp_frame f;

	(void)state;
	memset(in, 'x', sizeof(in));
	for (size_t n = 0; n <= MAX; n++) {
		sp_frame_put(in, (uint32_t)n, n);
		sp_frame_put(in + SP_FRAME_HEAD + n, 1, 0);
		for (size_t len = 0; len <= 2 * SP_FRAME_HEAD + n; len++) {
			int whole = len >= SP_FRAME_HEAD + n;

			assert_int_equal(get(in, len, MAX, &f), whole);
			if (!whole)
				continue;
			assert_int_equal(f.id, UINT32_C(0x80000000) | n);
			assert_int_equal(f.n, n);
			assert_int_equal(f.taken, SP_FRAME_HEAD + n);
		}
	}
}

static void
data_lies_behind_its_head(void **state)
{
	const uint8_t in[] = "\0\0\0\0\0\0\0\x06\x80\0\0\x01hi!";
	const char *why = NULL;
	struct sp_frame f;

	(void)state;
	assert_int_equal(sp_frame_get(in, sizeof(in), MAX, &f, &why), 1);
	assert_ptr_equal(f.data, in + 12);
	assert_memory_equal(f.data, "hi", f.n);
	assert_int_equal(f.n, 2);
	assert_int_equal(f.taken, 14);
}

/* As soon as the length is there: nothing is kept for it. */
static void
too_large_is_refused_before_it_comes(void **state)
{
	static const char *const lengths[] = {
		"\0\0\0\0\0\0\0\x15", /* MAX + 1 + 4 */
		"\0\0\0\0\0\0\x01\x14", "\0\0\0\x01\0\0\0\x08",
		"\x7f\xff\xff\xff\xff\xff\xff\xff", "\x80\0\0\0\0\0\0\x04",
		"\xff\xff\xff\xff\xff\xff\xff\xff",
		"\xff\xff\xff\xff\xff\xff\xff\xf4", /* + 12 is 0 */
	};
	struct sp_frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_int_equal(get(lengths[i], 7, MAX, &f), 0);
		assert_int_equal(get(lengths[i], 8, MAX, &f), -1);
	}
	assert_int_equal(get("\0\0\0\0\0\0\0\x14", 8, MAX, &f), 0);
	assert_int_equal(get("\0\0\0\0\0\0\0\x04", 8, 0, &f), 0);
	assert_int_equal(get("\0\0\0\0\0\0\0\x05", 8, 0, &f), -1);
}

static void
message_without_its_number_is_refused(void **state)
{
	struct sp_frame f;

	(void)state;
	for (char n = 0; n < 4; n++) {
		char length[8] = { 0, 0, 0, 0, 0, 0, 0, n };

		assert_int_equal(get(length, sizeof(length), MAX, &f), -1);
	}
	assert_int_equal(
	    get("\0\0\0\0\0\0\0\x04\x7f\xff\xff\xff", 12, MAX, &f), -1);
	assert_int_equal(get("\0\0\0\0\0\0\0\x04\x80\0\0\0", 12, MAX, &f), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_is_what_nng_says),
		cmocka_unit_test(head_is_known_when_it_is_whole),
		cmocka_unit_test(
		    wrong_head_is_refused_at_its_first_wrong_octet),
		cmocka_unit_test(frame_is_length_number_and_data),
		cmocka_unit_test(frames_come_whole_at_every_cut),
		cmocka_unit_test(data_lies_behind_its_head),
		cmocka_unit_test(too_large_is_refused_before_it_comes),
		cmocka_unit_test(message_without_its_number_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
