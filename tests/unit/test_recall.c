/* Which records are withdrawn: the predicate, its words, its moments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/recall_when.h"
#include "common/log.h"
#include "reaperd/recall.h"
#include "reaperd/recall_words.h"

#define LABEL "ktq3puetnrhyuls3c7epbhlduq"
#define OTHER "xv5byuxi6zeq3a5vfz7rnsna3a"
/* protocol.md 4.2: claire@nonprofit.org at LABEL. */
#define BLIND "#vDGE1R0lg9dPh3plI-AhKmLHonzoydvGhh8HydUbRjk"
#define DATE  1795493440 /* Tue, 24 Nov 2026 04:10:40 +0000 */

static struct zones zones = STAILQ_HEAD_INITIALIZER(zones);
static struct zone *zone;
static struct recall_req req;
static char why[RECALL_REASON_MAX];

static int
begin(void **state)
{
	static const uint8_t hash_key[EXPIRY_KEY];
	struct net_address primary = { 0 };

	(void)state;
	STAILQ_INIT(&zones);
	zone =
	    zone_new("com", &(struct net_addresses){ &primary, 1 }, hash_key);
	assert_non_null(zone);
	assert_int_equal(zone_add_domain(zone, "domain.com", 1), 0);
	assert_int_equal(zone_add_domain(zone, "other.com", 1), 0);
	STAILQ_INSERT_TAIL(&zones, zone, link);
	req = (struct recall_req){ .since = INT64_MIN, .until = INT64_MAX };
	return 0;
}

static int
end(void **state)
{
	(void)state;
	zones_free(&zones);
	return 0;
}

static void
want(enum recall_key key, const char *text)
{
	struct recall_values *values = &req.keys[key];

	snprintf(values->v[values->n++], RECALL_VALUE_MAX, "%s", text);
}

/* Of the record of `to`, at that label in zone->domains[domain]. */
static bool
matches(const char *label, uint16_t domain, const char *to)
{
	struct recall *r = recall_new(&req, why);
	struct expiry_name name = { .domain = domain };
	struct zone_text text = { .date = DATE };
	bool result;

	assert_non_null(r);
	snprintf(name.label, sizeof(name.label), "%s", label);
	text.len = (size_t)snprintf(text.text, sizeof(text.text),
	    "To:%s*From:martha@domain.com*date=Tue, 24 Nov 2026 04:10:40 +0000",
	    to);
	result = recall_matches(r, zone, &name, &text);
	recall_free(r);
	return result;
}

static bool
matches_claire(void)
{
	return matches(LABEL, 0, "claire@nonprofit.org");
}

static void
an_author_matches_as_addresses_are_equal(void **state)
{
	(void)state;
	want(RECALL_FROM, "MARTHA@Domain.COM");
	assert_true(matches_claire());
	req.keys[RECALL_FROM].n = 0;
	want(RECALL_FROM, "martha+x@domain.com");
	assert_false(matches_claire());
	req.keys[RECALL_FROM].n = 0;
	want(RECALL_FROM, "claire@nonprofit.org"); /* that is the recipient */
	assert_false(matches_claire());
}

static void
a_recipient_matches_as_addresses_are_equal(void **state)
{
	(void)state;
	want(RECALL_TO, "Claire@Nonprofit.ORG");
	assert_true(matches_claire());
	assert_false(matches(LABEL, 0, "clair@nonprofit.org"));
	assert_false(matches(LABEL, 0, "claire@nonprofit.org.example"));
}

static void
a_blinded_recipient_matches_at_its_own_id_only(void **state)
{
	(void)state;
	want(RECALL_TO, "Claire@Nonprofit.ORG");
	assert_true(matches(LABEL, 0, BLIND));
	assert_false(matches(OTHER, 0, BLIND));
	req.keys[RECALL_TO].n = 0;
	want(RECALL_TO, "carl@nonprofit.org");
	assert_false(matches(LABEL, 0, BLIND));
}

static void
an_id_matches_with_its_domain_in_any_case(void **state)
{
	(void)state;
	want(RECALL_ID, "KTQ3puetnrhyuls3c7epbhlduq.Domain.com");
	assert_true(matches_claire());
	assert_false(matches(OTHER, 0, "claire@nonprofit.org"));
	assert_false(matches(LABEL, 1, "claire@nonprofit.org"));
}

static void
a_domain_is_that_of_the_id(void **state)
{
	(void)state;
	want(RECALL_DOMAIN, "other.com");
	assert_false(matches_claire());
	assert_true(matches(LABEL, 1, "claire@nonprofit.org"));
}

static void
both_ends_of_the_time_are_in_it(void **state)
{
	(void)state;
	req.since = req.until = DATE;
	assert_true(matches_claire());
	req.since = DATE + 1;
	req.until = INT64_MAX;
	assert_false(matches_claire());
	req.since = INT64_MIN;
	req.until = DATE - 1;
	assert_false(matches_claire());
}

