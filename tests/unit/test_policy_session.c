/*
 * common/policy_session: lines in, what the daemon is told and what the MTA is
 * answered out (design: the line protocol). A recorded handler stands for the
 * daemon.
 */
#include "common/policy_session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RECIPIENTS = 3 };

/* ---- the daemon ---- */

static struct record {
	struct mail *mail;
	struct buffer in, out;
	char calls[256]; /* h(eaders) b(ody) e(om) f(orget) */
	char message[4096];
	enum mail_overflow overflow;
	size_t n_fields, field_len;
	bool later; /* the test finishes */
	unsigned finished;
} record;

static void
note(char what)
{
	size_t n = strlen(record.calls);

	assert_true(n + 1 < sizeof(record.calls));
	record.calls[n] = what;
	record.calls[n + 1] = '\0';
}

static void
on_headers(struct mail *m)
{
	note('h');
	assert_false(mail_has_body(m));
}

static void
on_body(struct mail *m, const uint8_t *octets, size_t n)
{
	(void)m;
	(void)octets;
	(void)n;
	note('b');
}

static void
describe(const struct mail_message *m)
{
	char *p = record.message, *end = p + sizeof(record.message);

	p += snprintf(p, (size_t)(end - p), "%s|%s|%s|%s|%s", m->client_addr,
	    m->auth_authen, m->queue_id, m->digest, m->sender);
	for (size_t i = 0; i < m->n_recipients; i++)
		p += snprintf(p, (size_t)(end - p), "|%s", m->recipients[i]);
	for (size_t i = 0; i < m->n_fields && i < 9; i++)
		p += snprintf(p, (size_t)(end - p), "|%s/%u:%.99s",
		    m->fields[i].name, m->fields[i].nth, m->fields[i].value);
}

static void
on_eom(struct mail *m)
{
	const struct mail_message *message = mail_message(m);

	note('e');
	describe(message);
	record.overflow = message->overflow;
	record.n_fields = message->n_fields;
	record.field_len = message->n_fields > 0 ? message->fields[0].len : 0;
	if (!record.later)
		mail_finish(m, MAIL_ACCEPT, NULL);
}

static void
on_forget(struct mail *m)
{
	(void)m;
	note('f');
}

static void
on_finish(void *arg)
{
	(void)arg;
	record.finished++;
}

static const char *const names[] = { "From", "DNS-Mail-ID", "Subject", NULL };
static const struct mail_handler handler = {
	.name = "test",
	.request = "sign",
	.fields = names,
	.max_recipients = RECIPIENTS,
	.wants_body = true,
	.headers = on_headers,
	.body = on_body,
	.eom = on_eom,
	.forget = on_forget,
};

