/*
 * The UPDATE that shows how far the key reaches: it deletes one exact record
 * (RFC 2136 2.5.4: class NONE, TTL 0, with data), whose data is random.
 */
#include "publishd/reach_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/dns_message.h"

static char name[] = "example.test", zone[] = "test";
static const struct config_domain domain = { .name = name, .zone = zone };
static const uint8_t random[REACH_RANDOM] = { 0xab, 0xcd, [15] = 0xef };

static const struct {
	enum probe_reach reach;
	const char *owner;
	unsigned type;
} rows[] = {
	{ PROBE_APEX_MX, "test", 15 },
	{ PROBE_APEX_TXT, "test", 16 },
	{ PROBE_WWW, "www.example.test", 28 },
	{ PROBE_DMARC, "_dmarc.example.test", 16 },
	{ PROBE_LIST, "dnsmail.example.test", 16 },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void
read_back(
    size_t row, const uint8_t *random_octets, struct dns_rr *rr, uint8_t *msg)
{
	struct dns_reader r;
	struct dns_header h;
	struct dns_name n;
	uint16_t type, class;
	size_t len = reach_build(msg, REACH_UPDATE_MAX, 4711, &domain,
	    rows[row].reach, random_octets);

	assert_true(len > 0);
	assert_int_equal(dns_reader_open(&r, msg, len, &h), 0);
	assert_int_equal(h.id, 4711);
	assert_int_equal(h.flags, 5 << 11);
	assert_int_equal(h.qd, 1);
	assert_int_equal(h.an, 0);
	assert_int_equal(h.ns, 1);
	assert_int_equal(h.ar, 0);
	assert_int_equal(dns_reader_question(&r, &n, &type, &class), 0);
	assert_int_equal(type, DNS_SOA);
	assert_int_equal(class, DNS_IN);
	assert_int_equal(dns_reader_rr(&r, rr), 0);
	assert_int_equal(r.pos, len);
}

static void
each_deletes_one_exact_record_where_it_says(void **state)
{
	uint8_t msg[REACH_UPDATE_MAX];
	char text[1024];
	struct dns_rr rr;

	(void)state;
	assert_int_equal(ROWS, PROBE_REACH__COUNT);
	for (size_t i = 0; i < ROWS; i++) {
		read_back(i, random, &rr, msg);
		assert_string_equal(
		    dns_name_text(&rr.owner, text), rows[i].owner);
		assert_int_equal(rr.type, rows[i].type);
		assert_int_equal(rr.class, DNS_CLASS_NONE);
		assert_int_equal(rr.ttl, 0);
		/* Without data it would delete the whole set. */
		assert_true(rr.rdlen >= 16);
	}
}

static void
other_random_octets_make_another_record(void **state)
{
	uint8_t one[REACH_UPDATE_MAX], two[REACH_UPDATE_MAX];
	uint8_t other[REACH_RANDOM] = { 0xab, 0xce };
	struct dns_rr a, b;

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		read_back(i, random, &a, one);
		read_back(i, other, &b, two);
		assert_int_equal(a.rdlen, b.rdlen);
		assert_memory_not_equal(a.rdata, b.rdata, a.rdlen);
	}
}

static void
what_does_not_fit_is_not_built(void **state)
{
	uint8_t msg[REACH_UPDATE_MAX];
	size_t len =
	    reach_build(msg, sizeof(msg), 1, &domain, PROBE_APEX_MX, random);

	(void)state;
	for (size_t size = 0; size < len; size++)
		assert_int_equal(
		    reach_build(msg, size, 1, &domain, PROBE_APEX_MX, random),
		    0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_deletes_one_exact_record_where_it_says),
		cmocka_unit_test(other_random_octets_make_another_record),
		cmocka_unit_test(what_does_not_fit_is_not_built),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
