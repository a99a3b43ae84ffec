/* filter/session: what smtpd says and hears, message by message. */
#include "filter/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/buffer.h"
#include "filter/answer.h"
#include "filter/smtpd_line.h"

static const struct session_options signs = { .role = SESSION_SIGNS,
	.authserv_id = "mx.test",
	.limits = { 1 << 20, "/tmp", true } };
static const struct session_options verifies = { .role = SESSION_VERIFIES,
	.authserv_id = "mx.test",
	.limits = { 1 << 20, "/tmp", false } };

static struct buffer out;

enum { ROOM = 4096 };

static enum session_want
event(struct session *s, const char *line)
{
	struct smtpd_event e;

	assert_int_equal(smtpd_line_parse(&e, line, strlen(line)), 0);
	return session_event(s, &e, &out);
}

static enum session_want
line(struct session *s, const char *text)
{
	char copy[1024];

	snprintf(
	    copy, sizeof(copy), "filter|0.6|1|smtp-in|data-line|1|2|%s", text);
	return event(s, copy);
}

static struct session *
begin(const struct session_options *options)
{
	struct session *s = session_new(options, 1);

	event(s,
	    "report|0.6|1|smtp-in|link-connect|1|"
	    "a.test|pass|192.0.2.1:5|127.0.0.1:25");
	event(s, "report|0.6|1|smtp-in|tx-begin|1|abcd");
	event(s, "report|0.6|1|smtp-in|tx-mail|1|abcd|ok|a@a.test");
	event(s, "report|0.6|1|smtp-in|tx-rcpt|1|abcd|ok|b@b.test");
	return s;
}

/* Up to the message's end; the daemon is to be asked. */
static struct session *
begin_message(const struct session_options *options)
{
	struct session *s = begin(options);

	assert_int_equal(line(s, "From: a@a.test"), SESSION_WANTS_EVENT);
	line(s, "Authentication-Results: mx.test; dnsmail=pass");
	line(s, "");
	line(s, "body");
	assert_int_equal(line(s, "."), SESSION_WANTS_ANSWER);
	assert_int_equal(out.len, 0); /* nothing before the answer */
	return s;
}

static void
heard(const char *expected)
{
	assert_int_equal(buffer_append(&out, "", 1), 0);
	assert_string_equal(out.data, expected);
	buffer_free(&out);
}

#define D "filter-dataline|0000000000000001|0000000000000002|"
#define R "filter-result|0000000000000001|0000000000000003|"

static void
commit(struct session *s)
{
	assert_int_equal(
	    event(s, "filter|0.6|1|smtp-in|commit|1|3|"), SESSION_WANTS_EVENT);
}

static void
write_all(struct session *s)
{
	assert_int_equal(session_write(s, &out, ROOM), SESSION_WANTS_EVENT);
}

static void
answered(struct session *s, const struct answer *a)
{
	assert_int_equal(session_answer(s, a), SESSION_WANTS_ROOM);
	write_all(s);
}

static void
registers_what_its_rules_are_for(void **state)
{
	(void)state;
	assert_int_equal(session_register(&out), 0);
	heard("register|report|smtp-in|link-connect\n"
	      "register|report|smtp-in|link-auth\n"
	      "register|report|smtp-in|link-disconnect\n"
	      "register|report|smtp-in|tx-reset\n"
	      "register|report|smtp-in|tx-begin\n"
	      "register|report|smtp-in|tx-mail\n"
	      "register|report|smtp-in|tx-rcpt\n"
	      "register|report|smtp-in|tx-commit\n"
	      "register|report|smtp-in|tx-rollback\n"
	      "register|filter|smtp-in|data-line\n"
	      "register|filter|smtp-in|commit\n"
	      "register|ready\n");
}

static void
signed_message_gets_its_id_on_top(void **state)
{
	const struct answer a = { ANSWER_PREPEND, { "DNS-Mail-ID: x.a.test" },
		1, "" };
	struct session *s = begin_message(&signs);

	(void)state;
	answered(s, &a);
	commit(s);
	heard(D "DNS-Mail-ID: x.a.test\n" D "From: a@a.test\n" D
		"Authentication-Results: mx.test; dnsmail=pass\n" D "\n" D
		"body\n" D ".\n" R "proceed\n");
	session_free(s);
}

