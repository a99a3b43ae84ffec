/* filter/smtpd_line and filter/envelope: what OpenSMTPD 6.8 and 7 say. */
#include "filter/smtpd_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/buffer.h"
#include "filter/envelope.h"

static int
parse(struct smtpd_event *e, const char *line)
{
	return smtpd_line_parse(e, line, strlen(line));
}

static void
assert_text(struct smtpd_text t, const char *expected)
{
	assert_int_equal(t.n, strlen(expected));
	assert_memory_equal(t.p, expected, t.n);
}

static void
each_kind_is_taken_apart(void **state)
{
	struct smtpd_event e;

	(void)state;
	assert_int_equal(parse(&e, "config|ready"), 0);
	assert_int_equal(e.kind, SMTPD_CONFIG);
	assert_text(e.name, "ready");
	assert_int_equal(parse(&e,
			     "report|0.6|1795703431.93|smtp-in|tx-begin|"
			     "83d375ac64fb2626|ceec12ef"),
	    0);
	assert_int_equal(e.kind, SMTPD_REPORT);
	assert_int_equal(e.minor, 6);
	assert_int_equal(e.session, 0x83d375ac64fb2626);
	assert_text(e.name, "tx-begin");
	assert_text(e.rest, "ceec12ef");
	assert_int_equal(
	    parse(&e, "filter|0.7|1.2|smtp-in|data-line|0f|A0|"), 0);
	assert_int_equal(e.kind, SMTPD_FILTER);
	assert_int_equal(e.minor, 7);
	assert_int_equal(e.session, 0x0f);
	assert_int_equal(e.token, 0xa0);
	assert_text(e.rest, "");
}

static void
bars_in_a_mail_line_belong_to_it(void **state)
{
	struct smtpd_event e;

	(void)state;
	assert_int_equal(
	    parse(&e, "filter|0.7|1|smtp-in|data-line|1|2||a|b||"), 0);
	assert_text(e.rest, "|a|b||");
}

static void
report_may_end_with_the_session(void **state)
{
	struct smtpd_event e;

	(void)state;
	assert_int_equal(
	    parse(&e, "report|0.6|1|smtp-in|link-disconnect|1a"), 0);
	assert_int_equal(e.session, 0x1a);
	assert_text(e.rest, "");
}

static void
what_is_no_line_of_smtpd_is_refused(void **state)
{
	static const char *const lines[] = { "", "|", "hello|0.6", "report",
		"report|0.6|1|smtp-in|tx-begin", "report|0.6|1|smtp-out|x|1",
		"report|x|1|smtp-in|x|1", "report|0.|1|smtp-in|x|1",
		"report|0.x|1|smtp-in|x|1", "report|0.6|1|smtp-in|x|",
		"report|0.6|1|smtp-in|x|g", "report|0.6|1|smtp-in|x|-1",
		"report|0.6|1|smtp-in|x|11112222333344445",
		"filter|0.6|1|smtp-in|data-line|1",
		"filter|0.6|1|smtp-in|data-line|1||x" };
	struct smtpd_event e;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (parse(&e, lines[i]) != -1)
			fail_msg("taken: %s", lines[i]);
}

/* Every beginning of a good line: no octet behind it is read (ASan). */
static void
line_may_end_anywhere(void **state)
{
	static const char line[] =
	    "filter|0.6|1|smtp-in|data-line|83d375ac64fb2626|5d38|text";
	struct smtpd_event e;

	(void)state;
	for (size_t n = 0; n < sizeof(line) - 1; n++) {
		char copy[sizeof(line)];

		memcpy(copy, line, n);
		assert_int_equal(smtpd_line_parse(&e, copy, n),
		    n < strlen("filter|0.6|1|smtp-in|data-line|"
			       "83d375ac64fb2626|5")
			? -1
			: 0);
	}
}

/* ---- envelope ---- */

static void
told(struct envelope *v,
    void (*note)(struct envelope *, const struct smtpd_event *), unsigned minor,
    const char *rest)
{
	const struct smtpd_event e = { .kind = SMTPD_REPORT,
		.minor = minor,
		.rest = { rest, strlen(rest) } };

	note(v, &e);
}

