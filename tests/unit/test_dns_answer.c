/*
 * dns_answer: only what answers our question counts, and only when whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those first */
#include <cmocka.h>

#include <string.h>

#include "common/dns_answer.h"

static struct dns_question question;

/* a.test TXT "hi", an OPT with no upper bits of the rcode after it. */
static const uint8_t good[] = {
	0x12, 0x34, 0x84, 0x20, 0, 1, 0, 1, 0, 0, 0, 1, /* AA, AD */
	1, 'A', 4, 't', 'e', 's', 't', 0, 0, 16, 0, 1,  /* 12 */
	0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 3, 2, 'h', 'i', 0, 0, 41, 4,
	0xd0, 0, 0, 0, 0, 0, 0, /* 39 */
};
enum { QUESTION_END = 24, OPT_RCODE = 44 };

static struct dns_answer
read_answer(const uint8_t *msg, size_t len)
{
	struct dns_answer a;

	memset(&question, 0, sizeof(question));
	dns_name_parse(&question.name, "a.test");
	question.type = DNS_TXT;
	dns_answer_read(&a, msg, len, 0x1234, &question);
	assert_non_null(a.why);
	return a;
}

/* The good one with one octet different, up to len. */
static struct dns_answer
read_changed(size_t at, uint8_t octet, size_t len)
{
	uint8_t msg[sizeof(good)];

	memcpy(msg, good, sizeof(msg));
	msg[at] = octet;
	return read_answer(msg, len);
}

static void
answer_to_our_question_is_whole(void **state)
{
	struct dns_answer a = read_answer(good, sizeof(good));

	(void)state;
	assert_int_equal(a.kind, DNS_ANSWER_WHOLE);
	assert_int_equal(a.rcode, DNS_NOERROR);
	assert_int_equal(a.flags & (DNS_AA | DNS_AD), DNS_AA | DNS_AD);
}

static void
what_is_not_ours_is_a_stray(void **state)
{
	static const struct {
		size_t at;
		uint8_t octet;
		const char *what;
	} cases[] = {
		{ 0, 0x13, "another ID" },
		{ 1, 0x35, "another ID" },
		{ 2, 0x04, "a query" },
		{ 2, 0xac, "an UPDATE's answer" },
		{ 5, 2, "two questions" },
		{ 5, 0, "an answer without question" },
		{ 13, 'b', "another name" },
		{ 21, 15, "another type" },
		{ 23, 3, "another class" },
		{ 12, 0xc0, "a question that cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (read_changed(cases[i].at, cases[i].octet, sizeof(good))
			.kind != DNS_ANSWER_STRAY)
			fail_msg("%s: not a stray", cases[i].what);
	for (size_t n = 0; n < QUESTION_END; n++)
		assert_int_equal(read_answer(good, n).kind, DNS_ANSWER_STRAY);
}

static void
every_prefix_with_our_question_is_broken(void **state)
{
	(void)state;
	for (size_t n = QUESTION_END; n < sizeof(good); n++)
		assert_int_equal(read_answer(good, n).kind, DNS_ANSWER_BROKEN);
}

static void
octets_after_the_last_record_are_broken(void **state)
{
	uint8_t msg[sizeof(good) + 1] = { 0 };

	(void)state;
	memcpy(msg, good, sizeof(good));
	assert_int_equal(read_answer(msg, sizeof(msg)).kind, DNS_ANSWER_BROKEN);
}

/* Servers may cut in the middle of a record: then TC alone must do. */
static void
truncated_answer_is_cut_wherever_it_ends(void **state)
{
	(void)state;
	for (size_t n = QUESTION_END; n <= sizeof(good); n++)
		assert_int_equal(read_changed(2, 0x86, n).kind, DNS_ANSWER_CUT);
}

static void
only_refusals_may_leave_the_question_out(void **state)
{
	uint8_t msg[12] = { 0x12, 0x34, 0x80 };

	(void)state;
	for (uint8_t rcode = 0; rcode < 16; rcode++) {
		bool claims = rcode == DNS_NOERROR || rcode == DNS_NXDOMAIN;
		struct dns_answer a;

		msg[3] = rcode;
		a = read_answer(msg, sizeof(msg));
		assert_int_equal(
		    a.kind, claims ? DNS_ANSWER_STRAY : DNS_ANSWER_WHOLE);
	}
}

/* Else BADVERS would look like NOERROR without a record. */
static void
upper_bits_of_the_rcode_are_seen(void **state)
{
	struct dns_answer a = read_changed(OPT_RCODE, 1, sizeof(good));

	(void)state;
	assert_int_equal(a.kind, DNS_ANSWER_WHOLE);
	assert_int_equal(a.rcode, DNS_BADVERS);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_to_our_question_is_whole),
		cmocka_unit_test(what_is_not_ours_is_a_stray),
		cmocka_unit_test(every_prefix_with_our_question_is_broken),
		cmocka_unit_test(octets_after_the_last_record_are_broken),
		cmocka_unit_test(truncated_answer_is_cut_wherever_it_ends),
		cmocka_unit_test(only_refusals_may_leave_the_question_out),
		cmocka_unit_test(upper_bits_of_the_rcode_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
