/* Fields of messages between our processes: bounds, order, what stays bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/wire.h"

static void
numbers_are_in_network_order(void **state)
{
	static const uint8_t wanted[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
		0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
	uint8_t data[sizeof(wanted)];
	struct wire w;

	(void)state;
	wire_init(&w, data, sizeof(data));
	wire_put_u8(&w, 0x01);
	wire_put_u16(&w, 0x0203);
	wire_put_u32(&w, 0x04050607);
	wire_put_u64(&w, 0x08090a0b0c0d0e0f);
	assert_true(wire_done(&w));
	assert_memory_equal(data, wanted, sizeof(wanted));
	wire_init_read(&w, data, sizeof(data));
	assert_int_equal(wire_get_u8(&w), 0x01);
	assert_int_equal(wire_get_u16(&w), 0x0203);
	assert_int_equal(wire_get_u32(&w), 0x04050607);
	assert_true(wire_get_u64(&w) == 0x08090a0b0c0d0e0f);
	assert_true(wire_done(&w));
}

static size_t
put_sample(uint8_t *data, size_t size)
{
	struct wire w;

	wire_init(&w, data, size);
	wire_put_u16(&w, 7);
	wire_put_str(&w, "owner");
	wire_put_bytes(&w, "a\0b", 3);
	return wire_done(&w) ? w.pos : 0;
}

static bool
get_sample(const uint8_t *data, size_t size)
{
	char owner[6];
	struct wire w;
	size_t n;

	wire_init_read(&w, data, size);
	wire_get_u16(&w);
	wire_get_str(&w, owner, sizeof(owner));
	wire_get_bytes(&w, 3, &n);
	return wire_done(&w);
}

static void
a_message_is_refused_at_every_other_length(void **state)
{
	uint8_t data[64] = { 0 };
	size_t len = put_sample(data, sizeof(data));

	(void)state;
	assert_int_equal(len, 2 + 4 + 5 + 4 + 3);
	for (size_t n = 0; n < sizeof(data); n++)
		assert_int_equal(get_sample(data, n), n == len);
}

static void
a_writer_without_room_is_bad_and_writes_no_octet_behind(void **state)
{
	uint8_t data[64];

	(void)state;
	for (size_t n = 0; n < 18; n++) {
		memset(data, 0xee, sizeof(data));
		assert_int_equal(put_sample(data, n), 0);
		for (size_t i = n; i < sizeof(data); i++)
			assert_int_equal(data[i], 0xee);
	}
}

static void
a_string_too_long_or_with_a_nul_is_bad_and_empty(void **state)
{
	static const uint8_t with_nul[] = { 0, 0, 0, 2, 'a', 0 };
	static const uint8_t abc[] = { 0, 0, 0, 3, 'a', 'b', 'c' };
	char buf[4] = "xyz";
	struct wire w;

	(void)state;
	wire_init_read(&w, with_nul, sizeof(with_nul));
	wire_get_str(&w, buf, sizeof(buf));
	assert_false(wire_done(&w));
	assert_string_equal(buf, "");
	wire_init_read(&w, abc, sizeof(abc));
	wire_get_str(&w, buf, 3);
	assert_false(wire_done(&w));
	wire_init_read(&w, abc, sizeof(abc));
	wire_get_str(&w, buf, 4);
	assert_true(wire_done(&w));
	assert_string_equal(buf, "abc");
}

static void
bytes_over_their_bound_are_bad(void **state)
{
	static const uint8_t abc[] = { 0, 0, 0, 3, 'a', 'b', 'c' };
	static const uint8_t huge[] = { 0xff, 0xff, 0xff, 0xff, 'a' };
	struct wire w;
	size_t n;

	(void)state;
	wire_init_read(&w, abc, sizeof(abc));
	assert_null(wire_get_bytes(&w, 2, &n));
	assert_int_equal(n, 0);
	assert_false(wire_done(&w));
	wire_init_read(&w, huge, sizeof(huge));
	assert_null(wire_get_bytes(&w, SIZE_MAX, &n));
	assert_false(wire_done(&w));
}

static void
what_was_bad_stays_bad(void **state)
{
	static const uint8_t one[] = { 1 };
	struct wire w;

	(void)state;
	wire_init_read(&w, one, sizeof(one));
	assert_int_equal(wire_get_u16(&w), 0);
	assert_int_equal(wire_get_u8(&w), 0);
	assert_false(wire_done(&w));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_in_network_order),
		cmocka_unit_test(a_message_is_refused_at_every_other_length),
		cmocka_unit_test(
		    a_writer_without_room_is_bad_and_writes_no_octet_behind),
		cmocka_unit_test(
		    a_string_too_long_or_with_a_nul_is_bad_and_empty),
		cmocka_unit_test(bytes_over_their_bound_are_bad),
		cmocka_unit_test(what_was_bad_stays_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
