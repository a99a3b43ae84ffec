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

/* ---- the reader's own bounds: nobody has to use our writer ---- */

/* What a request is made of, and where it may be wrong. */
struct raw {
	size_t domain, owner, text, n_lengths; /* octets */
	uint16_t count;                        /* of records, as it says */
	char fill;
	uint8_t length; /* of each string */
	size_t behind;  /* octets after the end */
};

static void
put_filled(struct wire *w, char fill, size_t n)
{
	static char octets[PUBLISH_TEXT_MAX + 2];

	assert_true(n < sizeof(octets));
	memset(octets, fill, n);
	wire_put_bytes(w, octets, n);
}

static int
get_raw(const struct raw *raw)
{
	static uint8_t data[2 * PUBLISH_TEXT_MAX];
	struct publish_req out;
	struct wire w;
	int got;

	wire_init(&w, data, sizeof(data));
	wire_put_u8(&w, PUBLISH_MSG_VERSION);
	wire_put_u8(&w, PUB_ADD);
	wire_put_u32(&w, 60);
	put_filled(&w, raw->fill, raw->domain);
	wire_put_u16(&w, raw->count);
	put_filled(&w, raw->fill, raw->owner);
	put_filled(&w, raw->fill, raw->text);
	put_filled(&w, (char)raw->length, raw->n_lengths);
	assert_false(w.bad);
	got = get(data, w.pos + raw->behind, &out);
	if (got == 0)
		free(out.records);
	return got;
}

