/*
 * The requests octet by octet, and which messages of an answer count when:
 * only what a signature has vouched for. Answers are signed here as a server
 * does, with the MAC of what came before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/tsig.h"
#include "reaperd/transfer.h"

enum { ID = 0x1234, NOW = 1800000000, LIFETIME = 3600 };

static const uint8_t hash_key[EXPIRY_KEY];
#define SECRET "secret-for-tests"
static const char key_text[] = "key \"k\" { algorithm hmac-sha256; "
			       "secret \"c2VjcmV0LWZvci10ZXN0cw==\"; };";

/* 2027-01-15 08:00:00 UTC is NOW. */
#define RECORD                                             \
	"To:claire@nonprofit.org*From:martha@e.test*date=" \
	"Fri, 15 Jan 2027 07:30:00 +0000"

static struct tsig_key *key;
static struct zone *zone;
static struct transfer transfer;
static uint8_t request[TRANSFER_REQUEST_MAX];
static char why[TRANSFER_WHY_MAX];

static int
begin(void **state)
{
	struct net_address primary = { 0 };
	char reason[200];

	(void)state;
	key =
	    tsig_key_parse(key_text, strlen(key_text), reason, sizeof(reason));
	zone = zone_new(
	    "e.test", &(struct net_addresses){ &primary, 1 }, hash_key);
	assert_non_null(key);
	assert_non_null(zone);
	assert_int_equal(zone_add_domain(zone, "e.test", LIFETIME), 0);
	transfer = (struct transfer){ .zone = zone, .key = key };
	return 0;
}

static int
end(void **state)
{
	(void)state;
	transfer_end(&transfer);
	zone_free(zone);
	tsig_key_free(key);
	return 0;
}

/* ---- answers ---- */

struct message {
	uint8_t data[4096];
	size_t len;
};

static void
put(struct message *m, const void *bytes, size_t n)
{
	memcpy(m->data + m->len, bytes, n);
	m->len += n;
}

#define PUT(m, literal) put(m, literal, sizeof(literal) - 1)

static struct message
answer(uint8_t type, uint8_t rcode)
{
	struct message m = { .len = 0 };
	uint8_t flags[2] = { 0x84, rcode }, types[4] = { 0, type, 0, 1 };

	PUT(&m, "\x12\x34");
	put(&m, flags, 2);
	PUT(&m, "\0\1\0\0\0\0\0\0\1e\4test\0");
	put(&m, types, 4);
	return m;
}

static void
soa(struct message *m, uint8_t serial)
{
	uint8_t tail[4] = { 0, 0, 0, serial };

	m->data[7]++;
	PUT(m, "\xc0\x0c\0\6\0\1\0\0\0\x3c\0\x16\0\0");
	put(m, tail, 4);
	PUT(m, "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1");
}

/* A message record at <letter>.e.test */
static void
record(struct message *m, char letter)
{
	uint8_t label[2] = { 1, (uint8_t)letter };
	uint8_t length[3] = { 0, sizeof(RECORD), sizeof(RECORD) - 1 };

	m->data[7]++;
	put(m, label, 2);
	PUT(m, "\xc0\x0c\0\x10\0\1\0\0\0\x3c");
	put(m, length, 3);
	PUT(m, RECORD);
}

static enum transfer_result
give(const struct message *m, uint64_t now)
{
	return transfer_message(&transfer, m->data, m->len, now, why);
}

static size_t
begin_type(uint16_t type)
{
	size_t len = transfer_begin(&transfer, type, ID, NOW, request);

	assert_true(len > 0);
	return len;
}

static void
begin_unsigned(uint16_t type)
{
	transfer.key = NULL;
	begin_type(type);
}

/* ---- requests ---- */

static void
an_ixfr_names_the_serial_that_we_have(void **state)
{
	static const char expected[] = "\x12\x34\0\0\0\1\0\0\0\1\0\0"
				       "\1e\4test\0\0\xfb\0\1"
				       "\xc0\x0c\0\6\0\1\0\0\0\0\0\x16"
				       "\0\0\x01\x02\x03\x04"
				       "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	size_t len;

	(void)state;
	transfer.key = NULL;
	zone->serial = 0x01020304;
	len = begin_type(DNS_IXFR);
	assert_int_equal(len, sizeof(expected) - 1);
	assert_memory_equal(request, expected, len);
}

static void
an_axfr_is_signed_when_there_is_a_key(void **state)
{
	size_t len = begin_type(DNS_AXFR);
	struct dns_reader r;
	struct dns_header h;
	struct dns_name name;
	struct dns_rr rr;
	uint16_t type, class;

	(void)state;
	assert_int_equal(dns_reader_open(&r, request, len, &h), 0);
	assert_int_equal(dns_reader_question(&r, &name, &type, &class), 0);
	assert_int_equal(type, DNS_AXFR);
	assert_int_equal(h.ar, 1);
	assert_int_equal(dns_reader_rr(&r, &rr), 0);
	assert_int_equal(rr.type, DNS_TSIG);
}

