/* Answers to an UPDATE: messages written by hand from RFC 2136 and RFC 8945. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "publishd/update_answer.h"

/* QR, opcode 5 (UPDATE), rcode; all counts 0: RFC 2136 3.8 lets it be bare. */
static const uint8_t *
answer(unsigned rcode)
{
	static uint8_t msg[12];

	memset(msg, 0, sizeof(msg));
	msg[0] = 0x12;
	msg[1] = 0x34;
	msg[2] = 0xa8;
	msg[3] = (uint8_t)rcode;
	return msg;
}

static enum update_outcome
read_answer(unsigned rcode, enum tsig_result verified, unsigned error,
    int64_t skew, char *why)
{
	struct tsig_detail detail = { .error = error, .skew = skew };

	return update_answer_read(
	    answer(rcode), 12, verified, &detail, why, 200);
}

static void
only_a_response_to_an_update_has_an_id(void **state)
{
	uint8_t msg[12];

	(void)state;
	memcpy(msg, answer(0), sizeof(msg));
	assert_int_equal(update_answer_id(msg, 12), 0x1234);
	for (size_t len = 0; len < 12; len++)
		assert_int_equal(update_answer_id(msg, len), -1);
	msg[2] = 0x28; /* a request */
	assert_int_equal(update_answer_id(msg, 12), -1);
	msg[2] = 0x80; /* an answer to a query */
	assert_int_equal(update_answer_id(msg, 12), -1);
	msg[2] = 0xa0; /* to a NOTIFY */
	assert_int_equal(update_answer_id(msg, 12), -1);
}

static void
each_code_has_its_outcome_and_its_name_in_words(void **state)
{
	/* A code that speaks of the content may be one record's fault; one
	   that speaks of server, zone or key is not (RFC 2136 2.2). */
	static const struct {
		unsigned rcode;
		enum update_outcome outcome;
		const char *name;
	} rows[] = {
		{ 0, UPDATE_ACCEPTED, "" },
		{ 1, UPDATE_REFUSED, "FORMERR" },
		{ 2, UPDATE_REFUSED, "SERVFAIL" },
		{ 4, UPDATE_FAILED, "NOTIMP" },
		{ 5, UPDATE_REFUSED, "REFUSED" },
		{ 6, UPDATE_REFUSED, "YXDOMAIN" },
		{ 7, UPDATE_REFUSED, "YXRRSET" },
		{ 8, UPDATE_REFUSED, "NXRRSET" },
		{ 9, UPDATE_FAILED, "NOTAUTH" },
		{ 10, UPDATE_REFUSED, "NOTZONE" },
		{ 15, UPDATE_FAILED, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char why[200] = "";

		assert_int_equal(read_answer(rows[i].rcode, TSIG_OK, 0, 0, why),
		    rows[i].outcome);
		assert_non_null(strstr(why, rows[i].name));
	}
}

static void
nothing_unverified_is_accepted_or_blamed_on_a_record(void **state)
{
	char why[200];

	(void)state;
	for (unsigned rcode = 0; rcode < 16; rcode++)
		for (unsigned v = TSIG_OK + 1; v < TSIG__COUNT; v++)
			assert_int_equal(
			    read_answer(rcode, (enum tsig_result)v, 0, 0, why),
			    UPDATE_FAILED);
}

static void
skew_is_told_in_seconds_whichever_clock_is_ahead(void **state)
{
	char why[200];

	(void)state;
	read_answer(9, TSIG_BADTIME, 18, 611, why);
	assert_string_equal(why, "NOTAUTH/BADTIME, its clock differs by 611 s");
	read_answer(9, TSIG_BADTIME, 18, -611, why);
	assert_string_equal(why, "NOTAUTH/BADTIME, its clock differs by 611 s");
}

static void
key_trouble_is_told_in_words(void **state)
{
	char why[200];

	(void)state;
	read_answer(9, TSIG_BADKEY, 17, 0, why);
	assert_non_null(strstr(why, "NOTAUTH/BADKEY"));
	assert_non_null(strstr(why, "does not have our key"));
	read_answer(9, TSIG_BADSIG, 16, 0, why);
	assert_non_null(strstr(why, "NOTAUTH/BADSIG"));
	assert_non_null(strstr(why, "secret"));
	read_answer(0, TSIG_BADSIG, 0, 0, why);
	assert_non_null(strstr(why, "not to be believed: BADSIG"));
	read_answer(0, TSIG_UNSIGNED, 0, 0, why);
	assert_non_null(strstr(why, "not to be believed"));
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(only_a_response_to_an_update_has_an_id),
	cmocka_unit_test(each_code_has_its_outcome_and_its_name_in_words),
	cmocka_unit_test(nothing_unverified_is_accepted_or_blamed_on_a_record),
	cmocka_unit_test(skew_is_told_in_seconds_whichever_clock_is_ahead),
	cmocka_unit_test(key_trouble_is_told_in_words),
};

int
main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
