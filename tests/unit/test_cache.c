/* What is kept, for how long, and what makes room for what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verifyd/cache.h"

static const uint8_t key[SIPHASH_KEY] = "0123456789abcde";

static struct cache *
make(size_t most)
{
	struct cache *cache = cache_new(most, key);

	assert_non_null(cache);
	return cache;
}

static void
put(struct cache *cache, const char *name, const char *text, double expires)
{
	assert_int_equal(
	    cache_put(cache, name, text, strlen(text) + 1, expires), 0);
}

static void
assert_has(struct cache *cache, const char *name, double now, const char *text)
{
	size_t n;
	const char *kept = cache_get(cache, name, now, &n);

	assert_non_null(kept);
	assert_string_equal(kept, text);
	assert_int_equal(n, strlen(text) + 1);
}

static void
assert_has_not(struct cache *cache, const char *name, double now)
{
	size_t n;

	assert_null(cache_get(cache, name, now, &n));
}

static void
what_was_put_is_there_until_its_time_is_over(void **state)
{
	struct cache *cache = make(10);

	(void)state;
	put(cache, "a.org", "A", 100);
	put(cache, "b.org", "B", 200);
	assert_has(cache, "a.org", 99.9, "A");
	assert_has_not(cache, "a.org", 100);
	assert_has(cache, "b.org", 100, "B");
	assert_has_not(cache, "c.org", 0);
	assert_int_equal(cache_entries(cache), 1);
	cache_free(cache);
}

static void
a_new_value_replaces_the_old_one(void **state)
{
	struct cache *cache = make(1);

	(void)state;
	put(cache, "a.org", "A", 100);
	put(cache, "a.org", "a longer one", 50);
	assert_has(cache, "a.org", 0, "a longer one");
	assert_has_not(cache, "a.org", 60);
	assert_int_equal(cache_entries(cache), 0);
	cache_free(cache);
}

static void
the_one_not_used_for_longest_makes_room(void **state)
{
	struct cache *cache = make(3);

	(void)state;
	put(cache, "a.org", "A", 100);
	put(cache, "b.org", "B", 100);
	put(cache, "c.org", "C", 100);
	assert_has(cache, "a.org", 0, "A");
	put(cache, "d.org", "D", 100);
	assert_has_not(cache, "b.org", 0);
	assert_has(cache, "a.org", 0, "A");
	assert_has(cache, "c.org", 0, "C");
	assert_has(cache, "d.org", 0, "D");
	cache_free(cache);
}

static void
a_flood_of_names_never_passes_the_bound(void **state)
{
	struct cache *cache = make(100);
	char name[32];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "d%d.org", i);
		put(cache, name, name, 100);
		assert_true(cache_entries(cache) <= 100);
		if (i % 50 == 0)
			put(cache, "used.org", "used", 100);
	}
	assert_int_equal(cache_entries(cache), 100);
	for (int i = 9990; i < 10000; i++) {
		snprintf(name, sizeof(name), "d%d.org", i);
		assert_has(cache, name, 0, name);
	}
	assert_has(cache, "used.org", 0, "used");
	cache_free(cache);
}

/* Against an array that is searched; a fixed seed, so a failure comes again. */
static void
random_use_agrees_with_a_simple_model(void **state)
{
	enum { NAMES = 40, MOST = 64 };
	double expires[NAMES] = { 0 };
	int value[NAMES] = { 0 };
	struct cache *cache = make(MOST);
	uint64_t seed = 7;

	(void)state;
	for (int now = 0; now < 20000; now++) {
		int i, kept;
		char name[16];
		size_t n;
		const void *p;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		i = (int)(seed >> 33) % NAMES;
		snprintf(name, sizeof(name), "n%d", i);
		if ((seed >> 20) % 3 == 0) {
			value[i] = now;
			expires[i] = now + (double)((seed >> 40) % 200);
			assert_int_equal(cache_put(cache, name, &now,
					     sizeof(now), expires[i]),
			    0);
			continue;
		}
		p = cache_get(cache, name, now, &n);
		assert_int_equal(p != NULL, now < expires[i]);
		if (p == NULL)
			continue;
		memcpy(&kept, p, sizeof(kept));
		assert_int_equal(kept, value[i]);
	}
	cache_free(cache);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_there_until_its_time_is_over),
		cmocka_unit_test(a_new_value_replaces_the_old_one),
		cmocka_unit_test(the_one_not_used_for_longest_makes_room),
		cmocka_unit_test(a_flood_of_names_never_passes_the_bound),
		cmocka_unit_test(random_use_agrees_with_a_simple_model),
	};

	return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
