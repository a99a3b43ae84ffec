/* common/milter: packets as octets. The octets are those of mfdef.h. */
#include "common/milter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "A", then "L" Subject: hi, back to back. */
static const uint8_t stream[] = "\0\0\0\1A"
				"\0\0\0\14LSubject\0hi";

static void
packets_come_out_one_by_one(void **state)
{
	struct milter_packet p;
	size_t used;

	(void)state;
	assert_int_equal(
	    milter_packet_get(&p, stream, sizeof(stream), &used), 1);
	assert_int_equal(p.command, MILTER_ABORT);
	assert_int_equal(p.len, 0);
	assert_int_equal(used, 5);
	assert_int_equal(
	    milter_packet_get(&p, stream + 5, sizeof(stream) - 5, &used), 1);
	assert_int_equal(p.command, MILTER_HEADER);
	assert_int_equal(p.len, 11);
	assert_int_equal(used, sizeof(stream) - 5);
}

/* Each prefix stands in memory of its own, so that a checker sees a step over.
 */
static void
every_prefix_of_a_packet_needs_more(void **state)
{
	const uint8_t *packet = stream + 5;

	(void)state;
	for (size_t n = 0; n < sizeof(stream) - 5; n++) {
		struct milter_packet p;
		uint8_t *prefix = malloc(n + 1);
		size_t used;

		assert_non_null(prefix);
		memcpy(prefix + 1, packet, n);
		assert_int_equal(
		    milter_packet_get(&p, prefix + 1, n, &used), 0);
		free(prefix);
	}
}

static void
length_zero_and_over_the_bound_are_refused_at_once(void **state)
{
	static const uint8_t zero[4] = { 0 }, over[4] = { 0, 0x10, 0, 1 },
			     most[4] = { 0, 0x10, 0, 0 },
			     huge[4] = { 255, 255, 255, 255 };
	struct milter_packet p;
	size_t used;

	(void)state;
	assert_int_equal(milter_packet_get(&p, zero, 4, &used), -1);
	assert_int_equal(milter_packet_get(&p, over, 4, &used), -1);
	assert_int_equal(milter_packet_get(&p, huge, 4, &used), -1);
	assert_int_equal(milter_packet_get(&p, most, 4, &used), 0);
}

static void
cursor_stops_at_the_packet_s_end(void **state)
{
	static const uint8_t data[] = { 'a', 0, 0, 1, 2, 3, 4, 5, 6, 'b' };
	struct milter_packet p = { .data = data, .len = sizeof(data) };
	struct milter_cursor c;
	uint32_t u32;
	uint16_t u16;
	size_t len;

	(void)state;
	milter_cursor_init(&c, &p);
	assert_string_equal(milter_string(&c, &len), "a");
	assert_int_equal(len, 1);
	assert_string_equal(milter_string(&c, &len), "");
	assert_int_equal(milter_u32(&c, &u32), 0);
	assert_int_equal(u32, 0x01020304);
	assert_int_equal(milter_u16(&c, &u16), 0);
	assert_int_equal(u16, 0x0506);
	assert_null(milter_string(&c, &len)); /* not terminated */
	assert_int_equal(milter_u16(&c, &u16), -1);
	assert_int_equal(milter_u32(&c, &u32), -1);
	milter_cursor_init(&c, &p);
	c.p = c.end;
	assert_null(milter_string(&c, &len));
}

#define CONNECT(octets) connect_address(octets, sizeof(octets) - 1)

static const char *
connect_address(const char *octets, size_t n)
{
	struct milter_packet p = { .data = (const uint8_t *)octets, .len = n };

	return milter_connect_address(&p);
}

static void
connect_gives_the_client_s_address(void **state)
{
	(void)state;
	assert_string_equal(CONNECT("mx.example\0"
				    "4\0\31"
				    "192.0.2.1\0"),
	    "192.0.2.1");
	assert_string_equal(CONNECT("mx.example\0"
				    "6\0\31"
				    "2001:db8::1\0"),
	    "2001:db8::1");
	assert_string_equal(CONNECT("mx.example\0"
				    "6\0\31"
				    "IPv6:2001:db8::1\0"),
	    "2001:db8::1");
	assert_string_equal(CONNECT("mx.example\0"
				    "6\0\31"
				    "ipv6:::1\0"),
	    "::1");
	assert_string_equal(CONNECT("localhost\0"
				    "L\0\0"
				    "/run/x\0"),
	    "");
	assert_string_equal(CONNECT("unknown\0"
				    "U"),
	    "");
}

static void
malformed_connect_is_refused_at_every_length(void **state)
{
	static const char octets[] = "mx\0"
				     "4\0\31"
				     "192.0.2.1\0";

	(void)state;
	for (size_t n = 0; n < sizeof(octets) - 1; n++)
		assert_null(connect_address(octets, n));
	assert_null(CONNECT("mx\0"
			    "4\0\31"
			    "192.0.2.1\0"
			    "more"));
	assert_null(CONNECT("mx\0"
			    "5\0\31"
			    "192.0.2.1\0"));
	assert_null(CONNECT("mx\0"
			    "\0\0\31"
			    "192.0.2.1\0"));
	assert_null(CONNECT("mx\0"
			    "Umore"));
}

static void
assert_octets(struct buffer *b, const char *octets, size_t n)
{
	assert_int_equal(b->len, n);
	assert_memory_equal(b->data, octets, n);
	buffer_clear(b);
}
#define ASSERT_OCTETS(b, octets) assert_octets(b, octets, sizeof(octets) - 1)

static void
replies_have_the_octets_of_the_protocol(void **state)
{
	struct buffer b = { 0 };

	(void)state;
	assert_int_equal(milter_put(&b, MILTER_REPLY_CONTINUE, NULL, 0), 0);
	ASSERT_OCTETS(&b, "\0\0\0\1c");
	assert_int_equal(milter_put_insert(&b, 0, "A", "b c"), 0);
	ASSERT_OCTETS(&b, "\0\0\0\13i\0\0\0\0A\0b c\0");
	assert_int_equal(milter_put_change(&b, 258, "A", ""), 0);
	ASSERT_OCTETS(&b, "\0\0\0\10m\0\0\1\2A\0\0");
	assert_int_equal(
	    milter_put_text(&b, MILTER_REPLY_CODE, "451 4.7.1 no"), 0);
	ASSERT_OCTETS(&b, "\0\0\0\16y451 4.7.1 no\0");
	assert_int_equal(milter_put_optneg(&b, 6, 0x111, 0x1f, "xy", 2), 0);
	ASSERT_OCTETS(&b, "\0\0\0\17O\0\0\0\6\0\0\1\x11\0\0\0\x1fxy");
	buffer_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_come_out_one_by_one),
		cmocka_unit_test(every_prefix_of_a_packet_needs_more),
		cmocka_unit_test(
		    length_zero_and_over_the_bound_are_refused_at_once),
		cmocka_unit_test(cursor_stops_at_the_packet_s_end),
		cmocka_unit_test(connect_gives_the_client_s_address),
		cmocka_unit_test(malformed_connect_is_refused_at_every_length),
		cmocka_unit_test(replies_have_the_octets_of_the_protocol),
	};

	return cmocka_run_group_tests_name("milter", tests, NULL, NULL);
}