static void
a_reader_takes_each_field_up_to_its_bound_only(void **state)
{
	static const struct {
		struct raw raw;
		int got;
	} rows[] = {
		{ { 9, 9, 9, 0, 1, 'a', 0, 0 }, 0 },
		{ { 253, 9, 9, 0, 1, 'a', 0, 0 }, 0 },
		{ { 254, 9, 9, 0, 1, 'a', 0, 0 }, -1 },
		{ { 9, 253, 9, 0, 1, 'a', 0, 0 }, 0 },
		{ { 9, 254, 9, 0, 1, 'a', 0, 0 }, -1 },
		{ { 9, 9, PUBLISH_TEXT_MAX, 0, 1, 'a', 0, 0 }, 0 },
		{ { 9, 9, PUBLISH_TEXT_MAX + 1, 0, 1, 'a', 0, 0 }, -1 },
		{ { 9, 9, 128, PUBLISH_STRINGS_MAX, 1, 'a', 2, 0 }, 0 },
		{ { 9, 9, 130, PUBLISH_STRINGS_MAX + 1, 1, 'a', 2, 0 }, -1 },
		{ { 9, 9, 128, 63, 1, 'a', 2, 0 }, -1 }, /* 126 of 128 */
		{ { 9, 9, 128, 64, 1, 'a', 3, 0 }, -1 },
		{ { 9, 9, 9, 0, 0, 'a', 0, 0 }, -1 },
		{ { 9, 9, 9, 0, 2, 'a', 0, 0 }, -1 }, /* one is there */
		{ { 9, 9, 9, 0, 65535, 'a', 0, 0 }, -1 },
		{ { 9, 9, 9, 0, 1, 'a', 0, 1 }, -1 },
		{ { 0, 9, 9, 0, 1, '\0', 0, 0 }, -1 },
		{ { 0, 0, 9, 0, 1, '\0', 0, 0 }, -1 },
		{ { 0, 9, 0, 0, 1, '\0', 0, 0 }, -1 },
		{ { 9, 0, 0, 0, 1, '\0', 0, 0 }, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (get_raw(&rows[i].raw) != rows[i].got)
			fail_msg("row %zu: expected %d", i, rows[i].got);
}

/* n records of a request that is right in all else. */
static uint8_t *
put_many(uint16_t n, size_t text, size_t *len_r)
{
	size_t size = 64 + (size_t)n * (3 * 4 + 3 + text);
	uint8_t *data = malloc(size);
	struct wire w;

	wire_init(&w, data, size);
	wire_put_u8(&w, PUBLISH_MSG_VERSION);
	wire_put_u8(&w, PUB_REMOVE);
	wire_put_u32(&w, 0);
	wire_put_str(&w, "example.test");
	wire_put_u16(&w, n);
	for (uint16_t i = 0; i < n; i++) {
		wire_put_str(&w, "a.b");
		put_filled(&w, 'x', text);
		wire_put_bytes(&w, "", 0);
	}
	assert_true(wire_done(&w));
	*len_r = w.pos;
	return data;
}

static void
a_reader_takes_a_thousand_records_and_512_KiB_only(void **state)
{
	static const struct {
		uint16_t n;
		size_t text;
		int got;
	} rows[] = {
		{ PUBLISH_RECORDS_MAX, 1, 0 },
		{ PUBLISH_RECORDS_MAX + 1, 1, -1 },
		{ 254, PUBLISH_TEXT_MAX, 0 },
		{ 255, PUBLISH_TEXT_MAX, -1 }, /* over PUBLISH_REQ_MAX */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct publish_req out;
		size_t len;
		uint8_t *data = put_many(rows[i].n, rows[i].text, &len);

		assert_int_equal(get(data, len, &out), rows[i].got);
		if (rows[i].got == 0) {
			assert_int_equal(out.n, rows[i].n);
			free(out.records);
		}
		free(data);
	}
}

static void
owner_and_lengths_over_their_bounds_are_not_put(void **state)
{
	static char owner[PUBLISH_NAME_MAX + 1];
	static uint8_t lengths[PUBLISH_STRINGS_MAX + 1];
	struct publish_record one = { .owner = owner, .lengths = lengths };
	struct publish_req r = sample();
	size_t len;

	(void)state;
	r.n = 1;
	r.records = &one;
	memset(owner, 'o', PUBLISH_NAME_MAX - 1);
	one.n_lengths = PUBLISH_STRINGS_MAX;
	free(put(&r, &len));
	assert_int_equal(len, publish_req_size(&r));
	one.n_lengths++;
	free(put(&r, &len));
	assert_int_equal(len, 0);
	one.n_lengths = 0;
	owner[PUBLISH_NAME_MAX - 1] = 'o';
	free(put(&r, &len));
	assert_int_equal(len, 0);
}

static void
an_answer_that_no_publishd_gives_is_refused(void **state)
{
	static const struct {
		uint8_t version, status;
		size_t reason;
		int got;
	} rows[] = {
		{ PUBLISH_MSG_VERSION, PUB_REFUSED, PUBLISH_REASON_MAX - 1, 0 },
		{ PUBLISH_MSG_VERSION, PUB_REFUSED, PUBLISH_REASON_MAX, -1 },
		{ PUBLISH_MSG_VERSION, PUB_STATUS__COUNT, 0, -1 },
		{ PUBLISH_MSG_VERSION, 255, 0, -1 },
		{ PUBLISH_MSG_VERSION + 1, PUB_DONE, 0, -1 },
		{ PUBLISH_MSG_VERSION - 1, PUB_DONE, 0, -1 },
	};
	struct publish_answer out;
	uint8_t data[512];
	struct wire w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wire_init(&w, data, sizeof(data));
		wire_put_u8(&w, rows[i].version);
		wire_put_u8(&w, rows[i].status);
		put_filled(&w, 'r', rows[i].reason);
		wire_init_read(&w, data, w.pos);
		if (publish_answer_get(&w, &out) != rows[i].got)
			fail_msg("row %zu: expected %d", i, rows[i].got);
	}
	for (int i = 0; i < PUB_STATUS__COUNT; i++)
		assert_non_null(publish_status_names[i]);
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
		    a_reader_takes_each_field_up_to_its_bound_only),
		cmocka_unit_test(
		    a_reader_takes_a_thousand_records_and_512_KiB_only),
		cmocka_unit_test(
		    owner_and_lengths_over_their_bounds_are_not_put),
		cmocka_unit_test(an_answer_that_no_publishd_gives_is_refused),
		cmocka_unit_test(
		    an_answer_comes_out_as_it_went_in_and_is_refused_when_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
