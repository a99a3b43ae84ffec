/* Probes: what one end puts, the other gets; all else is no message. */
#include "common/probe_msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct probe_req whole = { .op = PROBE_REMOVE,
	.domain = "example.test",
	.owner = "kq3abcdefghijklmnopqrstu7a.example.test",
	.text = "To:a*From:b",
	.reach = PROBE_WWW,
	.primary = "10.0.0.2@53" };

static size_t
put(uint8_t *octets, const struct probe_req *r)
{
	struct wire w;

	wire_init(&w, octets, PROBE_REQ_MAX);
	probe_req_put(&w, r);
	assert_true(wire_done(&w));
	return w.pos;
}

static int
get(const uint8_t *octets, size_t n, struct probe_req *r)
{
	struct wire w;

	wire_init_read(&w, octets, n);
	return probe_req_get(&w, r);
}

static void
request_comes_through(void **state)
{
	uint8_t octets[PROBE_REQ_MAX];
	struct probe_req r;

	(void)state;
	assert_int_equal(get(octets, put(octets, &whole), &r), 0);
	assert_int_equal(r.op, PROBE_REMOVE);
	assert_string_equal(r.domain, whole.domain);
	assert_string_equal(r.owner, whole.owner);
	assert_string_equal(r.text, whole.text);
	assert_int_equal(r.reach, PROBE_WWW);
	assert_string_equal(r.primary, whole.primary);
}

static void
truncated_request_is_refused_at_every_length(void **state)
{
	uint8_t octets[PROBE_REQ_MAX];
	size_t n = put(octets, &whole);
	struct probe_req r;

	(void)state;
	for (size_t len = 0; len < n; len++)
		assert_int_equal(get(octets, len, &r), -1);
	octets[n] = 0;
	assert_int_equal(get(octets, n + 1, &r), -1);
}

static void
request_of_another_version_or_kind_is_refused(void **state)
{
	uint8_t octets[PROBE_REQ_MAX];
	size_t n = put(octets, &whole);
	struct probe_req r;

	(void)state;
	octets[0]++;
	assert_int_equal(get(octets, n, &r), -1);
	octets[0]--;
	octets[1] = PROBE_OP__COUNT;
	assert_int_equal(get(octets, n, &r), -1);
	octets[1] = PROBE_REACH;
	octets[n - strlen(whole.primary) - 5] = PROBE_REACH__COUNT;
	assert_int_equal(get(octets, n, &r), -1);
}

static void
answer_comes_through_and_is_refused_when_cut(void **state)
{
	const struct probe_answer a = { PUB_REFUSED, "REFUSED", true, -611 };
	uint8_t octets[PROBE_ANSWER_MAX];
	struct probe_answer b;
	struct wire w;
	size_t n;

	(void)state;
	wire_init(&w, octets, sizeof(octets));
	probe_answer_put(&w, &a);
	n = w.pos;
	wire_init_read(&w, octets, n);
	assert_int_equal(probe_answer_get(&w, &b), 0);
	assert_int_equal(b.status, PUB_REFUSED);
	assert_string_equal(b.reason, "REFUSED");
	assert_true(b.timed);
	assert_int_equal(b.skew, -611);
	for (size_t len = 0; len < n; len++) {
		wire_init_read(&w, octets, len);
		assert_int_equal(probe_answer_get(&w, &b), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_comes_through),
		cmocka_unit_test(truncated_request_is_refused_at_every_length),
		cmocka_unit_test(request_of_another_version_or_kind_is_refused),
		cmocka_unit_test(answer_comes_through_and_is_refused_when_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