static int
set_up(void **state)
{
	(void)state;
	record = (struct record){ 0 };
	record.mail = policy_protocol.open(&handler, &record.out);
	if (record.mail == NULL)
		return -1;
	mail_on_finish(record.mail, on_finish, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	mail_free(record.mail);
	buffer_free(&record.in);
	buffer_free(&record.out);
	return 0;
}

/* ---- the MTA ---- */

static const char *why;

/* Until nothing whole is left. */
static enum mail_next
send_octets(const void *octets, size_t n)
{
	enum mail_next next;

	assert_int_equal(buffer_append(&record.in, octets, n), 0);
	why = NULL;
	do
		next = mail_input(record.mail, &record.in, 7.5, &why);
	while (next == MAIL_NEXT_AGAIN);
	return next;
}

static enum mail_next
say(const char *text)
{
	return send_octets(text, strlen(text));
}

/* What was answered since it was asked last. */
static const char *
answer(void)
{
	static char text[8192];

	assert_true(record.out.len < sizeof(text));
	if (record.out.len > 0)
		memcpy(text, record.out.data, record.out.len);
	text[record.out.len] = '\0';
	buffer_clear(&record.out);
	return text;
}

/* ---- requests ---- */

static void
a_request_reaches_the_daemon_whole(void **state)
{
	(void)state;
	assert_int_equal(
	    say("request=sign\n"
		"queue_id=1tXyZ0-0001\n"
		"client_address=192.0.2.1\n"
		"sasl_username=martha\n"
		"sender=martha@domain.com\n"
		"recipient=claire@my_isp.net\n"
		"original_recipient=claire@nonprofit.org\n"
		"recipient=<bob@elsewhere.net>\n"
		"from=Martha <martha@domain.com>\n"
		"header=Subject: a = b\n"
		"header=X-Other: not kept\n"
		"dns_mail_id=kq3.domain.com\n"
		"header=dns-mail-id : x9p.nonprofit.org\n"
		"bind=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\n"
		"\n"),
	    MAIL_NEXT_READ);
	assert_string_equal(record.calls, "hef");
	assert_string_equal(record.message,
	    "192.0.2.1|martha|1tXyZ0-0001"
	    "|47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
	    "|<martha@domain.com>"
	    "|<claire@my_isp.net> ORCPT=rfc822;claire@nonprofit.org"
	    "|<bob@elsewhere.net>"
	    "|From/1:Martha <martha@domain.com>|Subject/1:a = b"
	    "|DNS-Mail-ID/1:kq3.domain.com|dns-mail-id/2:x9p.nonprofit.org");
	assert_string_equal(answer(), "action=DUNNO\n\n");
	assert_int_equal(record.finished, 0); /* nobody waited */
}

static void
requests_follow_each_other_and_share_nothing(void **state)
{
	(void)state;
	say("request=sign\nsender=a@b.test\nrecipient=c@d.test\n"
	    "sasl_username=x\nfrom=a@b.test\n\n"
	    "request=sign\nrecipient=e@f.test\n\n");
	assert_string_equal(record.calls, "hefhef");
	assert_string_equal(record.message,
	    "||||"
	    "|<e@f.test>");
	assert_string_equal(answer(), "action=DUNNO\n\naction=DUNNO\n\n");
}

static void
octets_may_come_one_by_one_with_crlf(void **state)
{
	static const char text[] =
	    "request=sign\r\nrecipient=c@d.test\r\nfrom=a@b.test\r\n\r\n";

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		assert_int_equal(send_octets(text + i, 1), MAIL_NEXT_READ);
	assert_string_equal(record.message, "|||||<c@d.test>|From/1:a@b.test");
}

/* Nothing of it may pass for a parameter of its own, or end the path. */
static void
original_recipients_are_written_as_xtext(void **state)
{
	(void)state;
	say("request=sign\nrecipient=c@d.test\n"
	    "original_recipient=a+b=c d\xc3\xbc@x.test\n"
	    "original_recipient_=ignored\n\n");
	assert_string_equal(record.message,
	    "|||||<c@d.test> ORCPT=rfc822;a+2Bb+3Dc+20d+C3+BC@x.test");
	say("request=sign\noriginal_recipient=of@nobody.test\n\n");
	assert_string_equal(record.message, "||||");
}

static void
a_bounce_has_an_empty_sender(void **state)
{
	(void)state;
	say("request=sign\nsender=\nrecipient=c@d.test\n\n");
	assert_string_equal(record.message, "||||<>|<c@d.test>");
}

/* What is asked while the daemon thinks waits for its turn. */
static void
an_answer_comes_before_the_next_request(void **state)
{
	(void)state;
	record.later = true;
	assert_int_equal(
	    say("request=sign\n\nrequest=sign\n\n"), MAIL_NEXT_READ);
	assert_string_equal(record.calls, "he");
	assert_true(record.in.len > 0);
	mail_finish(record.mail, MAIL_ACCEPT, NULL);
	assert_int_equal(record.finished, 1);
	assert_string_equal(answer(), "action=DUNNO\n\n");
	say("");
	assert_string_equal(record.calls, "hefhe");
	mail_finish(record.mail, MAIL_ACCEPT, NULL);
}

static void
a_lost_connection_forgets_once(void **state)
{
	(void)state;
	record.later = true;
	say("request=sign\n\n");
	mail_free(record.mail);
	assert_string_equal(record.calls, "hef");
	record.mail = policy_protocol.open(&handler, &record.out);
	say("request=sign\nfrom=half of a requ");
	mail_free(record.mail);
	assert_string_equal(record.calls, "hef");
	record.mail = policy_protocol.open(&handler, &record.out);
}

/* ---- what is no request ---- */

static void
a_request_for_another_daemon_is_deferred_and_the_next_is_heard(void **state)
{
	static const char *const others[] = { "request=verify\n\n",
		"request=smtpd_access_policy\n\n", "\n", "sender=a@b.test\n\n",
		"request=sign\nrequest=verify\n\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(say(others[i]), MAIL_NEXT_READ);
		assert_string_equal(answer(),
		    "action=DEFER 4.3.0 the request is not for this"
		    " daemon\n\n");
	}
	assert_string_equal(record.calls, "");
	say("request=sign\n\n");
	assert_string_equal(answer(), "action=DUNNO\n\n");
}

static void
a_malformed_line_defers_its_request_alone(void **state)
{
	static const struct {
		const char *line, *why;
	} rows[] = {
		{ "no equal sign", "a line without =" },
		{ "header=no colon", "header= has no field name" },
		{ "header=: value", "header= has no field name" },
		{ "header=  : value", "header= has no field name" },
		{ "bind=", "bind= is no digest" },
		{ "bind=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuF",
		    "bind= is no digest" },
		{ "bind=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFUU",
		    "bind= is no digest" },
		{ "bind=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
		    "bind= is no digest" },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "request=sign\n%s\nfrom=x\n\n",
		    rows[i].line);
		assert_int_equal(say(text), MAIL_NEXT_READ);
		snprintf(text, sizeof(text), "action=DEFER 4.3.0 %s\n\n",
		    rows[i].why);
		assert_string_equal(answer(), text);
	}
	assert_string_equal(record.calls, "");
}

