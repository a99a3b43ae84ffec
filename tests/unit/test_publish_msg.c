/* Requests to publishd and its answers: there and back, cut, over a bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/publish_msg.h"

static const struct publish_record two[] = {
	{ .owner = "aaaa.example.test", .text = "To:a@b*", .text_len = 7 },
	{ .owner = "bbbb.example.test",
	    .text = "xyz",
	    .text_len = 3,
	    .lengths = (const uint8_t[]){ 1, 2 },
	    .n_lengths = 2 },
};

static struct publish_req
sample(void)
{
	struct publish_req r = { .op = PUB_REMOVE,
		.ttl = 60,
		.n = 2,
		.records = (struct publish_record *)(uintptr_t)two };

	snprintf(r.domain, sizeof(r.domain), "example.test");
	return r;
}

/* malloc'd, so that ASan sees a step behind it. */
static uint8_t *
put(const struct publish_req *r, size_t *len_r)
{
	size_t size = publish_req_size(r);
	uint8_t *data = malloc(size);
	struct wire w;

	wire_init(&w, data, size);
	publish_req_put(&w, r);
	*len_r = wire_done(&w) ? w.pos : 0;
	return data;
}

static int
get(const uint8_t *data, size_t len, struct publish_req *r)
{
	struct wire w;

	wire_init_read(&w, data, len);
	return publish_req_get(&w, r);
}

static void
a_request_comes_out_as_it_went_in(void **state)
{
	struct publish_req r = sample(), out;
	size_t len;
	uint8_t *data = put(&r, &len);

	(void)state;
	assert_int_equal(len, publish_req_size(&r));
	assert_int_equal(get(data, len, &out), 0);
	assert_int_equal(out.op, PUB_REMOVE);
	assert_int_equal(out.ttl, 60);
	assert_string_equal(out.domain, "example.test");
	assert_int_equal(out.n, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(out.records[i].owner, two[i].owner);
		assert_int_equal(out.records[i].text_len, two[i].text_len);
		assert_string_equal(out.records[i].text, two[i].text);
		assert_int_equal(out.records[i].n_lengths, two[i].n_lengths);
	}
	assert_memory_equal(out.records[1].lengths, two[1].lengths, 2);
	free(out.records);
	free(data);
}

static void
a_request_cut_anywhere_is_refused(void **state)
{
	struct publish_req r = sample(), out;
	size_t len;
	uint8_t *data = put(&r, &len);

	(void)state;
	for (size_t n = 0; n < len; n++) {
		uint8_t *cut = malloc(n + 1);

		memcpy(cut, data, n);
		assert_int_equal(get(cut, n, &out), -1);
		free(cut);
	}
	free(data);
}

/* Whatever an octet becomes: refused or taken, and never read beyond. */
static void
every_octet_may_be_wrong(void **state)
{
	struct publish_req r = sample(), out;
	size_t len;
	uint8_t *data = put(&r, &len);

	(void)state;
	for (size_t i = 0; i < len; i++)
		for (unsigned v = 0; v < 256; v++) {
			uint8_t was = data[i];

			data[i] = (uint8_t)v;
			if (get(data, len, &out) == 0)
				free(out.records);
			data[i] = was;
		}
	free(data);
}

static void
another_version_or_operation_is_refused(void **state)
{
	struct publish_req r = sample(), out;
	size_t len;
	uint8_t *data = put(&r, &len);

	(void)state;
	data[0]++;
	assert_int_equal(get(data, len, &out), -1);
	data[0]--;
	data[1] = PUB__COUNT;
	assert_int_equal(get(data, len, &out), -1);
	free(data);
}

static void
a_request_without_records_or_with_too_many_is_not_put(void **state)
{
	struct publish_req r = sample();
	size_t len;

	(void)state;
	r.n = 0;
	free(put(&r, &len));
	assert_int_equal(len, 0);
	r.n = PUBLISH_RECORDS_MAX + 1;
	r.records = calloc(r.n, sizeof(*r.records));
	for (size_t i = 0; i < r.n; i++)
		r.records[i] = two[0];
	free(put(&r, &len));
	assert_int_equal(len, 0);
	r.n--;
	free(put(&r, &len));
	assert_int_equal(len, publish_req_size(&r));
	free(r.records);
}

static void
a_text_over_its_bound_is_not_put(void **state)
{
	static char text[PUBLISH_TEXT_MAX + 2];
	struct publish_record one = { .owner = "a.b", .text = text };
	struct publish_req r = sample();
	size_t len;

	(void)state;
	memset(text, 'x', PUBLISH_TEXT_MAX + 1);
	r.n = 1;
	r.records = &one;
	one.text_len = PUBLISH_TEXT_MAX + 1;
	free(put(&r, &len));
	assert_int_equal(len, 0);
	one.text_len = PUBLISH_TEXT_MAX;
	free(put(&r, &len));
	assert_int_equal(len, publish_req_size(&r));
}

static void
an_answer_comes_out_as_it_went_in_and_is_refused_when_cut(void **state)
{
	struct publish_answer a = { .status = PUB_LATER }, out;
	uint8_t data[512];
	struct wire w;
	size_t len;

	(void)state;
	snprintf(a.reason, sizeof(a.reason), "the primary is away");
	wire_init(&w, data, sizeof(data));
	publish_answer_put(&w, &a);
	assert_true(wire_done(&w));
	len = w.pos;
	for (size_t n = 0; n <= len; n++) {
		wire_init_read(&w, data, n);
		assert_int_equal(
		    publish_answer_get(&w, &out), n == len ? 0 : -1);
	}
	assert_int_equal(out.status, PUB_LATER);
	assert_string_equal(out.reason, a.reason);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_comes_out_as_it_went_in),
		cmocka_unit_test(a_request_cut_anywhere_is_refused),
		cmocka_unit_test(every_octet_may_be_wrong),
		cmocka_unit_test(another_version_or_operation_is_refused),
		cmocka_unit_test(
		    a_request_without_records_or_with_too_many_is_not_put),
		cmocka_unit_test(a_text_over_its_bound_is_not_put),
		cmocka_unit_test(
		    an_answer_comes_out_as_it_went_in_and_is_refused_when_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
