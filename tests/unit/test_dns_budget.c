/* dns_budget: what is refused, at which number, and what is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "common/dns_budget.h"

static struct dns_budget *b;
static struct dns_account *account;

static struct net_address
server(const char *text)
{
	struct net_address a;

	assert_int_equal(net_address_parse(&a, text, strlen(text)), 0);
	return a;
}

static struct net_address
server_number(unsigned n)
{
	char text[64];

	snprintf(
	    text, sizeof(text), "192.%u.%u.%u", n >> 16, n >> 8 & 255, n & 255);
	return server(text);
}

static void
limits(struct dns_limits limits)
{
	dns_budget_free(b);
	b = dns_budget_new(&limits);
	assert_non_null(b);
}

static enum dns_refusal
begin(const char *text, double now)
{
	struct net_address a = server(text);

	return dns_budget_begin(b, &a, now, &account);
}

static unsigned
packets(struct dns_account *a, double now)
{
	unsigned n = 0;

	while (n < 100000 && dns_budget_packet(b, a, now) == DNS_MAY)
		n++;
	return n;
}

static int
teardown(void **state)
{
	(void)state;
	dns_budget_free(b);
	b = NULL;
	return 0;
}

static void
total_is_bounded_and_what_ends_makes_room(void **state)
{
	struct dns_account *first;

	(void)state;
	limits((struct dns_limits){ .queries = 2 });
	assert_int_equal(begin("192.0.2.1", 0), DNS_MAY);
	first = account;
	assert_int_equal(begin("192.0.2.2", 0), DNS_MAY);
	assert_int_equal(begin("192.0.2.3", 0), DNS_OVER_QUERIES);
	assert_int_equal(
	    dns_budget_begin(b, NULL, 0, &account), DNS_OVER_QUERIES);
	assert_int_equal(dns_budget_queries(b), 2);
	dns_budget_end(b, first, 0, false);
	assert_int_equal(begin("192.0.2.3", 0), DNS_MAY);
}

static void
one_server_is_bounded_whatever_its_port(void **state)
{
	(void)state;
	limits((struct dns_limits){ .queries = 9, .per_server = 2 });
	assert_int_equal(begin("192.0.2.1", 0), DNS_MAY);
	assert_int_equal(begin("192.0.2.1@5353", 0), DNS_MAY);
	assert_int_equal(begin("192.0.2.1@53", 0), DNS_OVER_PER_SERVER);
	assert_int_equal(begin("192.0.2.2", 0), DNS_MAY);
	dns_budget_end(b, account, 0, false);
	assert_int_equal(begin("192.0.2.1", 0), DNS_OVER_PER_SERVER);
	assert_int_equal(dns_budget_queries(b), 2);
}

/* Who has one address of it has them all. */
static void
ipv6_counts_by_64_bits(void **state)
{
	(void)state;
	limits((struct dns_limits){ .queries = 9, .per_server = 1 });
	assert_int_equal(begin("2001:db8:0:1::1", 0), DNS_MAY);
	assert_int_equal(begin("2001:db8:0:1:ffff::2", 0), DNS_OVER_PER_SERVER);
	assert_int_equal(begin("2001:db8:0:2::1", 0), DNS_MAY);
}

static void
servers_of_our_own_count_in_the_total_only(void **state)
{
	struct dns_limits all_one = { 3, 1, 1, 1, 1, false };

	(void)state;
	limits(all_one);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    dns_budget_begin(b, NULL, 0, &account), DNS_MAY);
		assert_null(account);
		assert_int_equal(dns_budget_packet(b, account, 0), DNS_MAY);
		assert_int_equal(dns_budget_tcp(b, account), DNS_MAY);
	}
	assert_int_equal(
	    dns_budget_begin(b, NULL, 0, &account), DNS_OVER_QUERIES);
	dns_budget_end(b, NULL, 0, false);
	assert_int_equal(dns_budget_queries(b), 2);
}

static void
packets_are_bounded_by_the_second(void **state)
{
	struct dns_account *a, *other;

	(void)state;
	limits((struct dns_limits){ .queries = 9, .rate = 100 });
	begin("192.0.2.1", 5);
	a = account;
	begin("192.0.2.2", 5);
	other = account;
	assert_int_equal(packets(a, 5), 100);
	assert_int_equal(packets(a, 5), 0);
	assert_int_equal(packets(other, 5), 100);
	assert_in_range(packets(a, 5.25), 24, 25);
	assert_in_range(packets(a, 5.75), 49, 50);
	assert_int_equal(packets(a, 1000), 100);
	assert_int_equal(packets(a, 999), 0); /* a clock that goes back */
}

