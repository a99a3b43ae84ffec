/*
 * AXFR and IXFR answers, built here octet by octet from RFC 1035, 1995 and
 * 5936: what they say, and every way in which they can be wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reaperd/zone_stream.h"

enum { ID = 0x1234, APEX = 12 /* where the question's name stands */ };

/* ---- a message ---- */

struct message {
	uint8_t data[2048];
	size_t len;
};

static void
put(struct message *m, const void *bytes, size_t n)
{
	assert_true(m->len + n <= sizeof(m->data));
	memcpy(m->data + m->len, bytes, n);
	m->len += n;
}

static void
put_u16(struct message *m, unsigned x)
{
	uint8_t b[2] = { (uint8_t)(x >> 8), (uint8_t)x };

	put(m, b, sizeof(b));
}

static void
put_u32(struct message *m, uint32_t x)
{
	put_u16(m, x >> 16);
	put_u16(m, x & 0xffff);
}

static void
poke_u16(struct message *m, size_t at, unsigned x)
{
	m->data[at] = (uint8_t)(x >> 8);
	m->data[at + 1] = (uint8_t)x;
}

static struct message
answer(uint16_t type, unsigned rcode)
{
	struct message m = { .len = 0 };

	put_u16(&m, ID);
	put_u16(&m, 0x8400 | rcode); /* QR AA */
	put_u16(&m, 1);
	put_u16(&m, 0);
	put_u32(&m, 0);
	put(&m, "\7example\4test", 14); /* with the root's octet */
	put_u16(&m, type);
	put_u16(&m, 1);
	return m;
}

static void
count_record(struct message *m)
{
	poke_u16(m, 6, (unsigned)(m->data[6] << 8 | m->data[7]) + 1);
}

static void
rr_head(struct message *m, uint16_t type, unsigned rdlen)
{
	put_u16(m, type);
	put_u16(m, 1);
	put_u32(m, 60);
	put_u16(m, rdlen);
	count_record(m);
}

static void
soa(struct message *m, uint32_t serial)
{
	put_u16(m, 0xc000 | APEX);
	rr_head(m, DNS_SOA, 2 + 2 + 20);
	put_u16(m, 0xc000 | APEX);
	put_u16(m, 0xc000 | APEX);
	put_u32(m, serial);
	for (int i = 0; i < 4; i++)
		put_u32(m, 60);
}

/* A TXT record at <letter>.example.test that says <letter>. */
static void
txt(struct message *m, char letter)
{
	uint8_t label[2] = { 1, (uint8_t)letter };

	put(m, label, 2);
	put_u16(m, 0xc000 | APEX);
	rr_head(m, DNS_TXT, 2);
	put(m, label, 2);
}

static void
a_record(struct message *m)
{
	put_u16(m, 0xc000 | APEX);
	rr_head(m, DNS_A, 4);
	put_u32(m, 0x7f000001);
}

/* ---- what comes of it ---- */

/* Each event as a word: "whole", "+a", "-a". */
static char told[4096];
static int memory; /* events that find memory; negative: all */

static int
tell(const char *word, char letter)
{
	size_t n = strlen(told);

	if (memory == 0)
		return -1;
	memory -= memory > 0;
	snprintf(told + n, sizeof(told) - n, "%s%c ", word, letter);
	return 0;
}

static int
on_whole(void *arg)
{
	(void)arg;
	return tell("whole", ' ');
}

static int
on_add(void *arg, const struct dns_rr *rr)
{
	(void)arg;
	return tell("+", (char)rr->owner.wire[1]);
}

static int
on_remove(void *arg, const struct dns_rr *rr)
{
	(void)arg;
	return tell("-", (char)rr->owner.wire[1]);
}

static const struct zone_stream_events events = {
	.whole = on_whole,
	.add = on_add,
	.remove = on_remove,
};

static struct zone_stream
stream(uint16_t type, uint32_t have)
{
	struct zone_stream s = {
		.events = &events,
		.id = ID,
		.type = type,
		.have = have,
	};

	assert_int_equal(dns_name_parse(&s.zone, "example.test"), 0);
	zone_stream_begin(&s);
	told[0] = '\0';
	memory = -1;
	return s;
}

static void
expect(struct zone_stream *s, const struct message *m,
    enum zone_stream_result result, const char *words)
{
	assert_int_equal(zone_stream_message(s, m->data, m->len), result);
	assert_string_equal(told, words);
}

static void
expect_malformed(struct zone_stream *s, const struct message *m)
{
	assert_int_equal(
	    zone_stream_message(s, m->data, m->len), ZONE_STREAM_MALFORMED);
	assert_true(s->why[0] != '\0');
}

