/*
 * Who is asked again within propagation-wait, and who is not: the servers of
 * a look-up and the resolvers. No socket, no clock: replies and times are made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verifyd/resolver_turn.h"
#include "verifyd/servers_asked.h"

static const struct dns_reply
    nothing = { .outcome = DNS_ANSWERED, .rcode = DNS_NOERROR },
    nxdomain = { .outcome = DNS_ANSWERED, .rcode = DNS_NXDOMAIN },
    servfail = { .outcome = DNS_ANSWERED, .rcode = DNS_SERVFAIL },
    refused = { .outcome = DNS_ANSWERED, .rcode = DNS_REFUSED },
    silent = { .outcome = DNS_TIMED_OUT },
    away = { .outcome = DNS_UNREACHABLE, .away = true };

/* All listed servers are asked, and say this one after the other. */
static struct servers_asked
asked(size_t n, const struct dns_reply *const *replies, double until)
{
	struct servers_asked s = { .all_listed = true, .several = n > 1 };

	servers_asked_begin(&s, n, until);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(servers_asked_then(&s, 0), SERVERS_NEXT);
		assert_int_equal(servers_asked_next(&s), i);
	}
	assert_int_equal(servers_asked_next(&s), -1);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(servers_asked_then(&s, 0), SERVERS_OPEN);
		servers_asked_reply(&s, i, replies[i]);
	}
	return s;
}

static void
one_is_asked_until(const struct dns_reply *reply, double until)
{
	struct servers_asked s = asked(1, &reply, until);
	double now = 0;
	unsigned rounds = 1;

	while (servers_asked_then(&s, now) == SERVERS_AGAIN) {
		assert_true(s.pause > 0 && s.pause <= 1);
		now += s.pause;
		assert_true(now < until);
		servers_asked_again(&s);
		assert_int_equal(servers_asked_then(&s, now), SERVERS_NEXT);
		assert_int_equal(servers_asked_next(&s), 0);
		servers_asked_reply(&s, 0, reply);
		rounds++;
	}
	assert_int_equal(servers_asked_then(&s, now), SERVERS_END);
	assert_true(rounds > 3 && now + 1 >= until);
}

static void
a_server_that_is_away_is_asked_again_within_propagation_wait(void **state)
{
	(void)state;
	one_is_asked_until(&away, 5);
	one_is_asked_until(&away, 2.5);
}

static void
a_server_that_says_servfail_is_asked_again_within_propagation_wait(void **state)
{
	(void)state;
	one_is_asked_until(&servfail, 5);
	one_is_asked_until(&servfail, 2.5);
}

static void
one_that_came_back_and_has_nothing_ends_it(void **state)
{
	const struct dns_reply *first = &servfail;
	struct servers_asked s = asked(1, &first, 5);

	(void)state;
	assert_int_equal(servers_asked_then(&s, 1), SERVERS_AGAIN);
	servers_asked_again(&s);
	servers_asked_next(&s);
	servers_asked_reply(&s, 0, &nxdomain);
	assert_int_equal(servers_asked_then(&s, 1.5), SERVERS_END);
	assert_int_equal(servers_asked_outcome(&s), LOOKUP_NO_RECORD);
}

static void
a_silent_or_refusing_server_is_not_asked_again(void **state)
{
	static const struct row {
		const struct dns_reply *replies[2];
		size_t n;
		enum lookup_outcome outcome;
	} rows[] = {
		{ { &silent }, 1, LOOKUP_TIMEOUT },
		{ { &refused }, 1, LOOKUP_REFUSED },
		{ { &nothing, &silent }, 2, LOOKUP_TIMEOUT },
		{ { &servfail, &refused }, 2, LOOKUP_SERVFAIL },
		{ { &away, &silent }, 2, LOOKUP_TIMEOUT },
	};

	(void)state;
	for (const struct row *r = rows; r < rows + 5; r++) {
		struct servers_asked s = asked(r->n, r->replies, 5);

		assert_int_equal(servers_asked_then(&s, 0), SERVERS_END);
		assert_int_equal(servers_asked_outcome(&s), r->outcome);
	}
}

static void
several_that_have_nothing_may_lag_and_one_may_not(void **state)
{
	const struct dns_reply *both[] = { &nothing, &nxdomain };
	struct servers_asked one = asked(1, both, 5), two = asked(2, both, 5);

	(void)state;
	assert_int_equal(servers_asked_then(&one, 0), SERVERS_END);
	assert_int_equal(servers_asked_then(&two, 0), SERVERS_AGAIN);
	assert_int_equal(servers_asked_then(&two, 4.9), SERVERS_END);
	assert_int_equal(servers_asked_outcome(&two), LOOKUP_NO_RECORD);
	two.all_listed = false;
	assert_int_equal(servers_asked_outcome(&two), LOOKUP_OVER_BUDGET);
}

/* ---- resolvers ---- */

static void
each_resolver_has_its_turn_once(void **state)
{
	struct resolver_turn t;

	(void)state;
	resolver_turn_begin(&t, 1, 100, 20, 1);
	assert_true(resolver_turn_seconds(&t, 3, 100) == 2.5);
	assert_int_equal(t.at, 1);
	assert_true(resolver_turn_failed(&t, 3, &servfail));
	assert_true(resolver_turn_seconds(&t, 3, 116) == 2);
	assert_int_equal(t.at, 2);
	assert_true(resolver_turn_failed(&t, 3, &silent));
	assert_true(resolver_turn_seconds(&t, 3, 117) == 3);
	assert_int_equal(t.at, 0);
	assert_false(resolver_turn_failed(&t, 3, &servfail));
	assert_false(resolver_turn_again(&t, 117));
}

static void
resolvers_that_are_all_away_have_their_turn_again_for_five_seconds(void **state)
{
	struct resolver_turn t;
	double now = 100;

	(void)state;
	resolver_turn_begin(&t, 0, now, 20, 1);
	do {
		assert_true(resolver_turn_failed(&t, 2, &away));
		assert_false(resolver_turn_failed(&t, 2, &away));
	} while (resolver_turn_again(&t, now) && (now += RESOLVER_PAUSE) < 120);
	assert_true(now == 105);
}

static void
a_resolver_that_is_there_ends_the_tries(void **state)
{
	static const struct dns_reply *const there[] = { &servfail, &refused,
		&silent };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct resolver_turn t;

		resolver_turn_begin(&t, 0, 100, 20, 1);
		resolver_turn_failed(&t, 2, &away);
		resolver_turn_failed(&t, 2, there[i]);
		assert_false(resolver_turn_again(&t, 100));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_server_that_is_away_is_asked_again_within_propagation_wait),
		cmocka_unit_test(
		    a_server_that_says_servfail_is_asked_again_within_propagation_wait),
		cmocka_unit_test(one_that_came_back_and_has_nothing_ends_it),
		cmocka_unit_test(
		    a_silent_or_refusing_server_is_not_asked_again),
		cmocka_unit_test(
		    several_that_have_nothing_may_lag_and_one_may_not),
		cmocka_unit_test(each_resolver_has_its_turn_once),
		cmocka_unit_test(
		    resolvers_that_are_all_away_have_their_turn_again_for_five_seconds),
		cmocka_unit_test(a_resolver_that_is_there_ends_the_tries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