static void
a_nul_ends_the_connection(void **state)
{
	static const char text[] = "request=sign\nfrom=a@b.test\0evil\n\n";

	(void)state;
	assert_int_equal(send_octets(text, sizeof(text) - 1), MAIL_NEXT_CLOSE);
	assert_string_equal(
	    answer(), "action=DEFER 4.3.0 a line has a NUL\n\n");
	assert_non_null(why);
	assert_string_equal(record.calls, "");
}

/* A line of n octets, its name among them. */
static enum mail_next
say_long(const char *name, size_t n, const char *end)
{
	char *text = malloc(n + 8);
	size_t len = strlen(name);
	enum mail_next next;

	assert_non_null(text);
	memset(text, 'x', n);
	memcpy(text, name, len);
	strcpy(text + n, end);
	next = send_octets(text, n + strlen(end));
	free(text);
	return next;
}

static void
a_line_may_have_64_kib_and_not_an_octet_more(void **state)
{
	static const char too_long[] =
	    "action=DEFER 4.3.0 a line is longer than 64 KiB\n\n";

	(void)state;
	say("request=sign\n");
	assert_int_equal(
	    say_long("from=", POLICY_LINE_MAX, "\n"), MAIL_NEXT_READ);
	assert_int_equal(
	    say_long("unknown=", POLICY_LINE_MAX, "\r\n"), MAIL_NEXT_READ);
	say("\n");
	assert_string_equal(answer(), "action=DUNNO\n\n");
	assert_int_equal(record.n_fields, 1);
	assert_int_equal(record.field_len, POLICY_LINE_MAX - 5);
	for (int i = 0; i < 3; i++) {
		static const char *const ends[] = { "\n", "\r\n", "xx" };

		tear_down(NULL);
		set_up(NULL);
		assert_int_equal(
		    say_long("from=", POLICY_LINE_MAX + 1, ends[i]),
		    MAIL_NEXT_CLOSE);
		assert_string_equal(answer(), too_long);
		assert_string_equal(record.calls, "");
	}
}

static void
a_request_may_have_1_mib_and_not_an_octet_more(void **state)
{
	(void)state;
	for (size_t more = 0; more < 2; more++) {
		enum mail_next next;

		tear_down(NULL);
		set_up(NULL);
		say("request=sign\n"); /* 13 octets, and 1 at the end */
		for (int i = 0; i < 31; i++)
			assert_int_equal(
			    say_long("unknown=", 32767, "\n"), MAIL_NEXT_READ);
		say_long("unknown=", 32767 - 14 + more, "\n");
		next = say("\n");
		assert_int_equal(
		    next, more == 0 ? MAIL_NEXT_READ : MAIL_NEXT_CLOSE);
		assert_string_equal(answer(),
		    more == 0 ? "action=DUNNO\n\n"
			      : "action=DEFER 4.3.0 a request is larger than"
				" 1 MiB\n\n");
	}
}

/* A new request has the whole bound again. */
static void
the_bound_is_of_one_request(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++) {
		say("request=sign\n");
		say_long("unknown=", 60000, "\n");
		assert_int_equal(say("\n"), MAIL_NEXT_READ);
		assert_string_equal(answer(), "action=DUNNO\n\n");
	}
}

static void
what_is_over_a_bound_of_a_message_is_said_of_it(void **state)
{
	(void)state;
	say("request=sign\nrecipient=a@b\nrecipient=c@d\nrecipient=e@f\n"
	    "recipient=g@h\n\n");
	assert_int_equal(record.overflow, MAIL_TOO_MANY_RECIPIENTS);
	say("request=sign\nrecipient=a@b\nrecipient=c@d\nrecipient=e@f\n\n");
	assert_int_equal(record.overflow, MAIL_FITS);
}