static void
client_is_read_from_the_end(void **state)
{
	static const struct {
		const char *rest, *client;
	} rows[] = {
		{ "a.test|pass|192.0.2.1:56310|127.0.0.1:25", "192.0.2.1" },
		{ "<unknown>|fail|[2001:db8::1]:1|[::1]:26", "2001:db8::1" },
		{ "mx|pass|unix:/var/run/smtpd.sock|unix:/var/run/smtpd.sock",
		    "127.0.0.1" },
		/* a name server that wants to look like somebody else */
		{ "x|pass|127.0.0.1:25|y|fail|192.0.2.1:1|192.0.2.2:25",
		    "192.0.2.1" },
		{ "", "" },
		{ "a", "" },
		{ "unix:", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct envelope v = { 0 };

		told(&v, envelope_link_connect, 6, rows[i].rest);
		assert_string_equal(v.client, rows[i].client);
	}
}

/* Protocol 0.7 turned the two words round. */
static void
only_a_login_that_passed_counts(void **state)
{
	static const struct {
		unsigned minor;
		const char *rest, *login;
	} rows[] = {
		{ 6, "martha|pass", "martha" },
		{ 6, "martha|fail", "" },
		{ 6, "pass|fail", "" },
		{ 6, "pass|x|fail", "" },
		{ 7, "pass|martha", "martha" },
		{ 7, "fail|martha", "" },
		{ 7, "fail|pass", "" },
		{ 7, "fail|x|pass", "" },
		{ 8, "pass|martha", "martha" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct envelope v = { 0 };

		told(&v, envelope_link_auth, rows[i].minor, rows[i].rest);
		assert_string_equal(v.login, rows[i].login);
	}
}

static void
assert_request(const struct envelope *v, const char *expected)
{
	struct buffer b = { 0 };

	assert_int_equal(envelope_request(v, &b), 0);
	assert_int_equal(buffer_append(&b, "", 1), 0);
	assert_string_equal(b.data, expected);
	buffer_free(&b);
}

static void
addresses_that_were_taken_are_in_the_request(void **state)
{
	struct envelope v = { 0 };

	(void)state;
	told(&v, envelope_tx_begin, 6, "ceec12ef");
	told(&v, envelope_tx_mail, 6, "ceec12ef|ok|");
	told(&v, envelope_tx_rcpt, 6, "ceec12ef|ok|b@b.test");
	told(&v, envelope_tx_rcpt, 6, "ceec12ef|permfail|c@b.test");
	told(&v, envelope_tx_rcpt, 6, "ceec12ef|tempfail|d@b.test");
	told(&v, envelope_tx_rcpt, 7, "ceec12ef|ok|e|f@b.test");
	told(&v, envelope_tx_rcpt, 5, "ceec12ef|g@b.test|ok");
	told(&v, envelope_tx_rcpt, 5, "ceec12ef|ok|fail");
	assert_request(&v,
	    "queue_id=ceec12ef\nclient_address=\nsasl_username=\n"
	    "sender=\nrecipient=b@b.test\nrecipient=e|f@b.test\n"
	    "recipient=g@b.test\n");
	envelope_free(&v);
}

static void
next_message_has_its_own_addresses(void **state)
{
	struct envelope v = { 0 };

	(void)state;
	told(&v, envelope_link_connect, 6, "a|pass|192.0.2.1:5|192.0.2.2:25");
	told(&v, envelope_link_auth, 6, "martha|pass");
	told(&v, envelope_tx_begin, 6, "1");
	told(&v, envelope_tx_mail, 6, "1|ok|a@a.test");
	told(&v, envelope_tx_rcpt, 6, "1|ok|b@b.test");
	told(&v, envelope_tx_begin, 6, "2");
	told(&v, envelope_tx_mail, 6, "2|ok|c@a.test");
	assert_request(&v,
	    "queue_id=2\nclient_address=192.0.2.1\n"
	    "sasl_username=martha\nsender=c@a.test\n");
	envelope_free(&v);
}

static void
too_many_addresses_are_no_half_list(void **state)
{
	char rest[300] = "1|ok|";
	struct envelope v = { 0 };

	(void)state;
	memset(rest + 5, 'x', 250);
	told(&v, envelope_tx_begin, 6, "1");
	for (int i = 0; i < ENVELOPE_MAX / (250 + 11); i++)
		told(&v, envelope_tx_rcpt, 6, rest);
	assert_false(v.failed);
	for (int i = 0; i < 10; i++)
		told(&v, envelope_tx_rcpt, 6, rest);
	assert_true(v.failed);
	told(&v, envelope_tx_begin, 6, "2");
	assert_false(v.failed);
	envelope_free(&v);
}

/* The last one that fits brings its name along: that is no room for more. */
static void
full_envelope_takes_no_more(void **state)
{
	char rest[512] = "1|ok|";
	struct envelope v = { 0 };

	(void)state;
	memset(rest + 5, 'x', 501); /* a line of 512 octets */
	told(&v, envelope_tx_begin, 6, "1");
	for (int i = 1; i < ENVELOPE_MAX / 512; i++)
		told(&v, envelope_tx_rcpt, 6, rest);
	memset(rest + 5, 'y', 505);
	told(&v, envelope_tx_rcpt, 6, rest);
	assert_false(v.failed);
	told(&v, envelope_tx_rcpt, 6, "1|ok|b@b.test");
	assert_true(v.failed);
	envelope_free(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_taken_apart),
		cmocka_unit_test(bars_in_a_mail_line_belong_to_it),
		cmocka_unit_test(report_may_end_with_the_session),
		cmocka_unit_test(what_is_no_line_of_smtpd_is_refused),
		cmocka_unit_test(line_may_end_anywhere),
		cmocka_unit_test(client_is_read_from_the_end),
		cmocka_unit_test(only_a_login_that_passed_counts),
		cmocka_unit_test(addresses_that_were_taken_are_in_the_request),
		cmocka_unit_test(next_message_has_its_own_addresses),
		cmocka_unit_test(too_many_addresses_are_no_half_list),
		cmocka_unit_test(full_envelope_takes_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