/* ---- right answers ---- */

static void
axfr_adds_all_text_records_and_nothing_else(void **state)
{
	struct zone_stream s = stream(DNS_AXFR, 0);
	struct message m = answer(DNS_AXFR, 0);

	(void)state;
	soa(&m, 7);
	txt(&m, 'a');
	a_record(&m);
	txt(&m, 'b');
	soa(&m, 7);
	expect(&s, &m, ZONE_STREAM_DONE, "whole  +a +b ");
	assert_int_equal(s.serial, 7);
	assert_true(s.whole);
}

/* RFC 5936 2.2: one record per message is allowed, too. */
static void
axfr_may_come_in_many_messages(void **state)
{
	struct zone_stream s = stream(DNS_AXFR, 0);
	struct message m = answer(DNS_AXFR, 0);

	(void)state;
	soa(&m, 7);
	expect(&s, &m, ZONE_STREAM_MORE, "whole  ");
	m = answer(DNS_AXFR, 0);
	txt(&m, 'a');
	expect(&s, &m, ZONE_STREAM_MORE, "whole  +a ");
	m = answer(DNS_AXFR, 0);
	soa(&m, 7);
	expect(&s, &m, ZONE_STREAM_DONE, "whole  +a ");
}

/* RFC 5936 2.2.1: only the first message must repeat the question. */
static void
later_messages_may_leave_out_the_question(void **state)
{
	struct zone_stream s = stream(DNS_AXFR, 0);
	struct message m = answer(DNS_AXFR, 0), bare = { .len = 0 };

	(void)state;
	soa(&m, 7);
	expect(&s, &m, ZONE_STREAM_MORE, "whole  ");
	put_u16(&bare, ID);
	put_u16(&bare, 0x8400);
	put_u32(&bare, 0);
	put_u32(&bare, 0);
	put(&bare, "\7example\4test", 14);
	rr_head(&bare, DNS_SOA, 1 + 1 + 20);
	put(&bare, "\0\0", 2);
	put_u32(&bare, 7);
	for (int i = 0; i < 4; i++)
		put_u32(&bare, 60);
	expect(&s, &bare, ZONE_STREAM_DONE, "whole  ");

	s = stream(DNS_AXFR, 0);
	expect_malformed(&s, &bare);
}

static void
ixfr_tells_what_went_and_what_came(void **state)
{
	struct zone_stream s = stream(DNS_IXFR, 5);
	struct message m = answer(DNS_IXFR, 0);

	(void)state;
	soa(&m, 7);
	soa(&m, 5);
	txt(&m, 'a');
	soa(&m, 6);
	txt(&m, 'b');
	a_record(&m);
	soa(&m, 6);
	txt(&m, 'b');
	soa(&m, 7);
	txt(&m, 'c');
	soa(&m, 7);
	expect(&s, &m, ZONE_STREAM_DONE, "-a +b -b +c ");
	assert_int_equal(s.serial, 7);
	assert_false(s.whole);
}

static void
ixfr_over_the_end_of_the_serials(void **state)
{
	struct zone_stream s = stream(DNS_IXFR, UINT32_MAX);
	struct message m = answer(DNS_IXFR, 0);

	(void)state;
	soa(&m, 3);
	soa(&m, UINT32_MAX);
	soa(&m, 3);
	txt(&m, 'a');
	soa(&m, 3);
	expect(&s, &m, ZONE_STREAM_DONE, "+a ");
	assert_int_equal(s.serial, 3);
}

static void
ixfr_answered_by_a_single_soa_means_nothing_new(void **state)
{
	struct zone_stream s = stream(DNS_IXFR, 5);
	struct message m = answer(DNS_IXFR, 0);

	(void)state;
	soa(&m, 5);
	expect(&s, &m, ZONE_STREAM_DONE, "");
	assert_int_equal(s.serial, 5);
}

static void
ixfr_answered_by_an_older_soa_is_told_apart(void **state)
{
	struct zone_stream s = stream(DNS_IXFR, 5);
	struct message m = answer(DNS_IXFR, 0);

	(void)state;
	soa(&m, 4);
	expect(&s, &m, ZONE_STREAM_OLDER, "");
}

static void
ixfr_answered_by_the_whole_zone(void **state)
{
	struct zone_stream s = stream(DNS_IXFR, 5);
	struct message m = answer(DNS_IXFR, 0);

	(void)state;
	soa(&m, 9);
	expect(&s, &m, ZONE_STREAM_MORE, "");
	m = answer(DNS_IXFR, 0);
	txt(&m, 'a');
	txt(&m, 'b');
	soa(&m, 9);
	expect(&s, &m, ZONE_STREAM_DONE, "whole  +a +b ");
	assert_true(s.whole);
}

