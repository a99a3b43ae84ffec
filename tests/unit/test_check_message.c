/*
 * What dnsmail-check message writes of a course of events that is played here:
 * the answers of servers, the texts, the result.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "admin/check_message_text.h"
#include "verifyd/evidence.h"

#define BY    "*From:martha@domain.test*date="
#define TODAY "Thu, 26 Nov 2026 10:00:00 +0000"
static const time_t now = 1795687260; /* a minute later */

static const char *const fields[] = { "From", "DNS-Mail-ID",
	"Authentication-Results", NULL };
static const char *const claire[] = { "claire@nonprofit.test" };

static const struct strings nothing;
static struct config *config;
static struct saved_mail saved;
static struct check_mail mail;
static struct seen seen;
static struct verify *verify;
static char *written;

/* ---- the configuration ---- */

static void
complain(void *arg, const char *text)
{
	(void)arg;
	print_error("%s\n", text);
}

static int
setup(void **state)
{
	static const char text[] = "authserv-id = \"mx.test\"\n"
				   "verifyd {\n\ton-fail = \"reject\"\n}\n";
	char path[] = "check_message.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	config = config_load(path, complain, NULL);
	unlink(path);
	return config != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	config_unref(config);
	return 0;
}

/* ---- a message and its course ---- */

static void
arrives(const char *text)
{
	const struct check_envelope envelope = { NULL, NULL, claire, 1 };
	const struct verify_limits limits = { .now = now,
		.max_age = 14 * 86400,
		.max_ids = 8,
		.max_hops = 4,
		.trusted_forwarders = &nothing,
		.require = &nothing };
	struct verify_input in = { .recipients = claire, .n_recipients = 1 };
	struct verify_field from[4], ids[9];
	const struct mail_message *m = &mail.mail.kept.message;

	assert_int_equal(saved_mail_read(&saved, text, strlen(text)), 0);
	assert_int_equal(
	    check_mail_keep(&mail.mail.kept, fields, &saved, &envelope, 9), 0);
	for (size_t i = 0; i < m->n_fields; i++) {
		const struct mail_field *f = &m->fields[i];
		const struct verify_field v = { f->value, f->len };

		if (f->name[0] == 'F')
			from[in.n_from++] = v;
		else if (f->name[0] == 'D')
			ids[in.n_ids++] = v;
	}
	in.from = from;
	in.ids = ids;
	verify = verify_new(&limits, &in);
	assert_non_null(verify);
}

static struct net_address
address(const char *text)
{
	struct net_address a;

	assert_int_equal(net_address_parse(&a, text, strlen(text)), 0);
	return a;
}

/* One server of its list answers with this text, or (NULL) has none. */
static void
answers(const char *domain, const char *text)
{
	struct list_answer list = { .outcome = LOOKUP_FOUND };
	const struct dns_reply reply = { .outcome = DNS_ANSWERED,
		.rcode = text != NULL ? DNS_NOERROR : DNS_NXDOMAIN,
		.why = "" };
	size_t which;
	const struct message_id *id = verify_want(verify, &which);

	assert_non_null(id);
	list.list.v[0] = address("192.0.2.1");
	list.list.v[1] = address("10.1.1.1");
	list.list.n = 2;
	seen_watch.list(&seen, domain, &list);
	seen_watch.skipped(
	    &seen, id, &list.list.v[1], SKIP_REACH, REACH_NOT_GLOBAL);
	seen_watch.reply(&seen, id, &list.list.v[0], &reply);
	if (text != NULL) {
		seen_watch.text(&seen, id, text, strlen(text));
		verify_text(verify, which, text, strlen(text));
	}
	seen_watch.looked_up(&seen, id, LOOKUP_NO_RECORD, false);
	verify_looked_up(verify, which, LOOKUP_NO_RECORD, false);
}

