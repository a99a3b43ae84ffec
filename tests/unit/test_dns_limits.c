/*
 * dns_exchange: the same question goes out once, what is over a limit does
 * not go out, and both are counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "common/metrics.h"
#include "dns_ends.h"

/* ---- sharing --------------------------------------------------------------
 */

static void
limit(struct dns_limits limits)
{
	dns_exchange_free(f.exchange);
	f.exchange = dns_exchange_new(f.loop, &limits);
	assert_non_null(f.exchange);
}

static void
same_question_goes_out_once_and_all_are_told(void **state)
{
	(void)state;
	limit((struct dns_limits){ .queries = 1, .share = true });
	for (size_t i = 0; i < QUERIES; i++)
		ask(i, 5);
	assert_int_equal(dns_exchange_packets(f.exchange), 1);
	serve();
	run();
	assert_int_equal(f.told, QUERIES);
	assert_int_equal(f.outcome, DNS_ANSWERED);
	assert_int_equal(dns_exchange_packets(f.exchange), 1);
	ask(0, 5); /* after the answer it is a new one */
	assert_int_equal(dns_exchange_packets(f.exchange), 2);
}

static void
other_question_or_server_is_not_the_same(void **state)
{
	(void)state;
	limit((struct dns_limits){ .queries = 9, .share = true });
	ask(0, 5);
	f.question.type = DNS_A;
	ask(1, 5);
	f.question.type = DNS_TXT;
	f.question.flags = DNS_RD;
	ask(2, 5);
	f.question.flags = 0;
	f.address.in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	ask(3, 5);
	assert_int_equal(dns_exchange_packets(f.exchange), 4);
	f.address.in4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	dns_name_parse(&f.question.name, "A.test");
	ask(0, 5);
	assert_int_equal(dns_exchange_packets(f.exchange), 4);
	dns_name_parse(&f.question.name, "b.test");
	ask(0, 5);
	assert_int_equal(dns_exchange_packets(f.exchange), 5);
}

static void
who_joined_may_cancel_all_and_itself(void **state)
{
	int fd = free_descriptor();

	(void)state;
	limit((struct dns_limits){ .queries = 1, .share = true });
	for (size_t i = 0; i < QUERIES; i++)
		ask(i, 5);
	f.on_reply = cancel_all;
	serve();
	run();
	assert_int_equal(f.told, 1);
	assert_int_equal(dns_exchange_pending(f.exchange), 0);
	assert_int_equal(free_descriptor(), fd);
}

static void
who_joined_may_free_the_exchange(void **state)
{
	(void)state;
	limit((struct dns_limits){ .queries = 1, .share = true });
	for (size_t i = 0; i < QUERIES; i++)
		ask(i, 5);
	f.on_reply = free_exchange;
	serve();
	run();
	assert_int_equal(f.told, 1);
}

static void
question_ends_with_the_last_who_waits(void **state)
{
	int fd = free_descriptor();

	(void)state;
	limit((struct dns_limits){ .queries = 1, .share = true });
	ask(0, 5);
	ask(1, 5);
	dns_query_cancel(f.queries[0]);
	assert_int_not_equal(free_descriptor(), fd);
	dns_query_cancel(f.queries[1]);
	assert_int_equal(free_descriptor(), fd);
	ask(2, 5);
	serve();
	serve();
	run();
	assert_int_equal(f.told, 1);
}

/* What did not answer the first in his time is asked anew for the others. */
static void
who_joined_late_has_his_own_time(void **state)
{
	(void)state;
	limit((struct dns_limits){ .queries = 1, .share = true });
	ask(0, 0.05);
	ask(1, 5);
	ev_run(f.loop, EVRUN_ONCE);
	assert_int_equal(f.told, 1);
	assert_int_equal(f.outcome, DNS_TIMED_OUT);
	assert_int_equal(dns_exchange_packets(f.exchange), 2);
	serve(); /* the first packet: its port is gone */
	serve();
	run();
	assert_int_equal(f.told, 2);
	assert_int_equal(f.outcome, DNS_ANSWERED);
}