static void
ixfr_answered_by_a_whole_zone_with_nothing_in_it(void **state)
{
	struct zone_stream s = stream(DNS_IXFR, 5);
	struct message m = answer(DNS_IXFR, 0);

	(void)state;
	soa(&m, 9);
	soa(&m, 9);
	expect(&s, &m, ZONE_STREAM_DONE, "whole  ");
}

static void
a_refusal_is_told_with_its_code(void **state)
{
	struct zone_stream s = stream(DNS_AXFR, 0);
	struct message m = answer(DNS_AXFR, DNS_REFUSED);

	(void)state;
	expect(&s, &m, ZONE_STREAM_REFUSED, "");
	assert_int_equal(s.rcode, DNS_REFUSED);
}

/* RFC 1982 3.2, with its examples for 32 bits. */
static void
serials_are_compared_as_rfc_1982_says(void **state)
{
	(void)state;
	assert_true(zone_serial_newer(1, 0));
	assert_true(zone_serial_newer(44, 0));
	assert_false(zone_serial_newer(0, 0));
	assert_false(zone_serial_newer(0, 1));
	assert_true(zone_serial_newer(0, UINT32_MAX));
	assert_true(zone_serial_newer(0x7fffffff, 0));
	assert_false(zone_serial_newer(0x80000000, 0));
	assert_false(zone_serial_newer(0x80000001, 0));
}

/* ---- wrong answers ---- */

static void
an_axfr_must_begin_with_the_soa(void **state)
{
	struct zone_stream s = stream(DNS_AXFR, 0);
	struct message m = answer(DNS_AXFR, 0);

	(void)state;
	txt(&m, 'a');
	expect_malformed(&s, &m);
	assert_string_equal(told, "");
}

static void
an_axfr_must_end_with_the_serial_it_began_with(void **state)
{
	struct zone_stream s = stream(DNS_AXFR, 0);
	struct message m = answer(DNS_AXFR, 0);

	(void)state;
	soa(&m, 7);
	txt(&m, 'a');
	soa(&m, 8);
	expect_malformed(&s, &m);
}

static void
nothing_may_follow_the_end(void **state)
{
	for (int with_soa = 0; with_soa < 2; with_soa++) {
		struct zone_stream s = stream(DNS_AXFR, 0);
		struct message m = answer(DNS_AXFR, 0);

		(void)state;
		soa(&m, 7);
		soa(&m, 7);
		if (with_soa)
			soa(&m, 7);
		else
			txt(&m, 'a');
		expect_malformed(&s, &m);
	}
}

static void
differences_must_begin_where_we_are(void **state)
{
	struct zone_stream s = stream(DNS_IXFR, 5);
	struct message m = answer(DNS_IXFR, 0);

	(void)state;
	soa(&m, 7);
	soa(&m, 4);
	expect_malformed(&s, &m);
}

static void
differences_must_join(void **state)
{
	struct zone_stream s = stream(DNS_IXFR, 5);
	struct message m = answer(DNS_IXFR, 0);

	(void)state;
	soa(&m, 9);
	soa(&m, 5);
	soa(&m, 6);
	txt(&m, 'a');
	soa(&m, 7);
	expect_malformed(&s, &m);
}

static void
the_soa_must_be_the_zones(void **state)
{
	struct zone_stream s = stream(DNS_AXFR, 0);
	struct message m = answer(DNS_AXFR, 0);
	size_t at = m.len;

	(void)state;
	soa(&m, 7);
	poke_u16(&m, at, 0xc000 | (APEX + 8)); /* test. */
	expect_malformed(&s, &m);
}

static void
a_soa_with_other_rdata_is_refused(void **state)
{
	struct zone_stream s = stream(DNS_AXFR, 0);
	struct message m = answer(DNS_AXFR, 0);

	(void)state;
	put_u16(&m, 0xc000 | APEX);
	rr_head(&m, DNS_SOA, 2 + 2 + 21);
	put_u16(&m, 0xc000 | APEX);
	put_u16(&m, 0xc000 | APEX);
	put(&m, "012345678901234567890", 21);
	expect_malformed(&s, &m);
}