/* The end, and all that is written then. */
static void
is_done(void)
{
	struct check_view view = { config, &saved, &mail.mail.kept.message,
		&mail, &seen, "--to", "", "", now };
	size_t n;
	FILE *out = open_memstream(&written, &n);

	if (verify != NULL && verify_done(verify))
		seen_watch.done(&seen, verify);
	mail.answered = true;
	check_message_text(out, &view);
	fclose(out);
}

static void
says(const char *words)
{
	if (strstr(written, words) == NULL)
		fail_msg("\"%s\" is not in\n%s", words, written);
}

static void
does_not_say(const char *words)
{
	if (strstr(written, words) != NULL)
		fail_msg("\"%s\" is in\n%s", words, written);
}

static void
end(void)
{
	verify_free(verify);
	verify = NULL;
	seen_free(&seen);
	saved_mail_free(&saved);
	check_mail_free(&mail);
	free(written);
	written = NULL;
}

/* ---- the claims ---- */

static void
a_pass_is_explained(void **state)
{
	(void)state;
	arrives("From: martha@domain.test\nDNS-Mail-ID: a.domain.test\n\n");
	answers("domain.test", "To:claire@nonprofit.test" BY TODAY);
	is_done();
	says("The author is martha@domain.test: the domain domain.test must");
	says("of the author's domain: a chain begins here");
	says("dnsmail.domain.test TXT: 192.0.2.1@53, 10.1.1.1@53\n");
	says("192.0.2.1@53  NOERROR: 1 TXT record\n");
	says("10.1.1.1@53  not asked: a private or reserved address");
	says("(allow-networks, by default)");
	says("From: martha@domain.test is the author\n");
	says("To: is the recipient claire@nonprofit.test\n");
	says("date: " TODAY ", 1 minute old\n");
	says("bind: none: the content is not bound\n");
	says("complete: domain.test -> the recipient (1 hop, content unbound)");
	says("\nVerdict: pass\n");
	end();
}

static void
hops_are_followed_in_the_order_of_the_records(void **state)
{
	(void)state;
	arrives("From: martha@domain.test\nDNS-Mail-ID: b.third.test\n"
		"DNS-Mail-ID: a.domain.test\n\n");
	answers("domain.test", "To:claire@third.test" BY TODAY);
	answers("third.test", "To:claire@nonprofit.test" BY TODAY);
	is_done();
	says("of third.test, another domain: a forwarder's (not of trusted");
	says("To: claire@third.test is another hop: an ID of third.test is to");
	says("complete: domain.test -> third.test -> the recipient (2 hops");
	says("\nVerdict: policy (untrusted-forwarder)\n");
	end();
}

static void
a_failure_names_the_option_that_acts(void **state)
{
	(void)state;
	arrives("From: martha@domain.test\nDNS-Mail-ID: a.domain.test\n\n");
	answers("domain.test", "To:dan@nonprofit.test" BY TODAY);
	is_done();
	says("To: dan@nonprofit.test is no recipient here, and no ID of");
	says("to claire@nonprofit.test: not complete (recipient-mismatch)");
	says("\nVerdict: fail (recipient-mismatch)\n");
	says("Action: reject (on-fail, check_message.");
	says(":3)");
	end();
}

static void
dates_out_of_force_are_told(void **state)
{
	(void)state;
	arrives("From: martha@domain.test\nDNS-Mail-ID: a.domain.test\n\n");
	answers("domain.test",
	    "To:claire@nonprofit.test" BY "Mon, 26 Oct 2026 10:00:00 +0000");
	is_done();
	says("31 days old: too old, 14 days count (max-age, by default)\n");
	says("\nVerdict: fail (expired)\n");
	end();
	arrives("From: martha@domain.test\nDNS-Mail-ID: a.domain.test\n\n");
	answers("domain.test",
	    "To:claire@nonprofit.test" BY "Fri, 27 Nov 2026 10:00:00 +0000");
	is_done();
	says("23 hours ahead: more than an hour ahead does not count");
	says("\nVerdict: permerror (future-date)\n");
	end();
}

