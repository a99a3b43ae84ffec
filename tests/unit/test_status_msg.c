/* A status message there and back, cut short, and from a newer daemon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "common/status_msg.h"

enum { DONE, PENDING, WAIT, ROWS };

static const struct metric_row rows[] = {
	[DONE] = { "done", METRIC_COUNTER, "Requests answered" },
	[PENDING] = { "pending", METRIC_GAUGE, "Requests held" },
	[WAIT] = { "wait", METRIC_LATENCY, "Time to the answer" },
};
static uint8_t data[STATUS_MSG_MAX];

static size_t
sample(void)
{
	static int64_t values[ROWS] = { INT64_MAX, -5, 0 };
	static struct metric_latency latencies[ROWS];
	struct status_msg s = {
		.daemon = "publishd",
		.version = "1.2.3",
		.pid = 4000000000,
		.now = 1700000100,
		.started = 1700000000,
		.last_error = "no \"answer\"",
		.last_error_at = 1700000050,
		.metrics = { rows, ROWS, values, latencies },
	};
	struct wire w;

	latencies[WAIT] = (struct metric_latency){ .count = 7, .sum = 1.5 };
	latencies[WAIT].buckets[0] = 3;
	latencies[WAIT].buckets[METRIC_BUCKETS - 1] = 4;
	wire_init(&w, data, sizeof(data));
	status_msg_put(&w, &s);
	assert_true(wire_done(&w));
	return w.pos;
}

static int
get(struct status_msg *s, const uint8_t *bytes, size_t n)
{
	struct wire w;

	wire_init_read(&w, bytes, n);
	return status_msg_get(&w, s);
}

static void
what_is_put_is_got(void **state)
{
	struct status_msg s;

	(void)state;
	assert_int_equal(get(&s, data, sample()), 0);
	assert_string_equal(s.daemon, "publishd");
	assert_string_equal(s.version, "1.2.3");
	assert_int_equal(s.pid, 4000000000);
	assert_int_equal(s.now, 1700000100);
	assert_int_equal(s.started, 1700000000);
	assert_string_equal(s.last_error, "no \"answer\"");
	assert_int_equal(s.last_error_at, 1700000050);
	assert_int_equal(s.metrics.n, ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		assert_string_equal(s.metrics.rows[i].name, rows[i].name);
		assert_string_equal(s.metrics.rows[i].help, rows[i].help);
		assert_int_equal(s.metrics.rows[i].kind, rows[i].kind);
	}
	assert_true(s.metrics.values[DONE] == INT64_MAX);
	assert_int_equal(s.metrics.values[PENDING], -5);
	assert_int_equal(s.metrics.latencies[WAIT].count, 7);
	assert_true(fabs(s.metrics.latencies[WAIT].sum - 1.5) < 1e-6);
	for (size_t i = 0; i < METRIC_BUCKETS; i++)
		assert_int_equal(s.metrics.latencies[WAIT].buckets[i],
		    i == 0                        ? 3
			: i == METRIC_BUCKETS - 1 ? 4
						  : 0);
	status_msg_free(&s);
}

/* In a piece of memory of that size, so that a checker sees a step beyond. */
static void
every_prefix_is_refused(void **state)
{
	size_t n = sample();
	struct status_msg s;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		uint8_t *cut = malloc(i + 1);

		memcpy(cut, data, i);
		if (get(&s, cut, i) != -1)
			fail_msg("%zu of %zu octets were taken", i, n);
		free(cut);
	}
}

static void
what_follows_is_refused(void **state)
{
	struct status_msg s;
	size_t n = sample();

	(void)state;
	data[n] = 0;
	assert_int_equal(get(&s, data, n + 1), -1);
}

static void
another_version_is_refused(void **state)
{
	struct status_msg s;
	size_t n = sample();

	(void)state;
	data[0] = STATUS_MSG_VERSION + 1;
	assert_int_equal(get(&s, data, n), -1);
}

/* The head of a message, then `count` for the number of metrics. */
static void
put_head(struct wire *w, uint16_t count)
{
	wire_init(w, data, sizeof(data));
	wire_put_u8(w, STATUS_MSG_VERSION);
	wire_put_str(w, "signerd");
	wire_put_str(w, "9");
	wire_put_u32(w, 1);
	wire_put_u64(w, 2);
	wire_put_u64(w, 1);
	wire_put_str(w, "");
	wire_put_u64(w, 0);
	wire_put_u16(w, count);
}

static void
put_metric(struct wire *w, uint8_t kind, const char *name, size_t body)
{
	static const uint8_t zeros[64];

	wire_put_u8(w, kind);
	wire_put_str(w, name);
	wire_put_str(w, "help");
	wire_put_bytes(w, zeros, body);
}

