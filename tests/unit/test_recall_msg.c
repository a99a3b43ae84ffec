/* Requests of dnsmail-recall and the answers: there and back, cut, too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/recall_msg.h"

static struct recall_req req, req_out;
static struct recall_answer answer, answer_out;

static int
fill(void **state)
{
	(void)state;
	req = (struct recall_req){ .op = RECALL_WITHDRAW,
		.job = 0x0123456789abcdef,
		.since = -5,
		.until = INT64_MAX };
	for (size_t key = 0; key < RECALL_KEY__COUNT; key++) {
		req.keys[key].n = key;
		for (size_t i = 0; i < key; i++)
			snprintf(req.keys[key].v[i], RECALL_VALUE_MAX,
			    "value%zu.%zu", key, i);
	}
	answer = (struct recall_answer){ .state = RECALL_FAILED,
		.reason = "a reason",
		.seen = 1000000,
		.matched = 2,
		.withdrawn = UINT64_MAX,
		.n_samples = 1,
		.samples = { { "id", "from", "to", 1795687200 } } };
	return 0;
}

/* malloc'd to the octet, so that ASan sees a step behind it. */
static uint8_t *
put_req(size_t size, size_t *len_r)
{
	uint8_t *data = malloc(size);
	struct wire w;

	wire_init(&w, data, size);
	recall_req_put(&w, &req);
	*len_r = wire_done(&w) ? w.pos : 0;
	return data;
}

static uint8_t *
put_answer(size_t size, size_t *len_r)
{
	uint8_t *data = malloc(size);
	struct wire w;

	wire_init(&w, data, size);
	recall_answer_put(&w, &answer);
	*len_r = wire_done(&w) ? w.pos : 0;
	return data;
}

static int
get_req(const uint8_t *data, size_t len)
{
	struct wire w;

	wire_init_read(&w, data, len);
	return recall_req_get(&w, &req_out);
}

static int
get_answer(const uint8_t *data, size_t len)
{
	struct wire w;

	wire_init_read(&w, data, len);
	return recall_answer_get(&w, &answer_out);
}

static void
a_request_comes_out_as_it_went_in(void **state)
{
	size_t len;
	uint8_t *data = put_req(RECALL_REQ_MAX, &len);

	(void)state;
	assert_int_equal(get_req(data, len), 0);
	assert_int_equal(req_out.op, RECALL_WITHDRAW);
	assert_true(req_out.job == req.job);
	assert_true(req_out.since == -5 && req_out.until == INT64_MAX);
	for (size_t key = 0; key < RECALL_KEY__COUNT; key++) {
		assert_int_equal(req_out.keys[key].n, key);
		for (size_t i = 0; i < key; i++)
			assert_string_equal(
			    req_out.keys[key].v[i], req.keys[key].v[i]);
	}
	free(data);
}

static void
an_answer_comes_out_as_it_went_in(void **state)
{
	size_t len;
	uint8_t *data = put_answer(RECALL_ANSWER_MAX, &len);

	(void)state;
	assert_int_equal(get_answer(data, len), 0);
	assert_int_equal(answer_out.state, RECALL_FAILED);
	assert_string_equal(answer_out.reason, "a reason");
	assert_true(answer_out.seen == 1000000 && answer_out.matched == 2 &&
	    answer_out.withdrawn == UINT64_MAX);
	assert_int_equal(answer_out.n_samples, 1);
	assert_string_equal(answer_out.samples[0].id, "id");
	assert_string_equal(answer_out.samples[0].from, "from");
	assert_string_equal(answer_out.samples[0].to, "to");
	assert_true(answer_out.samples[0].date == 1795687200);
	free(data);
}

static void
cut_anywhere(uint8_t *(*put)(size_t, size_t *), size_t max,
    int (*get)(const uint8_t *, size_t))
{
	size_t len;
	uint8_t *data = put(max, &len), *cut;

	assert_true(len > 0);
	for (size_t n = 0; n < len; n++) {
		cut = malloc(n + 1);
		memcpy(cut, data, n);
		assert_int_equal(get(cut, n), -1);
		free(cut);
	}
	cut = calloc(1, len + 1);
	memcpy(cut, data, len);
	assert_int_equal(get(cut, len + 1), -1);
	free(cut);
	free(data);
}