/* It is in no account until it is whole. */
static void
a_recipient_is_bounded_with_its_original_ones(void **state)
{
	static char line[9000] = "recipient=";

	(void)state;
	memset(line + 10, 'a', POLICY_RECIPIENT_MAX - 1);
	strcpy(line + 10 + POLICY_RECIPIENT_MAX - 1, "\n\n");
	say("request=sign\n");
	say(line);
	assert_string_equal(answer(),
	    "action=DEFER 4.3.0 a recipient is longer than 8 KiB\n\n");
	strcpy(line + 10 + POLICY_RECIPIENT_MAX - 2, "\n\n");
	say("request=sign\n");
	say(line);
	assert_string_equal(answer(), "action=DUNNO\n\n");

	say("request=sign\nrecipient=c@d.test\n");
	for (int i = 0; i < 1000; i++)
		say("original_recipient=claire@nonprofit.org\n");
	say("\n");
	assert_string_equal(answer(),
	    "action=DEFER 4.3.0 a recipient is longer than 8 KiB\n\n");
	assert_string_equal(record.calls, "hef");
}

/* ---- answers ---- */

static void
verdict(enum mail_verdict v, const char *text, const char *expected)
{
	say("request=sign\n\n");
	mail_insert(record.mail, 0, "X-Dropped", "unless accepted");
	mail_finish(record.mail, v, text);
	assert_string_equal(answer(), expected);
}

static void
verdicts_are_actions(void **state)
{
	(void)state;
	record.later = true;
	verdict(MAIL_TEMPFAIL, "451 4.7.1 Try later",
	    "action=DEFER 4.7.1 Try later\n\n");
	verdict(MAIL_TEMPFAIL, NULL, "action=DEFER\n\n");
	verdict(MAIL_REJECT, "550 5.7.1 No", "action=REJECT 5.7.1 No\n\n");
	verdict(MAIL_DISCARD, NULL, "action=DISCARD\n\n");
	say("request=sign\n\n");
	mail_insert(record.mail, 0, "X-Kept", "when it is let go");
	mail_quarantine(record.mail, "dnsmail=fail");
	mail_finish(record.mail, MAIL_ACCEPT, NULL);
	assert_string_equal(answer(),
	    "action=PREPEND X-Kept: when it is let go\n"
	    "action=HOLD dnsmail=fail\n\n");
}

/* In the order in which they are to be put on top; each on one line. */
static void
fields_are_prepended_unfolded(void **state)
{
	(void)state;
	record.later = true;
	say("request=sign\n\n");
	assert_int_equal(
	    mail_insert(record.mail, 0, "DNS-Mail-ID", "b.domain.com"), 0);
	assert_int_equal(mail_insert(record.mail, 0, "Authentication-Results",
			     "mx.test;\r\n dnsmail=pass\n\tx=y"),
	    0);
	assert_int_equal(
	    mail_remove(record.mail, "Authentication-Results", 1), 0);
	mail_finish(record.mail, MAIL_ACCEPT, NULL);
	assert_string_equal(answer(),
	    "action=PREPEND DNS-Mail-ID: b.domain.com\n"
	    "action=PREPEND Authentication-Results: mx.test; dnsmail=pass\tx=y"
	    "\n\n");
	say("request=sign\n\n");
	mail_finish(record.mail, MAIL_ACCEPT, NULL);
	assert_string_equal(answer(), "action=DUNNO\n\n");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_request_reaches_the_daemon_whole),
		TEST(requests_follow_each_other_and_share_nothing),
		TEST(octets_may_come_one_by_one_with_crlf),
		TEST(original_recipients_are_written_as_xtext),
		TEST(a_bounce_has_an_empty_sender),
		TEST(an_answer_comes_before_the_next_request),
		TEST(a_lost_connection_forgets_once),
		TEST(
		    a_request_for_another_daemon_is_deferred_and_the_next_is_heard),
		TEST(a_malformed_line_defers_its_request_alone),
		TEST(a_nul_ends_the_connection),
		TEST(a_line_may_have_64_kib_and_not_an_octet_more),
		TEST(a_request_may_have_1_mib_and_not_an_octet_more),
		TEST(the_bound_is_of_one_request),
		TEST(what_is_over_a_bound_of_a_message_is_said_of_it),
		TEST(a_recipient_is_bounded_with_its_original_ones),
		TEST(verdicts_are_actions),
		TEST(fields_are_prepended_unfolded),
	};
#undef TEST

	return cmocka_run_group_tests_name("policy_session", tests, NULL, NULL);
}
