/* When a withdrawal ends, between a primary and a publishd that are ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reaperd/recall_out.h"
#include "reaperd/remove_out.h"
#include "reaperd/zone_read_in.h"

enum { TURNS_MAX = 100 }; /* of 20 ms */

/* What the run sees of the others. */
static bool reading;
static const struct net_address *asked;
static const struct zone_read_events *read_events;
static void *read_arg;
static size_t in_flight;
static const char *gone;
/* What is seen of it. */
static bool over;
static const char *over_why;

static struct ev_loop *loop;
static struct zones zones = STAILQ_HEAD_INITIALIZER(zones);
static struct recall *what;
static const struct publishers_options publishers;

/* ---- the primary ---- */

struct zone_read *
zone_read_new(struct ev_loop *l, struct zone *zone,
    const struct net_address *primary, const struct tsig_key *key,
    const struct zone_read_events *events, void *arg)
{
	(void)l;
	(void)zone;
	(void)key;
	asked = primary;
	read_events = events;
	read_arg = arg;
	return malloc(1);
}

void
zone_read_free(struct zone_read *z)
{
	free(z);
}

int
zone_read_begin(struct zone_read *z)
{
	(void)z;
	reading = true;
	return 0;
}

void
zone_read_go_on(struct zone_read *z)
{
	(void)z;
}

void
zone_read_stop(struct zone_read *z)
{
	(void)z;
	reading = false;
}

/* ---- publishd ---- */

struct remove *
remove_new(struct ev_loop *l, const struct publishers_options *urls,
    const struct remove_events *events, void *arg)
{
	(void)l;
	(void)urls;
	(void)events;
	(void)arg;
	return malloc(1);
}

void
remove_free(struct remove *r)
{
	free(r);
}

int
remove_add(struct remove *r, struct zone *zone, const struct expiry_name *name,
    const struct zone_text *text)
{
	(void)r;
	(void)zone;
	(void)name;
	(void)text;
	return 0;
}

void
remove_send(struct remove *r)
{
	(void)r;
}

size_t
remove_requests(const struct remove *r)
{
	(void)r;
	return in_flight;
}

bool
remove_gathering(const struct remove *r)
{
	(void)r;
	return false;
}

bool
remove_reachable(struct remove *r)
{
	(void)r;
	return true;
}

bool
remove_connecting(const struct remove *r)
{
	(void)r;
	return false;
}

/* ---- who asked ---- */

static const char *
unwanted(void *arg)
{
	(void)arg;
	return gone;
}

static void
ended(void *arg, const char *why)
{
	(void)arg;
	over = true;
	over_why = why;
}

static struct recall_run *
begin_run(void)
{
	return recall_run_new(&(struct recall_run_options){
	    .loop = loop,
	    .zones = &zones,
	    .publishers = &publishers,
	    .per_second = 1000,
	    .what = what,
	    .withdraw = true,
	    .unwanted = unwanted,
	    .ended = ended,
	});
}

/* Until *flag is as wanted, or two seconds have gone. */
static void
turn_until(const bool *flag, bool wanted)
{
	for (int i = 0; i < TURNS_MAX && *flag != wanted; i++)
		ev_run(loop, EVRUN_ONCE);
	assert_int_equal(*flag, wanted);
}

static int
begin(void **state)
{
	static const uint8_t hash_key[EXPIRY_KEY];
	struct recall_req req = { .since = 0, .until = INT64_MAX };
	struct net_address primary = { 0 };
	char why[RECALL_REASON_MAX];
	struct zone *zone =
	    zone_new("com", &(struct net_addresses){ &primary, 1 }, hash_key);

	(void)state;
	loop = ev_loop_new(EVFLAG_AUTO);
	what = recall_new(&req, why);
	if (loop == NULL || what == NULL || zone == NULL ||
	    zone_add_domain(zone, "domain.com", 1) != 0)
		return -1;
	STAILQ_INSERT_TAIL(&zones, zone, link);
	reading = over = false;
	in_flight = 0;
	gone = over_why = NULL;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	zones_free(&zones);
	recall_free(what);
	ev_loop_destroy(loop);
	return 0;
}

static void
what_publishd_was_asked_is_waited_for(void **state)
{
	struct recall_run *run = begin_run();

	(void)state;
	assert_non_null(run);
	turn_until(&reading, true);
	in_flight = 1;
	gone = "gone";
	turn_until(&reading, false);
	for (int i = 0; i < 5; i++)
		ev_run(loop, EVRUN_ONCE);
	assert_false(over);
	in_flight = 0;
	turn_until(&over, true);
	assert_string_equal(over_why, "gone");
	recall_run_free(run);
}

/* Else it would wait for ever for a zone that nobody reads. */
static void
who_comes_back_meanwhile_sees_it_end(void **state)
{
	struct recall_run *run = begin_run();

	(void)state;
	assert_non_null(run);
	turn_until(&reading, true);
	in_flight = 1;
	gone = "gone";
	turn_until(&reading, false);
	gone = NULL;
	in_flight = 0;
	turn_until(&over, true);
	assert_string_equal(over_why, "gone");
	recall_run_free(run);
}

static void
a_zone_is_read_at_the_next_primary_when_one_fails(void **state)
{
	struct zone *zone = STAILQ_FIRST(&zones);
	struct recall_run *run;

	(void)state;
	zone->n_primaries = 3;
	zone->of = 1; /* that it was read at last */
	run = begin_run();
	assert_non_null(run);
	for (size_t i = 1; i < 5; i++) {
		turn_until(&reading, true);
		assert_ptr_equal(asked, &zone->primaries[i % 3]);
		read_events->ended(read_arg, "refused");
		turn_until(&reading, false);
	}
	assert_false(over);
	recall_run_free(run);
}

static void
when_all_primaries_fail_the_last_is_named(void **state)
{
	struct zone *zone = STAILQ_FIRST(&zones);
	struct recall_run *run;
	int tries = 0;

	(void)state;
	zone->n_primaries = 2;
	run = begin_run();
	assert_non_null(run);
	for (int i = 0; i < 10 * TURNS_MAX && !over; i++) {
		ev_run(loop, EVRUN_ONCE);
		if (!reading)
			continue;
		tries++;
		read_events->ended(read_arg, "refused");
		turn_until(&reading, false);
	}
	assert_true(over);
	assert_int_equal(tries, 6);
	assert_non_null(strstr(over_why, "com: "));
	assert_non_null(strstr(over_why, ": refused"));
	recall_run_free(run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_publishd_was_asked_is_waited_for, begin, end),
		cmocka_unit_test_setup_teardown(
		    who_comes_back_meanwhile_sees_it_end, begin, end),
		cmocka_unit_test_setup_teardown(
		    a_zone_is_read_at_the_next_primary_when_one_fails, begin,
		    end),
		cmocka_unit_test_setup_teardown(
		    when_all_primaries_fail_the_last_is_named, begin, end),
	};

	return cmocka_run_group_tests_name("recall_run", tests, NULL, NULL);
}