/* ---- unsigned answers ---- */

static void
a_soa_answer_gives_the_serial(void **state)
{
	struct message m = answer(DNS_SOA, 0);

	(void)state;
	begin_unsigned(DNS_SOA);
	soa(&m, 9);
	assert_int_equal(give(&m, NOW), TRANSFER_DONE);
	assert_int_equal(transfer.serial, 9);
}

static void
a_soa_answer_without_it_fails(void **state)
{
	struct message m = answer(DNS_SOA, 0);

	(void)state;
	begin_unsigned(DNS_SOA);
	assert_int_equal(give(&m, NOW), TRANSFER_FAILED);
	m = answer(DNS_SOA, 0);
	record(&m, 'a');
	assert_int_equal(give(&m, NOW), TRANSFER_FAILED);
}

static void
an_axfr_fills_the_zone(void **state)
{
	struct message m = answer(DNS_AXFR, 0);
	struct expiry_name name;

	(void)state;
	begin_unsigned(DNS_AXFR);
	soa(&m, 9);
	record(&m, 'a');
	record(&m, 'b');
	soa(&m, 9);
	assert_int_equal(give(&m, NOW), TRANSFER_DONE);
	assert_int_equal(expiry_names(zone->index), 0);
	zone_commit(zone, transfer.serial);
	assert_int_equal(expiry_names(zone->index), 2);
	/* Dated half an hour before NOW, with a lifetime of one hour. */
	assert_false(expiry_take(zone->index, NOW + 1800, NOW, &name));
	assert_true(expiry_take(zone->index, NOW + 1801, NOW, &name));
}

static void
an_abandoned_axfr_leaves_what_was_known(void **state)
{
	struct message m = answer(DNS_AXFR, 0);

	(void)state;
	begin_unsigned(DNS_AXFR);
	soa(&m, 9);
	record(&m, 'a');
	soa(&m, 9);
	assert_int_equal(give(&m, NOW), TRANSFER_DONE);
	zone_commit(zone, transfer.serial);
	transfer_end(&transfer);
	begin_unsigned(DNS_AXFR);
	m = answer(DNS_AXFR, 0);
	soa(&m, 10);
	record(&m, 'b');
	record(&m, 'c');
	assert_int_equal(give(&m, NOW), TRANSFER_MORE);
	zone_abandon(zone);
	assert_int_equal(expiry_names(zone->index), 1);
	assert_false(zone->known);
}

static void
a_refusal_names_the_missing_key(void **state)
{
	struct message m = answer(DNS_AXFR, DNS_REFUSED);

	(void)state;
	begin_unsigned(DNS_AXFR);
	assert_int_equal(give(&m, NOW), TRANSFER_FAILED);
	assert_string_equal(why, "REFUSED, and no transfer key is configured");
}

/* ---- signed answers: RFC 8945 5.3.1, by these few lines ---- */

/* What the next MAC is over: the last one, and what was not signed since. */
static struct message under;
static bool first;

#define KEY_NAME  "\1k\0"
#define ALGORITHM "\x0bhmac-sha256\0"

static void
under_begin(const uint8_t *mac, size_t n)
{
	uint8_t length[2] = { 0, (uint8_t)n };

	under.len = 0;
	put(&under, length, 2);
	put(&under, mac, n);
}

static void
begin_signed(uint16_t type)
{
	begin_type(type);
	first = true;
	under_begin(transfer.mac.bytes, transfer.mac.len);
}

static void
add_tsig(struct message *m, const uint8_t timers[8], const uint8_t *mac)
{
	m->data[11]++;
	PUT(m, KEY_NAME "\0\xfa\0\xff\0\0\0\0");
	PUT(m, "\0\x3d" ALGORITHM); /* 61: 13 + 8 + 2 + 32 + 2 + 2 + 2 */
	put(m, timers, 8);
	PUT(m, "\0\x20");
	put(m, mac, 32);
	PUT(m, "\x12\x34\0\0\0\0");
}

/* Signed by a server whose clock shows `time`. */
static void
sign(struct message *m, uint32_t time)
{
	uint8_t timers[8] = { 0, 0, (uint8_t)(time >> 24),
		(uint8_t)(time >> 16), (uint8_t)(time >> 8), (uint8_t)time,
		0x01, 0x2c };
	uint8_t mac[32];

	put(&under, m->data, m->len);
	if (first)
		PUT(&under, KEY_NAME "\0\xff\0\0\0\0" ALGORITHM);
	put(&under, timers, 8);
	if (first)
		PUT(&under, "\0\0\0\0");
	first = false;
	assert_non_null(HMAC(EVP_sha256(), SECRET, sizeof(SECRET) - 1,
	    under.data, under.len, mac, NULL));
	add_tsig(m, timers, mac);
	under_begin(mac, sizeof(mac));
}