static void
verified_message_loses_the_forged_result(void **state)
{
	const struct answer a = { ANSWER_PREPEND,
		{ "Authentication-Results: mx.test; dnsmail=none" }, 1, "" };
	struct session *s = begin_message(&verifies);

	(void)state;
	answered(s, &a);
	commit(s);
	heard(D "Authentication-Results: mx.test; dnsmail=none\n" D
		"From: a@a.test\n" D "\n" D "body\n" D ".\n" R "proceed\n");
	session_free(s);
}

static void
message_nobody_looked_at_is_left_alone(void **state)
{
	const struct answer a = { ANSWER_DUNNO, { NULL }, 0, "" };
	struct session *s = begin_message(&verifies);

	(void)state;
	answered(s, &a);
	commit(s);
	heard(D "From: a@a.test\n" D
		"Authentication-Results: mx.test; dnsmail=pass\n" D "\n" D
		"body\n" D ".\n" R "proceed\n");
	session_free(s);
}

static void
refused_message_is_not_written(void **state)
{
	const struct answer a = { ANSWER_REJECT, { NULL }, 0, "5.7.1 no" };
	struct session *s = begin_message(&verifies);

	(void)state;
	answered(s, &a);
	commit(s);
	heard(D ".\n" R "reject|550 5.7.1 no\n");
	session_free(s);
}

static void
without_the_daemon_mail_is_put_off(void **state)
{
	struct session *s = begin_message(&signs);

	(void)state;
	answered(s, NULL);
	commit(s);
	heard(D ".\n" R "reject|451 4.7.1 the DNS Mail service does not "
		"answer, try again later\n");
	session_free(s);
}

static void
request_is_whole(void **state)
{
	struct session *s = begin(&verifies);
	struct buffer b = { 0 };

	(void)state;
	line(s, "From: a@a.test");
	assert_int_equal(line(s, "."), SESSION_WANTS_ANSWER);
	assert_int_equal(session_request(s, &b), 0);
	assert_int_equal(buffer_append(&b, "", 1), 0);
	assert_string_equal(b.data,
	    "request=verify\nqueue_id=abcd\nclient_address=192.0.2.1\n"
	    "sasl_username=\nsender=a@a.test\nrecipient=b@b.test\n"
	    "from=a@a.test\n\n");
	buffer_free(&b);
	session_free(s);
}

static void
many_messages_follow_each_other(void **state)
{
	const struct answer none = { ANSWER_DUNNO, { NULL }, 0, "" };
	struct session *s = begin(&signs);

	(void)state;
	for (int i = 0; i < 3; i++) {
		event(s, "report|0.6|1|smtp-in|tx-begin|1|abcd");
		line(s, "A: b");
		assert_int_equal(line(s, "."), SESSION_WANTS_ANSWER);
		answered(s, &none);
		commit(s);
		heard(D "A: b\n" D ".\n" R "proceed\n");
		event(s, "report|0.6|1|smtp-in|tx-commit|1|abcd|5");
	}
	session_free(s);
}

/* The client is gone while the daemon thinks, or while it is written to. */
static void
transaction_may_end_at_any_moment(void **state)
{
	static const char *const ends[] = {
		"report|0.6|1|smtp-in|tx-rollback|1|abcd",
		"report|0.6|1|smtp-in|tx-reset|1|abcd",
		"report|0.6|1|smtp-in|tx-begin|1|abcd",
		"report|0.6|1|smtp-in|link-disconnect|1",
	};
	const struct answer none = { ANSWER_DUNNO, { NULL }, 0, "" };

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct session *s = begin_message(&signs);

		assert_int_equal(event(s, ends[i]), SESSION_WANTS_EVENT);
		session_free(s);
		s = begin_message(&signs);
		session_answer(s, &none);
		assert_int_equal(event(s, ends[i]), SESSION_WANTS_EVENT);
		assert_int_equal(
		    session_write(s, &out, ROOM), SESSION_WANTS_EVENT);
		assert_int_equal(out.len, 0);
		line(s, "A: b");
		assert_int_equal(line(s, "."), SESSION_WANTS_ANSWER);
		session_free(s);
	}
}

