/* Batches of records to remove, their rate, and pauses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/publish_msg.h"
#include "reaperd/pause.h"
#include "reaperd/rate.h"
#include "reaperd/removal.h"

static const uint8_t hash_key[EXPIRY_KEY];
static struct zone *zone;
static struct removal *removal;

static int
begin(void **state)
{
	struct net_address primary = { 0 };

	(void)state;
	zone =
	    zone_new("test", &(struct net_addresses){ &primary, 1 }, hash_key);
	assert_non_null(zone);
	assert_int_equal(zone_add_domain(zone, "other.test", 1), 0);
	assert_int_equal(zone_add_domain(zone, "e.test", 1), 0);
	removal = removal_new(zone, 1);
	assert_non_null(removal);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	removal_free(removal);
	zone_free(zone);
	return 0;
}

static void
add(unsigned i, size_t len)
{
	struct expiry_name name = { .domain = 1 };
	struct zone_text text = { .len = len };

	snprintf(name.label, sizeof(name.label), "id%u", i);
	memset(text.text, 'x', len);
	if (i == 1 && len <= UINT8_MAX) {
		text.n_lengths = 2;
		text.lengths[0] = 1;
		text.lengths[1] = (uint8_t)(len - 1);
	}
	assert_int_equal(removal_add(removal, &name, &text), 0);
}

/* As publishd reads it. */
static struct publish_req
request_of(const struct removal *r)
{
	struct publish_req req;
	size_t len;
	uint8_t *data = removal_request(r, &len);
	struct wire w;

	assert_non_null(data);
	assert_true(len <= PUBLISH_REQ_MAX);
	wire_init_read(&w, data, len);
	assert_int_equal(publish_req_get(&w, &req), 0);
	free(data);
	return req;
}

static void
a_request_has_exact_pairs_of_name_and_text(void **state)
{
	struct publish_req req;

	(void)state;
	add(0, 5);
	add(1, 7);
	req = request_of(removal);
	assert_int_equal(req.op, PUB_REMOVE);
	assert_string_equal(req.domain, "e.test");
	assert_int_equal(req.n, 2);
	assert_string_equal(req.records[0].owner, "id0.e.test");
	assert_string_equal(req.records[0].text, "xxxxx");
	assert_int_equal(req.records[0].n_lengths, 0);
	assert_string_equal(req.records[1].owner, "id1.e.test");
	assert_int_equal(req.records[1].n_lengths, 2);
	assert_int_equal(req.records[1].lengths[1], 6);
	free(req.records);
}

static void
a_full_batch_of_the_longest_texts_fits_a_request(void **state)
{
	struct publish_req req;
	unsigned n = 0;

	(void)state;
	while (!removal_full(removal, PUBLISH_TEXT_MAX))
		add(n++, PUBLISH_TEXT_MAX);
	assert_true(n > 100);
	req = request_of(removal);
	assert_int_equal(req.n, n);
	free(req.records);
}

static void
a_batch_is_full_at_its_number_of_records(void **state)
{
	unsigned n = 0;

	(void)state;
	while (!removal_full(removal, 10))
		add(n++, 10);
	assert_int_equal(n, REMOVAL_MAX);
}

static void
halves_have_each_record_once(void **state)
{
	struct removal *half;
	struct publish_req a, b;

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		add(i, 5);
	half = removal_halve(removal);
	assert_non_null(half);
	a = request_of(removal);
	b = request_of(half);
	assert_int_equal(a.n, 3);
	assert_int_equal(b.n, 2);
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 2; k++)
			assert_string_not_equal(
			    a.records[i].owner, b.records[k].owner);
	free(a.records);
	free(b.records);
	removal_free(half);
}

/* ---- the rate ---- */

static void
rate_is_kept_over_any_time(void **state)
{
	struct rate r;
	size_t done = 0;

	(void)state;
	rate_set(&r, 50, 100);
	for (int ms = 0; ms <= 10000; ms += 7) {
		size_t n = rate_ready(&r, 100 + ms / 1000.0);

		done += n;
		rate_spend(&r, n);
		assert_true(done <= 50 * ms / 1000.0 + 50 * RATE_BURST + 1);
	}
	assert_true(done >= 495);
}

static void
a_long_rest_gives_no_more_than_a_burst(void **state)
{
	struct rate r;

	(void)state;
	rate_set(&r, 1000, 0);
	assert_int_equal(rate_ready(&r, 3600), (size_t)(1000 * RATE_BURST));
}

static void
what_was_spent_too_much_is_owed(void **state)
{
	struct rate r;

	(void)state;
	rate_set(&r, 100, 0);
	rate_spend(&r, 200);
	assert_int_equal(rate_ready(&r, 1.9), 0);
	assert_int_equal(rate_ready(&r, 2.045), 4);
}

static void
a_clock_set_back_gives_nothing_and_costs_nothing(void **state)
{
	struct rate r;

	(void)state;
	rate_set(&r, 100, 1000);
	assert_int_equal(rate_ready(&r, 10), 0);
	assert_int_equal(rate_ready(&r, 10.035), 3);
}

static void
less_than_one_a_burst_is_still_possible(void **state)
{
	struct rate r;

	(void)state;
	rate_set(&r, 1, 0);
	assert_int_equal(rate_ready(&r, 0.9), 0);
	assert_int_equal(rate_ready(&r, 1.1), 1);
}

/* ---- pauses ---- */

static void
a_pause_doubles_until_something_goes_well(void **state)
{
	struct pause p = { 0 };

	(void)state;
	assert_true(pause_left(&p, 100) <= 0);
	pause_begin(&p, 100);
	assert_true(pause_left(&p, 100) == PAUSE_MIN);
	pause_begin(&p, 100.1);
	assert_true(pause_left(&p, 100) == PAUSE_MIN);
	pause_begin(&p, 101);
	assert_true(pause_left(&p, 101) == 2 * PAUSE_MIN);
	for (int i = 0; i < 20; i++)
		pause_begin(&p, 200 + i * 2 * PAUSE_MAX);
	assert_true(pause_left(&p, 200 + 19 * 2 * PAUSE_MAX) == PAUSE_MAX);
	pause_forget(&p);
	pause_begin(&p, 5000);
	assert_true(pause_left(&p, 5000) == PAUSE_MIN);
	pause_for(&p, 3, 5000);
	assert_true(pause_left(&p, 5000) == 3);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(a_request_has_exact_pairs_of_name_and_text),
		TEST(a_full_batch_of_the_longest_texts_fits_a_request),
		TEST(a_batch_is_full_at_its_number_of_records),
		TEST(halves_have_each_record_once),
		cmocka_unit_test(rate_is_kept_over_any_time),
		cmocka_unit_test(a_long_rest_gives_no_more_than_a_burst),
		cmocka_unit_test(what_was_spent_too_much_is_owed),
		cmocka_unit_test(
		    a_clock_set_back_gives_nothing_and_costs_nothing),
		cmocka_unit_test(less_than_one_a_burst_is_still_possible),
		cmocka_unit_test(a_pause_doubles_until_something_goes_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