static void
leave_unsigned(const struct message *m)
{
	put(&under, m->data, m->len);
}

static void
a_signed_axfr_fills_the_zone(void **state)
{
	struct message m = answer(DNS_AXFR, 0);

	(void)state;
	begin_signed(DNS_AXFR);
	soa(&m, 9);
	record(&m, 'a');
	sign(&m, NOW);
	assert_int_equal(give(&m, NOW), TRANSFER_MORE);
	m = answer(DNS_AXFR, 0);
	soa(&m, 9);
	sign(&m, NOW);
	assert_int_equal(give(&m, NOW), TRANSFER_DONE);
	zone_commit(zone, transfer.serial);
	assert_int_equal(expiry_names(zone->index), 1);
}

static void
an_unsigned_message_counts_once_a_signature_has_come(void **state)
{
	struct message m = answer(DNS_AXFR, 0);

	(void)state;
	begin_signed(DNS_AXFR);
	soa(&m, 9);
	sign(&m, NOW);
	assert_int_equal(give(&m, NOW), TRANSFER_MORE);
	m = answer(DNS_AXFR, 0);
	record(&m, 'a');
	leave_unsigned(&m);
	assert_int_equal(give(&m, NOW), TRANSFER_MORE);
	assert_int_equal(expiry_names(zone->filling), 0);
	m = answer(DNS_AXFR, 0);
	record(&m, 'b');
	sign(&m, NOW);
	assert_int_equal(give(&m, NOW), TRANSFER_MORE);
	assert_int_equal(expiry_names(zone->filling), 2);
}

/* The end itself must be signed: RFC 8945 5.3.1. */
static void
an_unsigned_end_is_no_end(void **state)
{
	struct message m = answer(DNS_AXFR, 0);

	(void)state;
	begin_signed(DNS_AXFR);
	soa(&m, 9);
	sign(&m, NOW);
	assert_int_equal(give(&m, NOW), TRANSFER_MORE);
	m = answer(DNS_AXFR, 0);
	soa(&m, 9);
	leave_unsigned(&m);
	assert_int_equal(give(&m, NOW), TRANSFER_MORE);
	m = answer(DNS_AXFR, 0);
	record(&m, 'a');
	sign(&m, NOW);
	assert_int_equal(give(&m, NOW), TRANSFER_FAILED);
}

static void
an_unsigned_answer_does_not_count(void **state)
{
	struct message m = answer(DNS_AXFR, 0);

	(void)state;
	begin_signed(DNS_AXFR);
	soa(&m, 9);
	record(&m, 'a');
	soa(&m, 9);
	assert_int_equal(give(&m, NOW), TRANSFER_FAILED);
	assert_null(zone->filling);
}

static void
a_changed_octet_is_found_before_a_record_counts(void **state)
{
	(void)state;
	/* Not the ID: the TSIG RR has the one that was signed. */
	for (size_t at = 2; at < 60; at++) {
		struct message m = answer(DNS_AXFR, 0);

		transfer_end(&transfer);
		begin_signed(DNS_AXFR);
		soa(&m, 9);
		record(&m, 'a');
		soa(&m, 9);
		sign(&m, NOW);
		m.data[at] ^= 0x20;
		assert_int_equal(give(&m, NOW), TRANSFER_FAILED);
		assert_null(zone->filling);
	}
}

static void
a_clock_that_differs_is_told_by_how_much(void **state)
{
	struct message m = answer(DNS_AXFR, 0);

	(void)state;
	begin_signed(DNS_AXFR);
	soa(&m, 9);
	sign(&m, NOW + 611);
	assert_int_equal(give(&m, NOW), TRANSFER_FAILED);
	assert_non_null(strstr(why, "its clock differs by 611 s"));
	assert_null(zone->filling);
}

static void
a_refusal_under_signature_is_told(void **state)
{
	struct message m = answer(DNS_AXFR, DNS_REFUSED);

	(void)state;
	begin_signed(DNS_AXFR);
	sign(&m, NOW);
	assert_int_equal(give(&m, NOW), TRANSFER_FAILED);
	assert_string_equal(why, "REFUSED");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(an_ixfr_names_the_serial_that_we_have),
		TEST(an_axfr_is_signed_when_there_is_a_key),
		TEST(a_soa_answer_gives_the_serial),
		TEST(a_soa_answer_without_it_fails),
		TEST(an_axfr_fills_the_zone),
		TEST(an_abandoned_axfr_leaves_what_was_known),
		TEST(a_refusal_names_the_missing_key),
		TEST(a_signed_axfr_fills_the_zone),
		TEST(an_unsigned_message_counts_once_a_signature_has_come),
		TEST(an_unsigned_end_is_no_end),
		TEST(an_unsigned_answer_does_not_count),
		TEST(a_changed_octet_is_found_before_a_record_counts),
		TEST(a_clock_that_differs_is_told_by_how_much),
		TEST(a_refusal_under_signature_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
