/*
 * The messages that we write, judged by a library that knows DNS: ldns reads
 * each one, and writes out the same octets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <ldns/ldns.h>
#include <string.h>

#include "common/dns_message.h"
#include "common/dns_packet.h"
#include "publishd/update_build.h"

static uint8_t msg[UPDATE_MAX];

/* The message as ldns has it; it must write the same, uncompressed. */
static ldns_pkt *
judged(size_t len)
{
	ldns_buffer *out = ldns_buffer_new(LDNS_MAX_PACKETLEN);
	ldns_pkt *pkt = NULL;

	assert_non_null(out);
	assert_int_equal(ldns_wire2pkt(&pkt, msg, len), LDNS_STATUS_OK);
	assert_int_equal(
	    ldns_pkt2buffer_wire_compress(out, pkt, NULL), LDNS_STATUS_OK);
	assert_int_equal(ldns_buffer_position(out), len);
	assert_memory_equal(ldns_buffer_begin(out), msg, len);
	ldns_buffer_free(out);
	return pkt;
}

static void
assert_query(const char *text, uint16_t type, uint16_t flags, unsigned edns)
{
	struct dns_name name;
	ldns_pkt *pkt;
	char *owner;

	assert_int_equal(dns_name_parse(&name, text), 0);
	pkt = judged(
	    dns_query_put(msg, sizeof(msg), 0xabcd, &name, type, flags, edns));
	owner = ldns_rdf2str(
	    ldns_rr_owner(ldns_rr_list_rr(ldns_pkt_question(pkt), 0)));
	assert_string_equal(owner, text);
	free(owner);
	assert_int_equal(ldns_pkt_id(pkt), 0xabcd);
	assert_int_equal(ldns_pkt_get_opcode(pkt), LDNS_PACKET_QUERY);
	assert_int_equal(ldns_pkt_rd(pkt), (flags & DNS_RD) != 0);
	assert_int_equal(ldns_pkt_ad(pkt), (flags & DNS_AD) != 0);
	assert_int_equal(ldns_pkt_edns(pkt), edns > 0);
	assert_int_equal(ldns_pkt_edns_udp_size(pkt), edns);
	ldns_pkt_free(pkt);
}

static void
queries_are_what_ldns_would_ask(void **state)
{
	static const uint16_t flags[] = { 0, DNS_RD, DNS_AD, DNS_RD | DNS_AD };
	static const char *const names[] = { ".", "test.",
		"_policy.dnsmail.xn--bcher-kva.test.",
		"12345678901234567890123456789012345678901234567890123456789012"
		"3"
		".a.b.c.test." };

	(void)state;
	for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++)
		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
			assert_query(names[n], DNS_TXT, flags[f], 1232);
			assert_query(names[n], DNS_SOA, flags[f], 0);
			assert_query(names[n], DNS_AXFR, flags[f], 0);
		}
}

/* Texts of each length to beyond four strings, added and removed by turns. */
static void
updates_are_what_ldns_would_send(void **state)
{
	static char text[1100];
	struct update_change c[3] = {
		{ .op = PUB_ADD, .ttl = 3600, .owner = "a.example.test" },
		{ .op = PUB_REMOVE, .ttl = 3600, .owner = "b-_1.example.test" },
		{ .op = PUB_ADD, .ttl = 0x7fffffff, .owner = "c.example.test" },
	};
	ldns_pkt *pkt;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	for (size_t n = 0; n <= sizeof(text); n++) {
		for (size_t i = 0; i < 3; i++) {
			c[i].text = text;
			c[i].text_len = n;
		}
		pkt = judged(
		    update_build(msg, sizeof(msg), 7, "example.test", c, 3));
		assert_int_equal(ldns_pkt_get_opcode(pkt), LDNS_PACKET_UPDATE);
		assert_int_equal(ldns_pkt_rd(pkt), 0);
		assert_int_equal(ldns_pkt_nscount(pkt), 3);
		ldns_pkt_free(pkt);
	}
}

/* Once something did not fit, a smaller one does not come in its place. */
static void
a_packet_that_was_full_stays_full(void **state)
{
	static const struct dns_header h = { .qd = 1 };
	struct dns_name root = { .len = 1 }, name;
	struct dns_packet p;

	(void)state;
	assert_int_equal(dns_name_parse(&name, "example.test"), 0);
	dns_packet_begin(&p, msg, 20, &h);
	dns_packet_question(&p, &name, DNS_TXT);
	dns_packet_question(&p, &root, DNS_TXT);
	assert_int_equal(dns_packet_done(&p), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_are_what_ldns_would_ask),
		cmocka_unit_test(updates_are_what_ldns_would_send),
		cmocka_unit_test(a_packet_that_was_full_stays_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
