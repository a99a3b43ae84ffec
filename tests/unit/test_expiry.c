/*
 * The index of names by time against a naive model of it, and what it costs.
 * Random with a fixed seed, so a failure comes again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/siphash.h"

#include "reaperd/expiry.h"

/* There when the program is built with AddressSanitizer. */
void __asan_init(void) __attribute__((weak));

static const uint8_t key[EXPIRY_KEY] = "0123456789abcde";

static uint64_t seed;

static uint32_t
roll(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static struct expiry_name
name_of(uint16_t domain, const char *label)
{
	struct expiry_name name = { .domain = domain };

	snprintf(name.label, sizeof(name.label), "%s", label);
	return name;
}

static void
assert_taken(struct expiry *x, int64_t now, int64_t again, const char *label)
{
	struct expiry_name name;

	assert_true(expiry_take(x, now, again, &name));
	assert_string_equal(name.label, label);
}

/* The vector of appendix A of the SipHash paper: 15 octets 00..0e. */
static void
siphash_is_siphash_2_4(void **state)
{
	uint8_t k[SIPHASH_KEY], in[15];

	(void)state;
	for (uint8_t i = 0; i < sizeof(k); i++)
		k[i] = i;
	for (uint8_t i = 0; i < sizeof(in); i++)
		in[i] = i;
	assert_true(siphash(k, in, sizeof(in)) == 0xa129ca6149be45e5);
}

static void
names_are_taken_in_the_order_of_their_times(void **state)
{
	struct expiry *x = expiry_new(key);
	struct expiry_name a = name_of(0, "a"), b = name_of(0, "b"),
			   c = name_of(0, "c"), got;

	(void)state;
	assert_int_equal(expiry_add(x, &b, 20), 0);
	assert_int_equal(expiry_add(x, &c, 30), 0);
	assert_int_equal(expiry_add(x, &a, 10), 0);
	assert_int_equal(expiry_next(x), 10);
	assert_false(expiry_take(x, 9, 100, &got));
	assert_taken(x, 25, 100, "a");
	assert_taken(x, 25, 100, "b");
	assert_false(expiry_take(x, 25, 100, &got));
	assert_int_equal(expiry_names(x), 3);
	expiry_free(x);
}

static void
a_taken_name_comes_again_until_its_records_are_removed(void **state)
{
	struct expiry *x = expiry_new(key);
	struct expiry_name a = name_of(0, "a"), got;

	(void)state;
	expiry_add(x, &a, 10);
	assert_taken(x, 10, 70, "a");
	assert_false(expiry_take(x, 69, 130, &got));
	assert_taken(x, 70, 130, "a");
	assert_true(expiry_remove(x, &a));
	assert_false(expiry_take(x, 1000, 2000, &got));
	assert_int_equal(expiry_next(x), INT64_MAX);
	assert_false(expiry_remove(x, &a));
	expiry_free(x);
}

static void
a_name_with_several_records_stays_until_the_last(void **state)
{
	struct expiry *x = expiry_new(key);
	struct expiry_name a = name_of(0, "a"), got;

	(void)state;
	expiry_add(x, &a, 50);
	expiry_add(x, &a, 40);
	expiry_add(x, &a, 60);
	assert_int_equal(expiry_names(x), 1);
	assert_int_equal(expiry_records(x), 3);
	assert_int_equal(expiry_next(x), 40);
	assert_true(expiry_remove(x, &a));
	assert_true(expiry_remove(x, &a));
	assert_int_equal(expiry_names(x), 1);
	expiry_move(x, &a, 60);
	assert_false(expiry_take(x, 59, 100, &got));
	assert_true(expiry_remove(x, &a));
	assert_int_equal(expiry_names(x), 0);
	assert_int_equal(expiry_records(x), 0);
	expiry_free(x);
}

static void
the_same_label_in_two_domains_is_two_names(void **state)
{
	struct expiry *x = expiry_new(key);
	struct expiry_name one = name_of(1, "a"), two = name_of(2, "a"), got;

	(void)state;
	expiry_add(x, &one, 10);
	expiry_add(x, &two, 20);
	assert_int_equal(expiry_names(x), 2);
	assert_true(expiry_remove(x, &one));
	assert_true(expiry_take(x, 20, 30, &got));
	assert_int_equal(got.domain, 2);
	expiry_free(x);
}

static void
times_before_1970_and_after_2106_are_kept_at_the_edge(void **state)
{
	struct expiry *x = expiry_new(key);
	struct expiry_name old = name_of(0, "old"), far = name_of(0, "far");
	struct expiry_name got;

	(void)state;
	expiry_add(x, &old, INT64_MIN);
	expiry_add(x, &far, INT64_MAX);
	assert_taken(x, 0, INT64_MAX, "old");
	assert_false(expiry_take(x, UINT32_MAX - 1, INT64_MAX, &got));
	assert_int_equal(expiry_next(x), UINT32_MAX);
	expiry_free(x);
}

/* ---- against a model ---- */

enum { NAMES = 700, STEPS = 200000 };

struct model {
	struct expiry_name name;
	unsigned records;
	int64_t due;
};

static void
make_names(struct model *m)
{
	memset(m, 0, NAMES * sizeof(*m));
	for (unsigned i = 0; i < NAMES; i++) {
		size_t len = 6 + roll(EXPIRY_LABEL_MAX - 5);

		m[i].name.domain = (uint16_t)roll(3);
		snprintf(m[i].name.label, sizeof(m[i].name.label), "%06u", i);
		memset(m[i].name.label + 6, 'a' + (int)roll(26), len - 6);
	}
}

static void
model_add(struct expiry *x, struct model *m, int64_t due)
{
	assert_int_equal(expiry_add(x, &m->name, due), 0);
	if (m->records++ == 0 || due < m->due)
		m->due = due;
}

static void
model_remove(struct expiry *x, struct model *m)
{
	assert_int_equal(expiry_remove(x, &m->name), m->records > 0);
	if (m->records > 0)
		m->records--;
}

static int64_t
model_first(const struct model *m)
{
	int64_t first = INT64_MAX;

	for (unsigned i = 0; i < NAMES; i++)
		if (m[i].records > 0 && m[i].due < first)
			first = m[i].due;
	return first;
}

/* Several names may have the first time: whichever comes is right. */
static void
model_take(struct expiry *x, struct model *m, int64_t again)
{
	int64_t first = model_first(m);
	struct expiry_name got;
	unsigned i;

	assert_true(expiry_next(x) == first);
	if (first == INT64_MAX) {
		assert_false(expiry_take(x, UINT32_MAX, again, &got));
		return;
	}
	assert_true(expiry_take(x, first, again, &got));
	i = (unsigned)strtoul(got.label, NULL, 10);
	assert_true(i < NAMES);
	assert_string_equal(got.label, m[i].name.label);
	assert_int_equal(got.domain, m[i].name.domain);
	assert_true(m[i].records > 0 && m[i].due == first);
	m[i].due = again;
}

static void
model_step(struct expiry *x, struct model *m)
{
	struct model *one = &m[roll(NAMES)];
	int64_t t = 1000 + roll(100000);

	switch (roll(8)) {
	case 0:
	case 1:
	case 2:
		model_add(x, one, t);
		break;
	case 3:
	case 4:
	case 5:
		model_remove(x, one);
		break;
	case 6:
		assert_true(expiry_due(x, &one->name) ==
		    (one->records > 0 ? one->due : -1));
		expiry_move(x, &one->name, t);
		one->due = t;
		break;
	default:
		model_take(x, m, t);
	}
}

static void
random_work_agrees_with_the_model(void **state)
{
	static struct model m[NAMES];
	struct expiry *x = expiry_new(key);
	size_t names = 0, records = 0;

	(void)state;
	seed = 20060113;
	make_names(m);
	for (unsigned i = 0; i < STEPS; i++)
		model_step(x, m);
	for (unsigned i = 0; i < NAMES; i++) {
		names += m[i].records > 0;
		records += m[i].records;
	}
	assert_int_equal(expiry_names(x), names);
	assert_int_equal(expiry_records(x), records);
	for (unsigned i = 0; i < NAMES; i++)
		while (m[i].records > 0)
			model_remove(x, &m[i]);
	assert_int_equal(expiry_names(x), 0);
	expiry_free(x);
}

/* ---- what it costs ---- */

enum { MANY = 1000000 };

static struct expiry_name
nth_name(uint32_t i)
{
	struct expiry_name name = { 0 };

	for (unsigned k = 0; k < 26; k++)
		name.label[k] = (char)('a' + roll(26));
	for (unsigned k = 0; k < 6; k++, i /= 26)
		name.label[k] = (char)('a' + i % 26);
	return name;
}

static long
resident(void)
{
	long size = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%ld %ld", &size, &pages), 2);
	fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

/* issue: at most 64 octets for each live record, everything included. */
static void
a_million_records_take_at_most_64_octets_each(void **state)
{
	struct expiry *x = expiry_new(key);
	struct expiry_name name;
	long before = resident(), grown;

	(void)state;
	seed = 1;
	for (uint32_t i = 0; i < MANY; i++) {
		name = nth_name(i);
		assert_int_equal(expiry_add(x, &name, roll(600000)), 0);
	}
	grown = resident() - before;
	print_message("# per record: accounted %.1f, resident %.1f octets\n",
	    (double)expiry_memory(x) / MANY, (double)grown / MANY);
	assert_int_equal(expiry_names(x), MANY);
	assert_true(expiry_memory(x) <= 64u * MANY);
	/* AddressSanitizer keeps shadow memory beside it: no measure. */
	if (__asan_init == NULL)
		assert_true(grown <= 64L * MANY);
	expiry_free(x);
}

static void
memory_of_removed_names_is_used_again(void **state)
{
	struct expiry *x = expiry_new(key);
	struct expiry_name name;
	size_t full;

	(void)state;
	for (int round = 0; round < 2; round++) {
		seed = 2;
		for (uint32_t i = 0; i < 50000; i++) {
			name = nth_name(i);
			expiry_add(x, &name, 10);
		}
		if (round == 0)
			full = expiry_memory(x);
		seed = 2;
		for (uint32_t i = 0; i < 50000; i++) {
			name = nth_name(i);
			assert_true(expiry_remove(x, &name));
		}
		assert_int_equal(expiry_names(x), 0);
	}
	assert_int_equal(expiry_memory(x), full);
	expiry_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siphash_is_siphash_2_4),
		cmocka_unit_test(names_are_taken_in_the_order_of_their_times),
		cmocka_unit_test(
		    a_taken_name_comes_again_until_its_records_are_removed),
		cmocka_unit_test(
		    a_name_with_several_records_stays_until_the_last),
		cmocka_unit_test(the_same_label_in_two_domains_is_two_names),
		cmocka_unit_test(
		    times_before_1970_and_after_2106_are_kept_at_the_edge),
		cmocka_unit_test(random_work_agrees_with_the_model),
		cmocka_unit_test(a_million_records_take_at_most_64_octets_each),
		cmocka_unit_test(memory_of_removed_names_is_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
