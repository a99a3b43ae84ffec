/*
 * What of a transfer becomes a name of the index: message records one label
 * below a domain of ours, and what a sweep takes out on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reaperd/zone.h"

/* 2027-01-15 08:00:00 UTC, from date(1) */
enum { DATE = 1800000000, HOUR = 3600 };

#define TEXT                                                    \
	"To:claire@nonprofit.org*From:martha@mail.e.test*date=" \
	"Fri, 15 Jan 2027 08:00:00 +0000"

static const uint8_t hash_key[EXPIRY_KEY];
static struct zone *zone;

static int
begin(void **state)
{
	struct net_address primary = { 0 };

	(void)state;
	zone = zone_new(
	    "e.test", &(struct net_addresses){ &primary, 1 }, hash_key);
	assert_non_null(zone);
	assert_int_equal(zone_add_domain(zone, "e.test", HOUR), 0);
	assert_int_equal(zone_add_domain(zone, "mail.e.test", 2 * HOUR), 0);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	zone_free(zone);
	return 0;
}

static struct dns_rr
txt(const char *owner, const char *text)
{
	static uint8_t rdata[256];
	struct dns_rr rr = { .type = DNS_TXT, .class = DNS_IN };

	rdata[0] = (uint8_t)strlen(text);
	memcpy(rdata + 1, text, rdata[0]);
	rr.rdata = rdata;
	rr.rdlen = (uint16_t)(1 + rdata[0]);
	assert_int_equal(dns_name_parse(&rr.owner, owner), 0);
	return rr;
}

static void
add(const char *owner, const char *text)
{
	struct dns_rr rr = txt(owner, text);

	assert_int_equal(zone_events.add(zone, &rr), 0);
}

static void
names_one_label_below_a_domain_are_known(void **state)
{
	struct expiry_name name;
	char owner[PUBLISH_NAME_MAX];

	(void)state;
	add("id.e.test", TEXT);
	add("id.mail.e.test", TEXT);
	assert_int_equal(expiry_names(zone->index), 2);
	assert_true(
	    expiry_take(zone->index, DATE + HOUR + 1, INT64_MAX, &name));
	assert_string_equal(zone_owner(zone, &name, owner), "id.e.test");
	assert_false(
	    expiry_take(zone->index, DATE + 2 * HOUR, INT64_MAX, &name));
	assert_true(
	    expiry_take(zone->index, DATE + 2 * HOUR + 1, INT64_MAX, &name));
	assert_string_equal(zone_owner(zone, &name, owner), "id.mail.e.test");
}

static void
all_else_is_not(void **state)
{
	struct dns_rr star = txt("x.e.test", TEXT);

	(void)state;
	add("e.test", TEXT);
	add("mail.e.test", "v=spf1 -all");
	add("deep.id.e.test", TEXT);
	add("id.other.test", TEXT);
	add("idxe.test", TEXT);
	add("id.e.test", "v=spf1 -all");
	add("id.e.test", "To:claire@nonprofit.org*From:a@e.test*date=never");
	add("dnsmail.e.test", "127.0.0.1");
	star.owner.wire[1] = '*';
	assert_int_equal(zone_events.add(zone, &star), 0);
	assert_int_equal(expiry_names(zone->index), 0);
}

static void
a_removal_takes_away_only_what_was_there(void **state)
{
	struct dns_rr rr = txt("id.e.test", "v=spf1 -all");

	(void)state;
	add("id.e.test", TEXT);
	assert_int_equal(zone_events.remove(zone, &rr), 0);
	assert_int_equal(expiry_names(zone->index), 1);
	rr = txt("other.e.test", TEXT);
	assert_int_equal(zone_events.remove(zone, &rr), 0);
	assert_int_equal(expiry_names(zone->index), 1);
	rr = txt("id.e.test", TEXT);
	assert_int_equal(zone_events.remove(zone, &rr), 0);
	assert_int_equal(expiry_names(zone->index), 0);
}

