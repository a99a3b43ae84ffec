/*
 * Which records of an answer are over their time, at the very second, and what
 * is none of ours. Answers are built octet by octet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reaperd/expired.h"

/* 2027-01-15 08:00:00 UTC, from date(1) */
enum { DATE = 1800000000, LIFETIME = 3600 };

#define TEXT_AT(time)                                                  \
	"To:claire@nonprofit.org*From:martha@e.test*date=Fri, 15 Jan " \
	"2027 " time " +0000"
#define TEXT TEXT_AT("08:00:00")

struct message {
	uint8_t data[8192];
	size_t len;
};

static void
put(struct message *m, const void *bytes, size_t n)
{
	assert_true(m->len + n <= sizeof(m->data));
	memcpy(m->data + m->len, bytes, n);
	m->len += n;
}

#define PUT(m, literal) put(m, literal, sizeof(literal) - 1)

static struct message
answer(uint8_t rcode)
{
	struct message m = { .len = 0 };
	uint8_t flags[4] = { 0, 1, 0x84, rcode };

	put(&m, flags, 4);
	PUT(&m, "\0\1\0\0\0\0\0\0\1a\1e\4test\0\0\x10\0\1");
	return m;
}

/* A TXT record at the question's name, in strings of `most` octets. */
static void
txt(struct message *m, const char *text, size_t len, size_t most)
{
	size_t rdlen = len + (len + most - 1) / most;
	uint8_t length[2] = { (uint8_t)(rdlen >> 8), (uint8_t)rdlen };

	m->data[7]++;
	PUT(m, "\xc0\x0c\0\x10\0\1\0\0\0\x3c");
	put(m, length, 2);
	for (size_t n; len > 0; text += n, len -= n) {
		n = len < most ? len : most;
		put(m, &(uint8_t){ (uint8_t)n }, 1);
		put(m, text, n);
	}
}

/* ---- what was found ---- */

static struct zone_text found;
static size_t n_found;
static int64_t next;
static unsigned rcode;

static int
on_expired(void *arg, const struct zone_text *text)
{
	(void)arg;
	found = *text;
	n_found++;
	return 0;
}

static enum expired_result
read_at(const struct message *m, time_t now)
{
	struct dns_name owner;

	n_found = 0;
	assert_int_equal(dns_name_parse(&owner, "a.e.test"), 0);
	return expired_read(m->data, m->len, &owner, LIFETIME, now, on_expired,
	    NULL, &next, &rcode);
}

static void
expect(const struct message *m, time_t now, size_t expired)
{
	assert_int_equal(read_at(m, now), EXPIRED_READ);
	assert_int_equal(n_found, expired);
}

/* protocol.md 8: now - date > lifetime */
static void
a_record_is_expired_from_one_second_after_its_lifetime(void **state)
{
	struct message m = answer(DNS_NOERROR);

	(void)state;
	txt(&m, TEXT, strlen(TEXT), 255);
	expect(&m, DATE + LIFETIME, 0);
	assert_true(next == DATE + LIFETIME + 1);
	expect(&m, DATE + LIFETIME + 1, 1);
	assert_true(next == INT64_MAX);
	assert_int_equal(found.len, strlen(TEXT));
	assert_string_equal(found.text, TEXT);
	assert_int_equal(found.n_lengths, 0);
}

static void
the_earliest_of_those_that_stay_is_told(void **state)
{
	struct message m = answer(DNS_NOERROR);

	(void)state;
	txt(&m, TEXT_AT("09:00:00"), strlen(TEXT), 255);
	txt(&m, TEXT_AT("08:00:00"), strlen(TEXT), 255);
	txt(&m, TEXT_AT("08:30:00"), strlen(TEXT), 255);
	expect(&m, DATE + LIFETIME + 1, 1);
	assert_true(next == DATE + 1800 + LIFETIME + 1);
}

/* Lengths are told where they do not go without saying. */
static void
a_record_split_otherwise_keeps_its_lengths(void **state)
{
	struct message m = answer(DNS_NOERROR);

	(void)state;
	txt(&m, TEXT, strlen(TEXT), 40);
	expect(&m, DATE + LIFETIME + 1, 1);
	assert_string_equal(found.text, TEXT);
	assert_int_equal(found.n_lengths, (strlen(TEXT) + 39) / 40);
	assert_int_equal(found.lengths[0], 40);
	assert_int_equal(found.lengths[found.n_lengths - 1], strlen(TEXT) % 40);
}

