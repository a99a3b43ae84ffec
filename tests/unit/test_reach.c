/*
 * Whom verifyd may ask. The addresses are those of the registries named in
 * reach.c, each at both ends of its range and just beyond.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "verifyd/reach.h"

static struct net_address
address(const char *text)
{
	struct net_address a;

	assert_int_equal(net_address_parse(&a, text, strlen(text)), 0);
	return a;
}

static enum reach_answer
check(const struct networks *allow, uint16_t port, const char *own,
    const char *text)
{
	struct net_address host = address(own), a = address(text);
	const struct net_addresses owns = { &host, 1 };
	const struct ports ports = { &port, 1 };
	const struct reach reach = { allow, &ports, &owns };

	return reach_check(&reach, &a);
}

static const struct networks nothing;

static void
all_are(const char *const *texts, enum reach_answer expected)
{
	for (; *texts != NULL; texts++) {
		enum reach_answer answer =
		    check(&nothing, 53, "155.47.64.1", *texts);

		if (answer != expected)
			fail_msg("%s: expected %s, saw %s", *texts,
			    reach_answer_names[expected],
			    reach_answer_names[answer]);
	}
}

static void
global_unicast_may_be_asked(void **state)
{
	static const char *const texts[] = { "1.0.0.0", "9.255.255.255",
		"11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.0", "155.47.64.164", "169.253.255.255", "169.255.0.0",
		"172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0",
		"192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
		"198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255",
		"203.0.114.0", "223.255.255.255", "2000::1", "2001:200::1",
		"2a00:1450::1", "2620:fe::fe", "3ffe::1", "64:ff9b::9b2f:40a4",
		"2002:9b2f:40a4::1", NULL };

	(void)state;
	all_are(texts, REACH_OK);
}

static void
everything_else_may_not(void **state)
{
	static const char *const texts[] = { "0.0.0.0", "0.255.255.255",
		"10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
		"127.0.0.1", "127.255.255.255", "169.254.0.0",
		"169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.8",
		"192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255",
		"198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.1",
		"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:155.47.64.164", "::155.47.64.164",
		"100::1", "64:ff9b:1::1", "2001::1", "2001:10::1",
		"2001:1ff::1", "2001:db8::5", "3fff::1", "4000::1", "5f00::1",
		"fc00::1", "fd00::1", "fe80::1", "fec0::1", "ff02::1",
		"1fff::1", "64:ff9b::a00:1", "64:ff9b::7f00:1",
		"2002:0a00:0001::1", "2002:7f00:1::1", NULL };

	(void)state;
	all_are(texts, REACH_NOT_GLOBAL);
}

static void
our_own_address_may_not(void **state)
{
	(void)state;
	assert_int_equal(
	    check(&nothing, 53, "155.47.64.164", "155.47.64.164"), REACH_OWN);
	assert_int_equal(
	    check(&nothing, 53, "2a00::5", "2a00:0::5"), REACH_OWN);
	assert_int_equal(
	    check(&nothing, 53, "155.47.64.164", "155.47.64.165"), REACH_OK);
}

static void
other_ports_may_not(void **state)
{
	(void)state;
	assert_int_equal(
	    check(&nothing, 53, "155.47.64.1", "155.47.64.164@5353"),
	    REACH_PORT);
	assert_int_equal(
	    check(&nothing, 5353, "155.47.64.1", "155.47.64.164@5353"),
	    REACH_OK);
	assert_int_equal(
	    check(&nothing, 5353, "155.47.64.1", "155.47.64.164"), REACH_PORT);
	assert_int_equal(
	    check(&nothing, 0, "155.47.64.1", "155.47.64.164@25"), REACH_OK);
}

static void
allowed_networks_may_be_asked_after_all(void **state)
{
	struct network v[3];
	const struct networks allow = { v, 3 };

	(void)state;
	assert_int_equal(network_parse(&v[0], "10.1.0.0/16"), 0);
	assert_int_equal(network_parse(&v[1], "fd00::/8"), 0);
	assert_int_equal(network_parse(&v[2], "155.47.64.1"), 0);
	assert_int_equal(
	    check(&allow, 53, "155.47.64.1", "10.1.255.255"), REACH_OK);
	assert_int_equal(
	    check(&allow, 53, "155.47.64.1", "10.2.0.0"), REACH_NOT_GLOBAL);
	assert_int_equal(check(&allow, 53, "155.47.64.1", "fd12::1"), REACH_OK);
	assert_int_equal(
	    check(&allow, 53, "155.47.64.1", "155.47.64.1"), REACH_OK);
	assert_int_equal(
	    check(&allow, 53, "155.47.64.1", "10.1.0.1@54"), REACH_PORT);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(global_unicast_may_be_asked),
		cmocka_unit_test(everything_else_may_not),
		cmocka_unit_test(our_own_address_may_not),
		cmocka_unit_test(other_ports_may_not),
		cmocka_unit_test(allowed_networks_may_be_asked_after_all),
	};

	return cmocka_run_group_tests_name("reach", tests, NULL, NULL);
}