static void
one_value_of_each_key_must_hold(void **state)
{
	(void)state;
	want(RECALL_FROM, "boss@domain.com");
	want(RECALL_FROM, "martha@domain.com");
	assert_true(matches_claire());
	want(RECALL_TO, "carl@x.test");
	assert_false(matches_claire());
	want(RECALL_TO, "claire@nonprofit.org");
	assert_true(matches_claire());
	want(RECALL_DOMAIN, "other.com");
	assert_false(matches_claire());
}

static void
refused(const char *words)
{
	why[0] = '\0';
	assert_null(recall_new(&req, why));
	assert_non_null(strstr(why, words));
}

static void
what_makes_no_sense_is_refused_in_words(void **state)
{
	static const struct {
		enum recall_key key;
		const char *text, *words;
	} rows[] = {
		{ RECALL_ID, "no dot", "is no ID name" },
		{ RECALL_FROM, "martha", "is no address" },
		{ RECALL_TO, "\"a b\"@domain.com", "is no address" },
		{ RECALL_DOMAIN, "a..b", "is no domain name" },
	};

	(void)state;
	refused("nothing says what to take");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		want(rows[i].key, rows[i].text);
		refused(rows[i].words);
		req.keys[rows[i].key].n = 0;
	}
}

static void
a_domain_that_is_not_ours_is_found(void **state)
{
	struct recall *r;

	(void)state;
	want(RECALL_ID, LABEL ".domain.com");
	want(RECALL_DOMAIN, "domain.com");
	r = recall_new(&req, why);
	assert_null(recall_foreign(r, &zones));
	assert_true(recall_zone(r, zone));
	recall_free(r);
	want(RECALL_ID, LABEL ".nonprofit.org");
	r = recall_new(&req, why);
	assert_string_equal(recall_foreign(r, &zones), "nonprofit.org");
	recall_free(r);
}

static void
the_log_has_all_that_was_asked(void **state)
{
	char words[RECALL_WORDS_MAX];

	(void)state;
	log_addresses(LOG_ADDRESSES_YES);
	want(RECALL_FROM, "martha@domain.com");
	want(RECALL_TO, "claire@nonprofit.org");
	want(RECALL_ID, LABEL ".domain.com");
	req.since = DATE;
	assert_string_equal(recall_words(words, &req),
	    "since=2026-11-24T04:10:40Z id=" LABEL ".domain.com "
	    "from=martha@domain.com to=claire@nonprofit.org");
	log_addresses(LOG_ADDRESSES_NO);
	assert_null(strstr(recall_words(words, &req), "martha"));
	log_addresses(LOG_ADDRESSES_YES);
}

static void
the_log_says_how_many_do_not_fit(void **state)
{
	char words[RECALL_WORDS_MAX];

	(void)state;
	for (size_t i = 0; i < RECALL_VALUES_MAX; i++)
		want(RECALL_ID,
		    "x." LABEL "." LABEL "." LABEL "." LABEL "." LABEL);
	recall_words(words, &req);
	assert_true(strlen(words) < RECALL_WORDS_MAX);
	assert_non_null(strstr(words, " more"));
}

/* TZ is set in main(). */
static void
moments_are_read_as_they_are_written(void **state)
{
	static const struct {
		const char *text;
		int64_t when; /* -1: none */
	} rows[] = {
		{ "1h", DATE - 3600 },
		{ "90m", DATE - 5400 },
		{ "2d", DATE - 172800 },
		{ "@1795493440", DATE },
		{ "2026-11-24", DATE - 4 * 3600 - 640 - 3600 },
		{ "2026-11-24 05:10", DATE - 40 },
		{ "2026-11-24 05:10:40", DATE },
		{ "2026-11-24T05:10:40", DATE },
		{ "2026-02-30", -1 },
		{ "2026-11-24 ", -1 },
		{ "yesterday", -1 },
		{ "1", -1 },
		{ "@", -1 },
		{ "@1x", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t when = -1;
		bool good = recall_when(&when, rows[i].text, DATE);

		assert_int_equal(good, rows[i].when != -1);
		if (good)
			assert_int_equal(when, rows[i].when);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_author_matches_as_addresses_are_equal),
		TEST(a_recipient_matches_as_addresses_are_equal),
		TEST(a_blinded_recipient_matches_at_its_own_id_only),
		TEST(an_id_matches_with_its_domain_in_any_case),
		TEST(a_domain_is_that_of_the_id),
		TEST(both_ends_of_the_time_are_in_it),
		TEST(one_value_of_each_key_must_hold),
		TEST(what_makes_no_sense_is_refused_in_words),
		TEST(a_domain_that_is_not_ours_is_found),
		TEST(the_log_has_all_that_was_asked),
		TEST(the_log_says_how_many_do_not_fit),
		TEST(moments_are_read_as_they_are_written),
	};

	setenv("TZ", "CET-1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