/* Each row breaks the header of an answer that is right without it. */
static void
a_header_that_is_not_the_answers_is_refused(void **state)
{
	static const struct {
		size_t at;
		unsigned value;
	} rows[] = {
		{ 0, ID + 1 }, /* another question's */
		{ 2, 0x0400 }, /* a query */
		{ 2, 0xac00 }, /* an UPDATE */
		{ 2, 0x8600 }, /* truncated */
		{ 4, 2 },      /* two questions */
		{ 4, 0 },      /* none in the first message */
		{ 6, 0 },      /* no record */
		{ 6, 3 },      /* more records than there are */
		{ APEX + 14, DNS_IXFR }, { APEX + 16, 3 }, /* class CH */
		{ APEX, 7 << 8 | 'f' },                    /* another name */
		{ APEX, 0xc000 | APEX }, /* a name that points to itself */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zone_stream s = stream(DNS_AXFR, 0);
		struct message m = answer(DNS_AXFR, 0);

		soa(&m, 7);
		soa(&m, 7);
		poke_u16(&m, rows[i].at, rows[i].value);
		expect_malformed(&s, &m);
	}
}

static void
truncated_answer_is_refused_at_every_length(void **state)
{
	struct message m = answer(DNS_IXFR, 0);

	(void)state;
	soa(&m, 7);
	soa(&m, 5);
	txt(&m, 'a');
	soa(&m, 7);
	txt(&m, 'b');
	soa(&m, 7);
	for (size_t n = 0; n < m.len; n++) {
		struct zone_stream s = stream(DNS_IXFR, 5);
		uint8_t *exact = test_malloc(n > 0 ? n : 1);

		memcpy(exact, m.data, n);
		assert_int_equal(
		    zone_stream_message(&s, exact, n), ZONE_STREAM_MALFORMED);
		test_free(exact);
	}
}

/* Any octet may be anything: it ends in some result and reads no further. */
static void
an_octet_changed_anywhere_does_no_harm(void **state)
{
	struct message m = answer(DNS_IXFR, 0);
	unsigned results[ZONE_STREAM__COUNT] = { 0 };

	(void)state;
	soa(&m, 7);
	soa(&m, 5);
	txt(&m, 'a');
	soa(&m, 7);
	txt(&m, 'b');
	soa(&m, 7);
	for (size_t i = 0; i < m.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			struct zone_stream s = stream(DNS_IXFR, 5);
			uint8_t *exact = test_malloc(m.len);

			memcpy(exact, m.data, m.len);
			exact[i] ^= (uint8_t)(1u << bit);
			results[zone_stream_message(&s, exact, m.len)]++;
			test_free(exact);
		}
	/* Changed times to live and texts are no mistake; counts are. */
	assert_true(results[ZONE_STREAM_DONE] > 0);
	assert_true(results[ZONE_STREAM_MALFORMED] > 0);
	assert_true(results[ZONE_STREAM_REFUSED] > 0);
	assert_int_equal(results[ZONE_STREAM_NO_MEMORY], 0);
}

static void
no_memory_ends_the_stream(void **state)
{
	(void)state;
	for (int n = 0; n < 3; n++) {
		struct zone_stream s = stream(DNS_AXFR, 0);
		struct message m = answer(DNS_AXFR, 0);

		soa(&m, 7);
		txt(&m, 'a');
		txt(&m, 'b');
		soa(&m, 7);
		memory = n;
		assert_int_equal(zone_stream_message(&s, m.data, m.len),
		    ZONE_STREAM_NO_MEMORY);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(axfr_adds_all_text_records_and_nothing_else),
		cmocka_unit_test(axfr_may_come_in_many_messages),
		cmocka_unit_test(later_messages_may_leave_out_the_question),
		cmocka_unit_test(ixfr_tells_what_went_and_what_came),
		cmocka_unit_test(ixfr_over_the_end_of_the_serials),
		cmocka_unit_test(
		    ixfr_answered_by_a_single_soa_means_nothing_new),
		cmocka_unit_test(ixfr_answered_by_an_older_soa_is_told_apart),
		cmocka_unit_test(ixfr_answered_by_the_whole_zone),
		cmocka_unit_test(
		    ixfr_answered_by_a_whole_zone_with_nothing_in_it),
		cmocka_unit_test(a_refusal_is_told_with_its_code),
		cmocka_unit_test(serials_are_compared_as_rfc_1982_says),
		cmocka_unit_test(an_axfr_must_begin_with_the_soa),
		cmocka_unit_test(
		    an_axfr_must_end_with_the_serial_it_began_with),
		cmocka_unit_test(nothing_may_follow_the_end),
		cmocka_unit_test(differences_must_begin_where_we_are),
		cmocka_unit_test(differences_must_join),
		cmocka_unit_test(the_soa_must_be_the_zones),
		cmocka_unit_test(a_soa_with_other_rdata_is_refused),
		cmocka_unit_test(a_header_that_is_not_the_answers_is_refused),
		cmocka_unit_test(truncated_answer_is_refused_at_every_length),
		cmocka_unit_test(an_octet_changed_anywhere_does_no_harm),
		cmocka_unit_test(no_memory_ends_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
