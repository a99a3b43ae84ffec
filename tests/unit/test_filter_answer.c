/* filter/answer and filter/reply: from signerd's words to smtpd's. */
#include "filter/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/buffer.h"
#include "filter/reply.h"

static void
answer_ends_with_its_empty_line(void **state)
{
	static const char two[] = "action=DUNNO\n\naction=DUNNO\n\n";
	static const char crlf[] = "action=DUNNO\r\n\r\n";

	(void)state;
	assert_int_equal(answer_length(two, strlen(two)), 14);
	assert_int_equal(answer_length(crlf, strlen(crlf)), strlen(crlf));
	for (size_t n = 0; n < 14; n++)
		assert_int_equal(answer_length(two, n), 0);
}

/* What smtpd is told, and what goes on top; fields NULL: nothing may. */
static void
assert_reply(const char *answer, const char *text, const char *fields)
{
	char copy[512];
	struct answer a;
	struct reply r;

	strcpy(copy, answer);
	assert_int_equal(answer_parse(&a, copy, strlen(answer)), 0);
	reply_from(&r, &a);
	assert_string_equal(r.text, text);
	assert_int_equal(r.takes, strcmp(text, "proceed") == 0);
	if (fields == NULL)
		assert_null(r.fields);
	else
		assert_string_equal(r.fields, fields);
	free(r.fields);
}

static void
each_action_becomes_a_reply(void **state)
{
	static const struct {
		const char *answer, *text, *fields;
	} rows[] = {
		{ "action=DUNNO\n\n", "proceed", NULL },
		{ "action=PREPEND DNS-Mail-ID: a.b.test\n\n", "proceed",
		    "DNS-Mail-ID: a.b.test\n" },
		{ "action=PREPEND A: 1\naction=PREPEND B: 2\n\n", "proceed",
		    "B: 2\nA: 1\n" },
		{ "action=PREPEND A: 1\r\n\r\n", "proceed", "A: 1\n" },
		{ "action=DEFER 4.7.5 no answer from DNS\n\n",
		    "reject|451 4.7.5 no answer from DNS", NULL },
		{ "action=DEFER\n\n", "reject|451 4.7.1 try again later",
		    NULL },
		{ "action=REJECT 5.7.1 refused\n\n", "reject|550 5.7.1 refused",
		    NULL },
		{ "action=REJECT\n\n", "reject|550 5.7.1 message refused",
		    NULL },
		{ "action=DISCARD\n\n", "reject|550 5.7.1 message refused",
		    NULL },
		{ "action=HOLD why\n\n", "proceed", "X-Spam: yes\n" },
		{ "action=PREPEND A: 1\naction=HOLD why\n\n", "proceed",
		    "A: 1\nX-Spam: yes\n" },
		/* the gravest word counts, wherever it stands */
		{ "action=REJECT 5.7.1 no\naction=PREPEND A: 1\n\n",
		    "reject|550 5.7.1 no", NULL },
		{ "action=PREPEND A: 1\naction=DEFER 4.7.1 x\n\n",
		    "reject|451 4.7.1 x", NULL },
		/* one line of ASCII for the client */
		{ "action=REJECT 5.7.1 a\tb\xc3\xa4\n\n",
		    "reject|550 5.7.1 a?b??", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_reply(rows[i].answer, rows[i].text, rows[i].fields);
}

static void
what_is_no_answer_is_refused(void **state)
{
	static const char *const rows[] = { "\n", "\r\n", "DUNNO\n\n",
		"action=OK\n\n", "action=dunno\n\n", "action=DUNNO2\n\n",
		"action=PREPEND\n\n", "action=PREPEND no field\n\n",
		"action=PREPEND : x\n\n", "action=PREPEND A\x80: x\n\n",
		"action=DUNNO\nother=1\n\n", "action=DUNNO\n" };
	struct answer a;
	char copy[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strcpy(copy, rows[i]);
		if (answer_parse(&a, copy, strlen(rows[i])) != -1)
			fail_msg("taken: %s", rows[i]);
	}
	memcpy(copy, "action=DUNNO\0\n\n", 15);
	assert_int_equal(answer_parse(&a, copy, 15), -1);
}

static void
only_so_many_fields(void **state)
{
	static const char line[] = "action=PREPEND A: 1\n";
	char copy[(ANSWER_FIELDS_MAX + 1) * sizeof(line) + 2] = "";
	struct answer a;

	(void)state;
	for (int i = 0; i < ANSWER_FIELDS_MAX; i++)
		strcat(copy, line);
	strcat(copy, "\n");
	assert_int_equal(answer_parse(&a, copy, strlen(copy)), 0);
	assert_int_equal(a.n_fields, ANSWER_FIELDS_MAX);
	copy[0] = '\0';
	for (int i = 0; i <= ANSWER_FIELDS_MAX; i++)
		strcat(copy, line);
	strcat(copy, "\n");
	assert_int_equal(answer_parse(&a, copy, strlen(copy)), -1);
}

static void
without_an_answer_it_is_put_off(void **state)
{
	struct buffer out = { 0 };
	struct reply r;

	(void)state;
	reply_from(&r, NULL);
	assert_false(r.takes);
	assert_null(r.fields);
	reply_put(&r, 0x1a, 0x2b, &out);
	assert_int_equal(buffer_append(&out, "", 1), 0);
	assert_non_null(strstr((char *)out.data,
	    "filter-result|000000000000001a|000000000000002b|reject|451 "
	    "4.7.1 "));
	buffer_free(&out);
}

static void
long_text_is_cut(void **state)
{
	char answer[2000] = "action=REJECT 5.7.1 ";
	struct answer a;
	struct reply r;

	(void)state;
	memset(answer + 20, 'x', 1500);
	strcpy(answer + 1520, "\n\n");
	assert_int_equal(answer_parse(&a, answer, strlen(answer)), 0);
	reply_from(&r, &a);
	assert_int_equal(strlen(r.text), REPLY_MAX - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_ends_with_its_empty_line),
		cmocka_unit_test(each_action_becomes_a_reply),
		cmocka_unit_test(what_is_no_answer_is_refused),
		cmocka_unit_test(only_so_many_fields),
		cmocka_unit_test(without_an_answer_it_is_put_off),
		cmocka_unit_test(long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