/* Else every new question would find a full bucket. */
static void
rate_outlives_the_question(void **state)
{
	(void)state;
	limits((struct dns_limits){ .queries = 9, .rate = 100 });
	begin("192.0.2.1", 0);
	assert_int_equal(packets(account, 0), 100);
	dns_budget_end(b, account, 0, false);
	begin("192.0.2.9", 0.5);
	begin("192.0.2.1", 0.5);
	assert_in_range(packets(account, 0.5), 49, 50);
}

static void
connections_are_bounded_in_total_and_to_one_server(void **state)
{
	struct dns_limits some = { .queries = 9, .tcp = 3 };
	struct dns_account *first;

	(void)state;
	some.tcp_per_server = 2;
	limits(some);
	begin("192.0.2.1", 0);
	first = account;
	assert_int_equal(dns_budget_tcp(b, account), DNS_MAY);
	begin("192.0.2.1", 0);
	assert_int_equal(dns_budget_tcp(b, account), DNS_MAY);
	begin("192.0.2.1", 0);
	assert_int_equal(dns_budget_tcp(b, account), DNS_OVER_TCP);
	begin("192.0.2.2", 0);
	assert_int_equal(dns_budget_tcp(b, account), DNS_MAY);
	begin("192.0.2.3", 0);
	assert_int_equal(dns_budget_tcp(b, account), DNS_OVER_TCP);
	dns_budget_end(b, first, 0, true);
	assert_int_equal(dns_budget_tcp(b, account), DNS_MAY);
}

static void
zero_is_no_bound(void **state)
{
	(void)state;
	limits((struct dns_limits){ .queries = 1000 });
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(begin("192.0.2.1", 0), DNS_MAY);
		assert_int_equal(dns_budget_tcp(b, account), DNS_MAY);
	}
	assert_int_equal(packets(account, 0), 100000);
}

/* A sender who names other servers in each mail cannot fill our memory. */
static void
servers_remembered_are_bounded(void **state)
{
	struct net_address a;
	unsigned refused = 0;

	(void)state;
	limits((struct dns_limits){ .queries = 8, .rate = 5 });
	for (unsigned i = 0; i < 100000; i++) {
		a = server_number(i);
		if (dns_budget_begin(b, &a, i * 1e-4, &account) == DNS_MAY)
			dns_budget_end(b, account, i * 1e-4, false);
		else
			refused++;
		assert_in_range(dns_budget_servers(b), 0, 32);
	}
	assert_in_range(refused, 90000, 99999);
	assert_int_equal(begin("192.0.2.1", 12), DNS_MAY);
	assert_int_equal(dns_budget_servers(b), 1);
}

static void
new_limits_keep_what_is_under_way(void **state)
{
	struct dns_limits more = { .queries = 500, .per_server = 3, .rate = 9 };
	struct dns_account *first;

	(void)state;
	limits((struct dns_limits){ .queries = 2, .per_server = 2 });
	begin("192.0.2.1", 0);
	first = account;
	begin("192.0.2.1", 0);
	assert_int_equal(begin("192.0.2.2", 0), DNS_OVER_QUERIES);
	dns_budget_limit(b, &more);
	assert_int_equal(begin("192.0.2.2", 0), DNS_MAY);
	assert_int_equal(begin("192.0.2.1", 0), DNS_MAY);
	assert_ptr_equal(account, first);
	assert_int_equal(begin("192.0.2.1", 0), DNS_OVER_PER_SERVER);
	assert_int_equal(packets(account, 60), 9);
}

static void
every_refusal_has_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < DNS_REFUSAL__COUNT; i++)
		assert_non_null(dns_refusal_texts[i]);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(total_is_bounded_and_what_ends_makes_room),
		TEST(one_server_is_bounded_whatever_its_port),
		TEST(ipv6_counts_by_64_bits),
		TEST(servers_of_our_own_count_in_the_total_only),
		TEST(packets_are_bounded_by_the_second),
		TEST(rate_outlives_the_question),
		TEST(connections_are_bounded_in_total_and_to_one_server),
		TEST(zero_is_no_bound),
		TEST(servers_remembered_are_bounded),
		TEST(new_limits_keep_what_is_under_way),
		TEST(every_refusal_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