/* smtpd does neither; it would end if it were not answered in kind. */
static void
events_out_of_turn_do_no_harm(void **state)
{
	struct session *s = begin(&signs);

	(void)state;
	commit(s);
	heard(R "reject|451 4.3.0 DNS Mail: asked too early\n");
	assert_string_equal(session_trouble(s), "asked too early");
	session_free(s);
	s = begin_message(&signs);
	assert_int_equal(line(s, "more"), SESSION_WANTS_ANSWER);
	assert_int_equal(line(s, "."), SESSION_WANTS_ANSWER);
	assert_int_equal(event(s, "report|0.6|1|smtp-in|new-thing|1|x"),
	    SESSION_WANTS_ANSWER);
	assert_int_equal(out.len, 0);
	commit(s);
	heard(R "reject|451 4.3.0 DNS Mail: asked too early\n");
	assert_string_equal(session_trouble(s), "asked too early");
	session_free(s);
}

static void
message_over_a_bound_is_put_off_and_says_why(void **state)
{
	struct session_options small = signs;
	struct session *s;

	(void)state;
	small.limits.most = 10;
	s = begin(&small);
	line(s, "");
	line(s, "more than ten octets");
	assert_int_equal(line(s, "."), SESSION_WANTS_ROOM);
	assert_string_equal(
	    session_trouble(s), "longer than the filter's option -m allows");
	assert_string_equal(session_queue_id(s), "abcd");
	write_all(s);
	commit(s);
	heard(D ".\n" R "reject|451 4.3.0 DNS Mail: longer than the filter's "
		"option -m allows\n");
	session_free(s);
}

/* As smtpd says it: the longest that it takes, and one octet more. */
static void
line_of_64_kib_is_the_longest(void **state)
{
	static const char head[] = "filter|0.6|1|smtp-in|data-line|1|2|";
	static char text[sizeof(head) + MESSAGE_LINE_MAX + 1];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, head, sizeof(head) - 1);
	for (size_t more = 0; more < 2; more++) {
		size_t n = sizeof(head) - 1 + 65536 + more;
		struct session *s = begin(&signs);
		struct smtpd_event e;

		line(s, "");
		assert_int_equal(smtpd_line_parse(&e, text, n), 0);
		session_event(s, &e, &out);
		assert_int_equal(line(s, "."),
		    more ? SESSION_WANTS_ROOM : SESSION_WANTS_ANSWER);
		assert_string_equal(
		    session_trouble(s), more ? "a line over 64 KiB" : "");
		session_free(s);
	}
}

static void
line_that_was_cut_is_put_off(void **state)
{
	struct session *s = begin(&signs);
	struct smtpd_event e;
	static const char text[] = "filter|0.6|1|smtp-in|data-line|1|2|A: b";

	(void)state;
	assert_int_equal(smtpd_line_parse(&e, text, strlen(text)), 0);
	e.cut = true;
	session_event(s, &e, &out);
	assert_int_equal(line(s, "."), SESSION_WANTS_ROOM);
	write_all(s);
	commit(s);
	heard(D ".\n" R "reject|451 4.3.0 DNS Mail: a line over 64 KiB\n");
	session_free(s);
}

static void
session_that_is_not_known_is_put_off(void **state)
{
	static const char *const lines[] = {
		"report|0.6|1|smtp-in|tx-begin|1|abcd",
		"filter|0.6|1|smtp-in|data-line|1|2|A: b",
		"filter|0.6|1|smtp-in|data-line|1|2|.",
		"filter|0.6|1|smtp-in|commit|1|3|",
	};
	struct smtpd_event e;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(
		    smtpd_line_parse(&e, lines[i], strlen(lines[i])), 0);
		session_refuse(&e, &out);
	}
	heard(D ".\n" R "reject|451 4.3.0 DNS Mail: out of memory\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_what_its_rules_are_for),
		cmocka_unit_test(signed_message_gets_its_id_on_top),
		cmocka_unit_test(verified_message_loses_the_forged_result),
		cmocka_unit_test(message_nobody_looked_at_is_left_alone),
		cmocka_unit_test(refused_message_is_not_written),
		cmocka_unit_test(without_the_daemon_mail_is_put_off),
		cmocka_unit_test(request_is_whole),
		cmocka_unit_test(many_messages_follow_each_other),
		cmocka_unit_test(transaction_may_end_at_any_moment),
		cmocka_unit_test(events_out_of_turn_do_no_harm),
		cmocka_unit_test(message_over_a_bound_is_put_off_and_says_why),
		cmocka_unit_test(line_of_64_kib_is_the_longest),
		cmocka_unit_test(line_that_was_cut_is_put_off),
		cmocka_unit_test(session_that_is_not_known_is_put_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
