/* Addresses and networks as protocol.md 2.4 and design.md 4 write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "common/net_address.h"

static struct net_address
address(const char *text)
{
	struct net_address a;

	if (net_address_parse(&a, text, strlen(text)) == -1)
		fail_msg("%s is an address", text);
	return a;
}

static unsigned
port_of(const char *text)
{
	struct net_address a = address(text);

	return net_address_port(&a);
}

static void
port_is_53_unless_it_is_given(void **state)
{
	(void)state;
	assert_int_equal(port_of("155.47.64.164"), 53);
	assert_int_equal(port_of("2001:db8::5@5353"), 5353);
	assert_int_equal(port_of("127.0.0.1@65535"), 65535);
}

static void
text_is_what_was_parsed(void **state)
{
	static const char *const same[] = { "127.0.0.1@53", "10.0.0.255@1",
		"2001:db8::5@53", "::@65535", "::ffff:1.2.3.4@53" };
	char buf[NET_ADDRESS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct net_address a = address(same[i]);

		assert_string_equal(net_address_text(&a, buf), same[i]);
	}
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = { "", "@", "@53", "1.2.3",
		"1.2.3.4@", "1.2.3.4@0", "1.2.3.4@65536", "1.2.3.4@+5",
		"1.2.3.4@5 ", "1.2.3.4@-1", " 1.2.3.4", "1.2.3.4 ", "1.2.3.256",
		"01.2.3.4", "ns.example.test", "::1%lo", "[::1]",
		"1.2.3.4@53@53", "1.2.3.4@4294967349", "2001:db8:::5", "127.1",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999",
		"0000000000000000000000000000000000000000000000000001" };
	struct net_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (net_address_parse(&a, wrong[i], strlen(wrong[i])) != -1)
			fail_msg("\"%s\" was taken for an address", wrong[i]);
	assert_int_equal(net_address_parse(&a, "1.2.3.4\0x", 9), -1);
}

static void
only_the_given_octets_are_read(void **state)
{
	struct net_address a, b = address("1.2.3.4");

	(void)state;
	assert_int_equal(net_address_parse(&a, "1.2.3.45@99", 7), 0);
	assert_true(net_address_equal(&a, &b));
}

static void
addresses_are_equal_by_address_and_port(void **state)
{
	struct net_address a = address("1.2.3.4@5"), b = address("1.2.3.4@6"),
			   c = address("1.2.3.5@5"), d = address("::1@5"),
			   e = address("0:0::0:1@5");

	(void)state;
	assert_true(net_address_equal(&a, &a));
	assert_false(net_address_equal(&a, &b));
	assert_false(net_address_equal(&a, &c));
	assert_false(net_address_equal(&a, &d));
	assert_true(net_address_equal(&d, &e));
}

static bool
holds(const char *text, const char *host)
{
	struct net_address a = address(host);
	struct network net;

	if (network_parse(&net, text) == -1)
		fail_msg("%s is a network", text);
	return network_contains(&net, &a);
}

static void
network_holds_what_shares_its_bits(void **state)
{
	(void)state;
	assert_true(holds("127.0.0.0/8", "127.255.1.2"));
	assert_false(holds("127.0.0.0/8", "128.0.0.1"));
	assert_true(holds("10.1.2.128/25", "10.1.2.255"));
	assert_false(holds("10.1.2.128/25", "10.1.2.127"));
	assert_true(holds("1.2.3.4", "1.2.3.4"));
	assert_false(holds("1.2.3.4", "1.2.3.5"));
	assert_true(holds("0.0.0.0/0", "255.255.255.255"));
	assert_false(holds("0.0.0.0/0", "2001:db8::1"));
	assert_true(holds("fe80::/10", "febf::1"));
	assert_false(holds("fe80::/10", "fec0::1"));
	assert_true(holds("::1/128", "::1"));
	assert_true(holds("::/0", "2001:db8::1"));
}

/* A socket for both families sees IPv4 clients as ::ffff:a.b.c.d. */
static void
ipv4_network_holds_the_mapped_form(void **state)
{
	(void)state;
	assert_true(holds("127.0.0.0/8", "::ffff:127.0.0.1"));
	assert_false(holds("127.0.0.0/8", "::ffff:128.0.0.1"));
	assert_true(holds("::ffff:0:0/96", "::ffff:9.9.9.9"));
	assert_false(holds("::ffff:0:0/96", "9.9.9.9"));
}

static void
what_is_no_network_is_refused(void **state)
{
	static const char *const wrong[] = { "", "/8", "1.2.3.4/", "1.2.3.4/33",
		"::/129", "10.0.0.1/8", "10.1.0.0/15", "fe80::1/64", "a/8",
		"1.2.3.4/-1", "1.2.3.4/8x", "1.2.3/24", "1.2.3.0/24/24" };
	struct network net;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (network_parse(&net, wrong[i]) != -1)
			fail_msg("\"%s\" was taken for a network", wrong[i]);
}

static void
any_of_several_networks_will_do(void **state)
{
	struct network v[2];
	struct networks nets = { v, 2 }, none = { NULL, 0 };
	struct net_address a = address("10.9.9.9"), b = address("11.0.0.1");

	(void)state;
	assert_int_equal(network_parse(&v[0], "::1"), 0);
	assert_int_equal(network_parse(&v[1], "10.0.0.0/8"), 0);
	assert_true(networks_contain(&nets, &a));
	assert_false(networks_contain(&nets, &b));
	assert_false(networks_contain(&none, &a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(port_is_53_unless_it_is_given),
		cmocka_unit_test(text_is_what_was_parsed),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(only_the_given_octets_are_read),
		cmocka_unit_test(addresses_are_equal_by_address_and_port),
		cmocka_unit_test(network_holds_what_shares_its_bits),
		cmocka_unit_test(ipv4_network_holds_the_mapped_form),
		cmocka_unit_test(what_is_no_network_is_refused),
		cmocka_unit_test(any_of_several_networks_will_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