static void
a_long_record_split_as_usual_has_no_lengths(void **state)
{
	char text[700];
	struct message m = answer(DNS_NOERROR);

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, TEXT "*note=", strlen(TEXT "*note="));
	txt(&m, text, sizeof(text), 255);
	expect(&m, DATE + LIFETIME + 1, 1);
	assert_int_equal(found.len, sizeof(text));
	assert_int_equal(found.n_lengths, 0);
}

static void
what_is_no_message_record_is_not_seen(void **state)
{
	static const char zero[] = TEXT "*note=\0";
	char big[PUBLISH_TEXT_MAX + 1];
	struct message m = answer(DNS_NOERROR);

	(void)state;
	memset(big, 'x', sizeof(big));
	memcpy(big, TEXT "*note=", strlen(TEXT "*note="));
	txt(&m, "v=spf1 -all", 11, 255);
	txt(&m, TEXT, strlen(TEXT) - 20, 255);
	txt(&m, zero, sizeof(zero) - 1, 255);
	txt(&m, big, sizeof(big), 255);
	txt(&m, TEXT, strlen(TEXT), 1); /* more strings than are kept */
	expect(&m, DATE + 10 * LIFETIME, 0);
	assert_true(next == INT64_MAX);
}

static void
a_record_at_another_name_is_not_seen(void **state)
{
	struct message m = answer(DNS_NOERROR);
	size_t at = m.len;

	(void)state;
	txt(&m, TEXT, strlen(TEXT), 255);
	m.data[at + 1] = 14; /* e.test */
	expect(&m, DATE + 10 * LIFETIME, 0);
}

static void
no_such_name_is_an_answer(void **state)
{
	struct message m = answer(DNS_NXDOMAIN);

	(void)state;
	expect(&m, DATE, 0);
	assert_true(next == INT64_MAX);
}

static void
a_failure_is_none(void **state)
{
	struct message m = answer(DNS_REFUSED);

	(void)state;
	assert_int_equal(read_at(&m, DATE), EXPIRED_NO_ANSWER);
	assert_int_equal(rcode, DNS_REFUSED);
}

static void
an_answer_to_something_else_is_none(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} rows[] = {
		{ 2, 0x04 }, /* a query */
		{ 2, 0x86 }, /* truncated */
		{ 5, 2 },    /* two questions */
		{ 13, 'b' }, /* another name */
		{ 22, 1 },   /* another type */
		{ 24, 3 },   /* another class */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct message m = answer(DNS_NOERROR);

		txt(&m, TEXT, strlen(TEXT), 255);
		m.data[rows[i].at] = rows[i].value;
		assert_int_equal(
		    read_at(&m, DATE + 10 * LIFETIME), EXPIRED_NO_ANSWER);
		assert_int_equal(n_found, 0);
	}
}

static void
truncated_answer_is_none_at_every_length(void **state)
{
	struct message m = answer(DNS_NOERROR);
	size_t whole;

	(void)state;
	txt(&m, TEXT, strlen(TEXT), 255);
	whole = m.len;
	for (m.len = 0; m.len < whole; m.len++)
		assert_int_equal(read_at(&m, DATE), EXPIRED_NO_ANSWER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_record_is_expired_from_one_second_after_its_lifetime),
		cmocka_unit_test(the_earliest_of_those_that_stay_is_told),
		cmocka_unit_test(a_record_split_otherwise_keeps_its_lengths),
		cmocka_unit_test(a_long_record_split_as_usual_has_no_lengths),
		cmocka_unit_test(what_is_no_message_record_is_not_seen),
		cmocka_unit_test(a_record_at_another_name_is_not_seen),
		cmocka_unit_test(no_such_name_is_an_answer),
		cmocka_unit_test(a_failure_is_none),
		cmocka_unit_test(an_answer_to_something_else_is_none),
		cmocka_unit_test(truncated_answer_is_none_at_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
