/* common/buffer: bytes come out as they went in, whatever is in between. */
#include "common/buffer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
zeroed_struct_is_empty_and_may_be_freed(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	assert_int_equal(b.len, 0);
	buffer_consume(&b, 0);
	buffer_clear(&b);
	assert_int_equal(buffer_append(&b, NULL, 0), 0);
	buffer_free(&b);
	buffer_free(&b);
}

/* Odd sizes in, other sizes out: every move of the memory happens. */
static void
order_is_kept_over_many_appends_and_consumes(void **state)
{
	struct buffer b = { 0 };
	uint8_t in = 0, out = 0, piece[97];

	(void)state;
	for (int round = 0; round < 500; round++) {
		for (size_t i = 0; i < sizeof(piece); i++)
			piece[i] = in++;
		assert_int_equal(buffer_append(&b, piece, sizeof(piece)), 0);
		for (int i = 0; i < 89 && b.len > 0; i++) {
			assert_int_equal(b.data[0], out++);
			buffer_consume(&b, 1);
		}
	}
	assert_int_equal(b.len, 500 * (97 - 89));
	while (b.len > 0) {
		assert_int_equal(b.data[0], out++);
		buffer_consume(&b, 1);
	}
	buffer_free(&b);
}

static void
consumed_room_is_used_again(void **state)
{
	struct buffer b = { 0 };
	uint8_t piece[100] = { 0 };
	size_t cap;

	(void)state;
	assert_int_equal(buffer_append(&b, piece, sizeof(piece)), 0);
	cap = b.cap;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(buffer_append(&b, piece, sizeof(piece)), 0);
		buffer_consume(&b, sizeof(piece));
	}
	assert_int_equal(b.cap, cap);
	buffer_free(&b);
}

static void
reserve_gives_the_room_it_promises(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	for (size_t n = 1; n < 5000; n += 61) {
		uint8_t *end = buffer_reserve(&b, n);

		assert_non_null(end);
		assert_ptr_equal(end, b.data + b.len);
		assert_true(end + n <= b.base + b.cap);
		memset(end, 1, n);
		b.len += n / 2;
	}
	buffer_free(&b);
}

static void
impossible_size_is_refused_and_nothing_is_lost(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	assert_int_equal(buffer_append(&b, "abc", 3), 0);
	assert_null(buffer_reserve(&b, SIZE_MAX));
	assert_null(buffer_reserve(&b, SIZE_MAX / 2));
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "abc", 3);
	buffer_free(&b);
}

static void
read_appends_at_most_what_was_asked(void **state)
{
	struct buffer b = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "abcdef", 6), 6);
	assert_int_equal(buffer_read(&b, fds[0], 4), 4);
	assert_int_equal(buffer_read(&b, fds[0], 4), 2);
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.data, "abcdef", 6);
	close(fds[1]);
	assert_int_equal(buffer_read(&b, fds[0], 4), 0);
	close(fds[0]);
	errno = 0;
	assert_int_equal(buffer_read(&b, fds[0], 4), -1);
	assert_int_equal(errno, EBADF);
	buffer_free(&b);
}

static void
write_consumes_what_was_written(void **state)
{
	struct buffer b = { 0 };
	char got[8];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(buffer_append(&b, "abcdef", 6), 0);
	assert_int_equal(buffer_write(&b, fds[1]), 6);
	assert_int_equal(b.len, 0);
	assert_int_equal(read(fds[0], got, sizeof(got)), 6);
	assert_memory_equal(got, "abcdef", 6);
	close(fds[0]);
	close(fds[1]);
	buffer_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroed_struct_is_empty_and_may_be_freed),
		cmocka_unit_test(order_is_kept_over_many_appends_and_consumes),
		cmocka_unit_test(consumed_room_is_used_again),
		cmocka_unit_test(reserve_gives_the_room_it_promises),
		cmocka_unit_test(
		    impossible_size_is_refused_and_nothing_is_lost),
		cmocka_unit_test(read_appends_at_most_what_was_asked),
		cmocka_unit_test(write_consumes_what_was_written),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