static void
what_is_cut_anywhere_or_too_long_is_refused(void **state)
{
	(void)state;
	cut_anywhere(put_req, RECALL_REQ_MAX, get_req);
	cut_anywhere(put_answer, RECALL_ANSWER_MAX, get_answer);
}

/* Whatever an octet becomes: refused or taken within its bounds. */
static void
every_octet_may_be_wrong(void **state)
{
	size_t len;
	uint8_t *data = put_req(RECALL_REQ_MAX, &len);

	(void)state;
	for (size_t i = 0; i < len; i++)
		for (unsigned v = 0; v < 256; v++) {
			uint8_t was = data[i];

			data[i] = (uint8_t)v;
			get_req(data, len);
			for (size_t key = 0; key < RECALL_KEY__COUNT; key++)
				assert_true(
				    req_out.keys[key].n <= RECALL_VALUES_MAX);
			data[i] = was;
		}
	free(data);
}

static void
another_version_is_refused(void **state)
{
	size_t len;
	uint8_t *data = put_req(RECALL_REQ_MAX, &len);

	(void)state;
	data[0]++;
	assert_int_equal(get_req(data, len), -1);
	free(data);
	data = put_answer(RECALL_ANSWER_MAX, &len);
	data[0]++;
	assert_int_equal(get_answer(data, len), -1);
	free(data);
}

static void
an_operation_or_a_state_that_is_none_is_refused(void **state)
{
	size_t len;
	uint8_t *data = put_req(RECALL_REQ_MAX, &len);

	(void)state;
	data[1] = RECALL_OP__COUNT;
	assert_int_equal(get_req(data, len), -1);
	free(data);
	data = put_answer(RECALL_ANSWER_MAX, &len);
	data[1] = RECALL_STATE__COUNT;
	assert_int_equal(get_answer(data, len), -1);
	free(data);
}

static void
as_many_as_may_be_fit_and_one_more_does_not(void **state)
{
	size_t len;
	uint8_t *data;

	(void)state;
	for (size_t key = 0; key < RECALL_KEY__COUNT; key++) {
		req.keys[key].n = RECALL_VALUES_MAX;
		for (size_t i = 0; i < RECALL_VALUES_MAX; i++)
			memset(req.keys[key].v[i], 'x', RECALL_VALUE_MAX - 1);
	}
	data = put_req(RECALL_REQ_MAX, &len);
	assert_int_equal(get_req(data, len), 0);
	free(data);
	req.keys[RECALL_TO].n++;
	data = put_req(RECALL_REQ_MAX, &len);
	assert_int_equal(len, 0);
	free(data);
}

static void
an_answer_holds_as_many_samples_as_may_be(void **state)
{
	size_t len;
	uint8_t *data;

	(void)state;
	answer.n_samples = RECALL_SAMPLES_MAX;
	for (size_t i = 0; i < RECALL_SAMPLES_MAX; i++) {
		memset(answer.samples[i].id, 'x', 253);
		memset(answer.samples[i].from, 'x', RECALL_VALUE_MAX - 1);
		memset(answer.samples[i].to, 'x', RECALL_VALUE_MAX - 1);
	}
	memset(answer.reason, 'x', RECALL_REASON_MAX - 1);
	data = put_answer(RECALL_ANSWER_MAX, &len);
	assert_int_equal(get_answer(data, len), 0);
	free(data);
	answer.n_samples++;
	data = put_answer(RECALL_ANSWER_MAX, &len);
	assert_int_equal(len, 0);
	free(data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_request_comes_out_as_it_went_in, fill),
		cmocka_unit_test_setup(an_answer_comes_out_as_it_went_in, fill),
		cmocka_unit_test_setup(
		    what_is_cut_anywhere_or_too_long_is_refused, fill),
		cmocka_unit_test_setup(every_octet_may_be_wrong, fill),
		cmocka_unit_test_setup(another_version_is_refused, fill),
		cmocka_unit_test_setup(
		    an_operation_or_a_state_that_is_none_is_refused, fill),
		cmocka_unit_test_setup(
		    as_many_as_may_be_fit_and_one_more_does_not, fill),
		cmocka_unit_test_setup(
		    an_answer_holds_as_many_samples_as_may_be, fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