static void
only_of_an_old_message_it_is_said_that_records_expire(void **state)
{
	(void)state;
	arrives("Date: Thu, 1 Oct 2026 10:00:00 +0000\n"
		"Authentication-Results: mx.test; dnsmail=pass\n"
		"From: martha@domain.test\nDNS-Mail-ID: a.domain.test\n\n");
	answers("domain.test", NULL);
	is_done();
	says("192.0.2.1@53  NXDOMAIN: there is no such name\n");
	says("\nVerdict: fail (no-record)\n");
	says("the message is 56 days old, and records live 7 days");
	says("field of mx.test from before, which says dnsmail=pass");
	end();
	arrives("Date: " TODAY "\n"
		"From: martha@domain.test\nDNS-Mail-ID: a.domain.test\n\n");
	answers("domain.test", NULL);
	is_done();
	says("\nVerdict: fail (no-record)\n");
	does_not_say("records live");
	does_not_say("from before");
	end();
}

static void
what_is_wrong_before_any_question_is_told(void **state)
{
	static const struct {
		const char *text, *words, *verdict;
	} rows[] = {
		{ "DNS-Mail-ID: a.domain.test\n\n", "there is no From: field",
		    "permerror (bad-from)" },
		{ "From: a@b.test\nFrom: a@b.test\n"
		  "DNS-Mail-ID: a.b.test\n\n",
		    "there are several From: fields", "permerror (bad-from)" },
		{ "From: a@b.test, c@b.test\nDNS-Mail-ID: a.b.test\n\n",
		    "it names several mailboxes", "permerror (bad-from)" },
		{ "From: a@b.test\nDNS-Mail-ID: a b\n\n", "is no ID",
		    "permerror (bad-id)" },
		{ "From: a@b.test\nDNS-Mail-ID: a.b.test\n"
		  "DNS-Mail-ID: A.b.test\n\n",
		    "Nothing was asked", "permerror (duplicate-id)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char verdict[64];

		arrives(rows[i].text);
		is_done();
		says(rows[i].words);
		snprintf(verdict, sizeof(verdict), "\nVerdict: %s\n",
		    rows[i].verdict);
		says(verdict);
		end();
	}
}

static void
foreign_octets_reach_no_terminal(void **state)
{
	(void)state;
	arrives("From: martha@domain.test \x1b]0;x\x07\n"
		"DNS-Mail-ID: \x1b[2J.domain.test\n\n");
	is_done();
	for (const char *p = written; *p != '\0'; p++)
		assert_true(*p == '\n' || (*p >= ' ' && *p < 0x7f));
	end();
	arrives("From: martha@domain.test\nDNS-Mail-ID: a.domain.test\n\n");
	answers("domain.test", "\x1b[2J\nVerdict: pass\n\xff");
	is_done();
	says("TXT \"\\x1b[2J Verdict: pass \\xff\"");
	says("is no message record");
	says("\nVerdict: permerror (bad-record)\n");
	end();
}

static void
without_a_verdict_none_is_made_up(void **state)
{
	(void)state;
	arrives("From: martha@domain.test\nDNS-Mail-ID: a.domain.test\n\n");
	is_done(); /* before it was */
	says("\nVerdict: none was reached");
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_is_explained),
		cmocka_unit_test(hops_are_followed_in_the_order_of_the_records),
		cmocka_unit_test(a_failure_names_the_option_that_acts),
		cmocka_unit_test(dates_out_of_force_are_told),
		cmocka_unit_test(
		    only_of_an_old_message_it_is_said_that_records_expire),
		cmocka_unit_test(what_is_wrong_before_any_question_is_told),
		cmocka_unit_test(foreign_octets_reach_no_terminal),
		cmocka_unit_test(without_a_verdict_none_is_made_up),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