/* ---- limits ---------------------------------------------------------------
 */

static void
server_over_its_limit_is_refused_in_the_loop(void **state)
{
	(void)state;
	limit((struct dns_limits){ .queries = 9, .per_server = 1 });
	ask(0, 5);
	ask(1, 5);
	ev_run(f.loop, EVRUN_NOWAIT);
	assert_int_equal(f.told, 1);
	assert_int_equal(f.outcome, DNS_OVER_BUDGET);
	f.question.flags = DNS_RD; /* to a resolver of our own */
	ask(2, 5);
	ev_run(f.loop, EVRUN_NOWAIT);
	assert_int_equal(f.told, 1);
	assert_int_equal(dns_exchange_packets(f.exchange), 2);
}

static void
packets_over_the_rate_do_not_go_out(void **state)
{
	(void)state;
	limit((struct dns_limits){ .queries = 9, .rate = 2 });
	for (size_t i = 0; i < QUERIES; i++)
		ask(i, 0.05);
	run();
	assert_int_equal(f.told, QUERIES);
	assert_int_equal(dns_exchange_packets(f.exchange), 2);
}

static size_t last_told;

static void
note(struct fixture *x, size_t which)
{
	(void)x;
	last_told = which;
}

/* One that never answers cannot keep out one that does. */
static void
oldest_makes_room_after_a_second(void **state)
{
	(void)state;
	limit((struct dns_limits){ .queries = 1 });
	f.on_reply = note;
	last_told = QUERIES;
	ask(0, 30);
	usleep(1050000); /* what is tested is that second */
	ask(1, 30);
	ev_run(f.loop, EVRUN_NOWAIT);
	assert_int_equal(f.told, 1);
	assert_int_equal(last_told, 0);
	assert_int_equal(f.outcome, DNS_OVER_BUDGET);
	serve();
	serve();
	run();
	assert_int_equal(f.told, 2);
	assert_int_equal(f.outcome, DNS_ANSWERED);
}

static void
counts_stand_in_the_metrics(void **state)
{
	static const struct metric_row rows[1 + DNS_COUNT__COUNT];
	int64_t v[1 + DNS_COUNT__COUNT] = { 0 };
	struct metrics m = { rows, 1 + DNS_COUNT__COUNT, v, NULL };

	(void)state;
	limit((struct dns_limits){ .queries = 9, .rate = 1, .share = true });
	dns_exchange_meter(f.exchange, &m, 1);
	ask(0, 5);
	ask(1, 5);
	dns_name_parse(&f.question.name, "b.test");
	ask(2, 5);
	assert_int_equal(v[0], 0);
	assert_int_equal(v[1 + DNS_COUNT_PACKETS], 1);
	assert_int_equal(v[1 + DNS_COUNT_SHARED], 1);
	assert_int_equal(v[1 + DNS_COUNT_UNDER_WAY], 1);
	assert_int_equal(
	    v[1 + DNS_COUNT_REFUSED + DNS_OVER_RATE - DNS_OVER_QUERIES], 1);
	serve();
	run();
	assert_int_equal(v[1 + DNS_COUNT_UNDER_WAY], 0);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, dns_ends_setup, dns_ends_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(same_question_goes_out_once_and_all_are_told),
		TEST(other_question_or_server_is_not_the_same),
		TEST(who_joined_may_cancel_all_and_itself),
		TEST(who_joined_may_free_the_exchange),
		TEST(question_ends_with_the_last_who_waits),
		TEST(who_joined_late_has_his_own_time),
		TEST(server_over_its_limit_is_refused_in_the_loop),
		TEST(packets_over_the_rate_do_not_go_out),
		TEST(oldest_makes_room_after_a_second),
		TEST(counts_stand_in_the_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