static void
a_whole_transfer_replaces_the_index_when_it_is_complete(void **state)
{
	(void)state;
	add("old.e.test", TEXT);
	assert_int_equal(zone_events.whole(zone), 0);
	add("a.e.test", TEXT);
	add("b.e.test", TEXT);
	assert_int_equal(expiry_names(zone->index), 1);
	zone_commit(zone, 7);
	assert_int_equal(expiry_names(zone->index), 2);
	assert_int_equal(zone->serial, 7);
	assert_true(zone->known);
}

/* ---- a sweep that takes from a transfer ---- */

static size_t taken;
static bool wants;

static bool
take(void *arg, struct zone *z, const struct expiry_name *name,
    const struct zone_text *text)
{
	assert_null(arg);
	assert_ptr_equal(z, zone);
	assert_string_equal(name->label, "id");
	assert_string_equal(text->text, TEXT);
	taken++;
	return wants;
}

static const struct zone_catch catch = {
	.take = take,
	.now = DATE + HOUR + 1,
	.again = DATE + 3 * HOUR,
};

static int64_t
due_after_whole(const char *owner)
{
	taken = 0;
	zone->catch = &catch;
	assert_int_equal(zone_events.whole(zone), 0);
	add(owner, TEXT);
	zone_commit(zone, 1);
	return expiry_next(zone->index);
}

static void
an_expired_record_that_is_taken_comes_again_later(void **state)
{
	(void)state;
	wants = true;
	assert_true(due_after_whole("id.e.test") == catch.again);
	assert_int_equal(taken, 1);
}

static void
one_that_is_not_taken_is_due(void **state)
{
	(void)state;
	wants = false;
	assert_true(due_after_whole("id.e.test") == DATE + HOUR + 1);
	assert_int_equal(taken, 1);
}

static void
one_that_is_not_expired_is_not_offered(void **state)
{
	(void)state;
	wants = true;
	assert_true(due_after_whole("id.mail.e.test") == DATE + 2 * HOUR + 1);
	assert_int_equal(taken, 0);
}

/* What is under way is not taken once more by the next transfer. */
static void
one_that_was_taken_before_keeps_its_time(void **state)
{
	(void)state;
	wants = true;
	due_after_whole("id.e.test");
	expiry_move(zone->index,
	    &(struct expiry_name){ .domain = 0, .label = "id" }, catch.now + 5);
	assert_true(due_after_whole("id.e.test") == catch.now + 5);
	assert_int_equal(taken, 0);
}

/* ---- zones of a configuration ---- */

static void
domains_of_one_zone_at_one_primary_share_it(void **state)
{
	struct config_domain d[] = {
		{ .name = "a.test", .zone = "a.test" },
		{ .name = "m.a.test", .zone = "a.test" },
		{ .name = "b.test", .zone = "b.test" },
		{ .name = "n.a.test", .zone = "a.test" },
	};
	struct zones zones = STAILQ_HEAD_INITIALIZER(zones);
	struct net_address at[4];
	struct zone *z;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		net_address_parse(
		    &at[i], i == 3 ? "127.0.0.2" : "127.0.0.1", 9);
		d[i].primaries = (struct net_addresses){ &at[i], 1 };
	}
	assert_int_equal(zones_fill(&zones, d, 4, hash_key), 0);
	z = STAILQ_FIRST(&zones);
	assert_string_equal(z->text, "a.test");
	assert_int_equal(z->n_domains, 2);
	z = STAILQ_NEXT(z, link);
	assert_string_equal(z->text, "b.test");
	z = STAILQ_NEXT(z, link);
	assert_string_equal(z->domains[0].text, "n.a.test");
	assert_null(STAILQ_NEXT(z, link));
	zones_free(&zones);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(names_one_label_below_a_domain_are_known),
		TEST(all_else_is_not),
		TEST(a_removal_takes_away_only_what_was_there),
		TEST(a_whole_transfer_replaces_the_index_when_it_is_complete),
		TEST(an_expired_record_that_is_taken_comes_again_later),
		TEST(one_that_is_not_taken_is_due),
		TEST(one_that_is_not_expired_is_not_offered),
		TEST(one_that_was_taken_before_keeps_its_time),
		cmocka_unit_test(domains_of_one_zone_at_one_primary_share_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