static void
a_kind_that_is_not_known_is_stepped_over(void **state)
{
	struct status_msg s;
	struct wire w;

	(void)state;
	put_head(&w, 3);
	put_metric(&w, METRIC_COUNTER, "one", 8);
	put_metric(&w, 200, "of_tomorrow", 33);
	put_metric(&w, METRIC_GAUGE, "two", 8);
	assert_int_equal(get(&s, data, w.pos), 0);
	assert_int_equal(s.metrics.n, 2);
	assert_string_equal(s.metrics.rows[0].name, "one");
	assert_string_equal(s.metrics.rows[1].name, "two");
	status_msg_free(&s);
}

static void
a_body_of_the_wrong_size_is_refused(void **state)
{
	static const size_t wrong[] = { 0, 7, 9, 16 };
	struct status_msg s;
	struct wire w;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		put_head(&w, 1);
		put_metric(&w, METRIC_COUNTER, "one", wrong[i]);
		assert_int_equal(get(&s, data, w.pos), -1);
	}
}

static void
a_bucket_that_does_not_exist_is_refused(void **state)
{
	uint8_t body[8 + 8 + 1 + 9] = { 0 };
	struct status_msg s;
	struct wire w;

	(void)state;
	body[16] = 1;
	for (unsigned bucket = 0; bucket < 256; bucket++) {
		body[17] = (uint8_t)bucket;
		put_head(&w, 1);
		wire_put_u8(&w, METRIC_LATENCY);
		wire_put_str(&w, "wait");
		wire_put_str(&w, "help");
		wire_put_bytes(&w, body, sizeof(body));
		assert_int_equal(
		    get(&s, data, w.pos), bucket < METRIC_BUCKETS ? 0 : -1);
		if (bucket < METRIC_BUCKETS)
			status_msg_free(&s);
	}
}

static void
the_most_metrics_fit_and_one_more_is_refused(void **state)
{
	struct status_msg s;
	struct wire w;

	(void)state;
	for (uint16_t n = STATUS_METRICS_MAX; n <= STATUS_METRICS_MAX + 1;
	     n++) {
		put_head(&w, n);
		for (uint16_t i = 0; i < n; i++)
			put_metric(&w, METRIC_COUNTER, "one", 8);
		assert_int_equal(
		    get(&s, data, w.pos), n == STATUS_METRICS_MAX ? 0 : -1);
		if (n == STATUS_METRICS_MAX)
			status_msg_free(&s);
	}
}

/* Each text one octet below its room, then of its room, where no NUL fits. */
static void
texts_over_their_room_are_refused(void **state)
{
	enum { DAEMON, VERSION, ERROR, NAME, HELP, TEXTS };
	static const size_t room[TEXTS] = { 32, 32, 512, 64, 256 };
	static const uint8_t zeros[8];
	char text[TEXTS][600];
	struct status_msg s;
	struct wire w;

	(void)state;
	for (int over = -1; over < TEXTS; over++) {
		for (int i = 0; i < TEXTS; i++) {
			memset(text[i], 'x', sizeof(text[i]));
			text[i][room[i] - (over != i)] = '\0';
		}
		wire_init(&w, data, sizeof(data));
		wire_put_u8(&w, STATUS_MSG_VERSION);
		wire_put_str(&w, text[DAEMON]);
		wire_put_str(&w, text[VERSION]);
		wire_put_u32(&w, 1);
		wire_put_u64(&w, 2);
		wire_put_u64(&w, 1);
		wire_put_str(&w, text[ERROR]);
		wire_put_u64(&w, 0);
		wire_put_u16(&w, 1);
		wire_put_u8(&w, METRIC_COUNTER);
		wire_put_str(&w, text[NAME]);
		wire_put_str(&w, text[HELP]);
		wire_put_bytes(&w, zeros, 8);
		assert_false(w.bad);
		if (get(&s, data, w.pos) != (over == -1 ? 0 : -1))
			fail_msg("text %d over its room", over);
		if (over == -1)
			status_msg_free(&s);
	}
}

/* Whatever an octet becomes: refused or taken, and never read beyond. */
static void
every_octet_may_be_wrong(void **state)
{
	size_t n = sample();
	uint8_t *copy = malloc(n);
	struct status_msg s;

	(void)state;
	memcpy(copy, data, n);
	for (size_t i = 0; i < n; i++) {
		for (unsigned v = 0; v < 256; v++) {
			copy[i] = (uint8_t)v;
			if (get(&s, copy, n) == 0)
				status_msg_free(&s);
		}
		copy[i] = data[i];
	}
	assert_int_equal(get(&s, copy, n), 0);
	status_msg_free(&s);
	free(copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_got),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(what_follows_is_refused),
		cmocka_unit_test(another_version_is_refused),
		cmocka_unit_test(a_kind_that_is_not_known_is_stepped_over),
		cmocka_unit_test(a_body_of_the_wrong_size_is_refused),
		cmocka_unit_test(a_bucket_that_does_not_exist_is_refused),
		cmocka_unit_test(texts_over_their_room_are_refused),
		cmocka_unit_test(every_octet_may_be_wrong),
		cmocka_unit_test(the_most_metrics_fit_and_one_more_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
