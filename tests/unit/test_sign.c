/*
 * Which mail is signed (protocol.md section 7): message and configuration in,
 * decision out. The configuration is played by the test.
 */
#include "signerd/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "common/auth_results.h"
#include "common/message_id.h"
#include "signerd/config.h"
#include "signerd/received_by.h"

#define OUR_ID "mx.domain.com"

/* ---- the configuration ---- */

static struct config_domain domains[] = {
	{ .name = "domain.com" },
	{ .name = "nonprofit.org" },
	{ .name = "xn--bcher-kva.example" },
};

const struct config_domain *
config_domain(const struct config *config, const char *name)
{
	(void)config;
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
		if (strcmp(domains[i].name, name) == 0)
			return &domains[i];
	return NULL;
}

const struct config_global *
config_global(const struct config *config)
{
	static const struct config_global global = { .authserv_id = OUR_ID };

	(void)config;
	return &global;
}

static struct network local[1];
static struct signerd_config options;
static const struct sign_rules rules = { .options = &options };

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(network_parse(&local[0], "127.0.0.0/8"), 0);
	options = (struct signerd_config){ .trusted = { local, 1 },
		.forward = true,
		.forward_domain = "",
		.max_recipients = 1000 };
	return 0;
}

/* ---- messages ---- */

enum { FIELDS = 16, RECIPIENTS = 8 };

/* One row: who sends what to whom, and what is to become of it. */
struct row {
	const char *what;
	enum sign_reason expected;
	const char *client, *login;   /* NULL: 127.0.0.1, none */
	const char *fields[FIELDS];   /* "Name: value" */
	const char *rcpt[RECIPIENTS]; /* none: one at my_isp.net */
};

struct message {
	struct mail_message m;
	struct mail_field fields[FIELDS];
	char names[FIELDS][40];
	const char *rcpt[RECIPIENTS];
};

static void
message_of(struct message *x, const struct row *row)
{
	size_t n = 0;

	memset(x, 0, sizeof(*x));
	for (; n < FIELDS && row->fields[n] != NULL; n++) {
		const char *colon = strchr(row->fields[n], ':');

		memcpy(x->names[n], row->fields[n],
		    (size_t)(colon - row->fields[n]));
		x->fields[n].name = x->names[n];
		x->fields[n].value = colon + 1;
		x->fields[n].len = strlen(colon + 1);
	}
	x->m.fields = x->fields;
	x->m.n_fields = n;
	memcpy(x->rcpt, row->rcpt, sizeof(x->rcpt));
	if (x->rcpt[0] == NULL)
		x->rcpt[0] = "<claire@my_isp.net>";
	x->m.recipients = x->rcpt;
	while (x->m.n_recipients < RECIPIENTS &&
	    x->rcpt[x->m.n_recipients] != NULL)
		x->m.n_recipients++;
	x->m.client_addr = row->client != NULL ? row->client : "127.0.0.1";
	x->m.auth_authen = row->login != NULL ? row->login : "";
	x->m.queue_id = "4bK";
	x->m.sender = "<>";
}

static const enum sign_action expected_actions[SIGN_REASON__COUNT] = {
	[SIGN_AUTHOR] = SIGN_SIGN,
	[SIGN_FORWARDER] = SIGN_SIGN,
	[SIGN_UNTRUSTED_CLIENT] = SIGN_SKIP,
	[SIGN_NO_RECIPIENTS] = SIGN_SKIP,
	[SIGN_BAD_FROM] = SIGN_SKIP,
	[SIGN_SEVERAL_FROM] = SIGN_SKIP,
	[SIGN_UNREPRESENTABLE] = SIGN_SKIP,
	[SIGN_LOGIN_REQUIRED] = SIGN_SKIP,
	[SIGN_LOGIN_MISMATCH] = SIGN_SKIP,
	[SIGN_OUTSIDE_NOT_PASS] = SIGN_SKIP,
	[SIGN_FORWARD_OFF] = SIGN_SKIP,
	[SIGN_NO_ID_TO_FORWARD] = SIGN_SKIP,
	[SIGN_FAILED_VERIFICATION] = SIGN_SKIP,
	[SIGN_NO_FORWARD_DOMAIN] = SIGN_SKIP,
	[SIGN_TOO_MANY_IDS] = SIGN_SKIP,
	[SIGN_TOO_LARGE] = SIGN_TEMPFAIL,
	[SIGN_TOO_MANY_RECIPIENTS] = SIGN_TEMPFAIL,
	[SIGN_OUT_OF_MEMORY] = SIGN_TEMPFAIL,
};

static void
decide_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sign_decision d;
		struct message x;

		message_of(&x, &rows[i]);
		sign_decide(&d, &rules, &x.m);
		if (d.reason != rows[i].expected)
			fail_msg("%s: expected %s, saw %s", rows[i].what,
			    sign_reason_names[rows[i].expected],
			    sign_reason_names[d.reason]);
		assert_int_equal(d.action, expected_actions[d.reason]);
	}
}

#define DECIDE(rows) decide_rows(rows, sizeof(rows) / sizeof((rows)[0]))
#define MARTHA       "From: Martha <martha@domain.com>"
#define CAROL        "From: carol@foreign.example"
#define CAROLS_ID    "DNS-Mail-ID: kq37a.foreign.example"
#define SAYS         "Authentication-Results: " OUR_ID "; dnsmail="

static void
every_reason_and_action_has_its_own_name(void **state)
{
	(void)state;
	for (int i = 0; i < SIGN_REASON__COUNT; i++) {
		assert_non_null(sign_reason_names[i]);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
			    sign_reason_names[i], sign_reason_names[k]);
	}
	for (int i = 0; i < SIGN__COUNT; i++)
		assert_non_null(sign_action_names[i]);
}

static void
author_of_ours_from_a_trusted_client_is_signed(void **state)
{
	static const struct row rows[] = {
		{ "plain", SIGN_AUTHOR, .fields = { MARTHA } },
		{ "domain in capitals", SIGN_AUTHOR,
		    .fields = { "From: m@DOMAIN.com" } },
		{ "domain in Unicode", SIGN_AUTHOR,
		    .fields = { "From: m@b\xc3\xbc\x63her.example" } },
		{ "field name in capitals", SIGN_AUTHOR,
		    .fields = { "FROM: m@domain.com" } },
		{ "login from anywhere", SIGN_AUTHOR, .client = "192.0.2.1",
		    .login = "martha", .fields = { MARTHA } },
		{ "login, no address known", SIGN_AUTHOR, .client = "",
		    .login = "martha", .fields = { MARTHA } },
		{ "mapped IPv4", SIGN_AUTHOR, .client = "::ffff:127.0.0.1",
		    .fields = { MARTHA } },
		{ "several recipients", SIGN_AUTHOR, .fields = { MARTHA },
		    .rcpt = { "<a@x.org>", "<b@x.org> NOTIFY=NEVER" } },
		{ "carries an ID already", SIGN_AUTHOR,
		    .fields = { "DNS-Mail-ID: a.domain.com", MARTHA } },
		{ "not trusted", SIGN_UNTRUSTED_CLIENT, .client = "192.0.2.1",
		    .fields = { MARTHA } },
		{ "not trusted, IPv6", SIGN_UNTRUSTED_CLIENT,
		    .client = "2001:db8::1", .fields = { MARTHA } },
		{ "unknown client", SIGN_UNTRUSTED_CLIENT, .client = "",
		    .fields = { MARTHA } },
		{ "client that is no address", SIGN_UNTRUSTED_CLIENT,
		    .client = "unknown", .fields = { MARTHA } },
	};
	struct sign_decision d;
	struct message x;

	(void)state;
	DECIDE(rows);
	message_of(&x, &rows[0]);
	sign_decide(&d, &rules, &x.m);
	assert_string_equal(d.author.local, "martha");
	assert_string_equal(d.author.domain, "domain.com");
}

static void
from_that_is_not_exactly_one_address_is_not_signed(void **state)
{
	static const struct row rows[] = {
		{ "no From", SIGN_BAD_FROM, .fields = { "To: a@x.org" } },
		{ "empty", SIGN_BAD_FROM, .fields = { "From: " } },
		{ "no address", SIGN_BAD_FROM, .fields = { "From: Martha" } },
		{ "two fields", SIGN_SEVERAL_FROM,
		    .fields = { MARTHA, CAROL } },
		{ "the same field twice", SIGN_SEVERAL_FROM,
		    .fields = { MARTHA, "from: martha@domain.com" } },
		{ "two mailboxes", SIGN_SEVERAL_FROM,
		    .fields = { "From: a@domain.com, b@domain.com" } },
		{ "a group", SIGN_SEVERAL_FROM,
		    .fields = { "From: G: a@domain.com;" } },
		{ "two authors in one", SIGN_BAD_FROM,
		    .fields = { "From: a@domain.com <b@foreign.example>" } },
		{ "quoted local part", SIGN_UNREPRESENTABLE,
		    .fields = { "From: \"martha\"@domain.com" } },
		{ "a subdomain is another domain", SIGN_NO_ID_TO_FORWARD,
		    .fields = { "From: martha@sub.domain.com" } },
		{ "ours is in the name only", SIGN_NO_ID_TO_FORWARD,
		    .fields = { "From: \"a@domain.com\" "
				"<x@foreign.example>" } },
	};

	(void)state;
	DECIDE(rows);
}

static void
author_is_told_only_when_understood(void **state)
{
	static const struct row rows[] = {
		{ "none", SIGN_BAD_FROM,
		    .fields = { "From: martha@domain.com <x" } },
		{ "several", SIGN_SEVERAL_FROM,
		    .fields = { "From: a@domain.com, b@domain.com" } },
		{ "two fields", SIGN_SEVERAL_FROM,
		    .fields = { MARTHA, MARTHA } },
	};
	struct sign_decision d;
	struct message x;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		message_of(&x, &rows[i]);
		sign_decide(&d, &rules, &x.m);
		assert_int_equal(d.reason, rows[i].expected);
		assert_string_equal(d.author.local, "");
		assert_string_equal(d.author.domain, "");
	}
}

static void
recipient_that_no_record_can_name_is_not_signed(void **state)
{
	static const struct row rows[] = {
		{ "quoted", SIGN_UNREPRESENTABLE, .fields = { MARTHA },
		    .rcpt = { "<\"a b\"@x.org>" } },
		{ "literal", SIGN_UNREPRESENTABLE, .fields = { MARTHA },
		    .rcpt = { "<a@[192.0.2.1]>" } },
		{ "without a domain", SIGN_UNREPRESENTABLE,
		    .fields = { MARTHA }, .rcpt = { "<postmaster>" } },
		{ "one of several", SIGN_UNREPRESENTABLE, .fields = { MARTHA },
		    .rcpt = { "<a@x.org>", "<\"b\"@x.org>", "<c@x.org>" } },
		{ "of a forwarder", SIGN_UNREPRESENTABLE,
		    .fields = { CAROLS_ID, CAROL },
		    .rcpt = { "<\"a\"@x.org> ORCPT=rfc822;a@domain.com" } },
	};
	struct sign_decision d;
	struct message x;

	(void)state;
	DECIDE(rows);
	message_of(&x, &rows[0]);
	x.m.n_recipients = 0;
	sign_decide(&d, &rules, &x.m);
	assert_int_equal(d.reason, SIGN_NO_RECIPIENTS);
}

static void
login_is_asked_for_where_configured(void **state)
{
	static const struct row rows[] = {
		{ "network without login", SIGN_LOGIN_REQUIRED,
		    .fields = { MARTHA } },
		{ "login in the network", SIGN_AUTHOR, .login = "martha",
		    .fields = { MARTHA } },
		{ "login from elsewhere", SIGN_AUTHOR, .client = "192.0.2.1",
		    .login = "martha", .fields = { MARTHA } },
		{ "a forwarder has none", SIGN_FORWARDER,
		    .fields = { CAROLS_ID, CAROL, "To: a@domain.com" } },
	};

	(void)state;
	options.require_login = true;
	DECIDE(rows);
}

static void
login_must_match_what_is_configured(void **state)
{
	static const struct row by_domain[] = {
		{ "other person", SIGN_AUTHOR, .login = "bob@domain.com",
		    .fields = { MARTHA } },
		{ "in capitals", SIGN_AUTHOR, .login = "bob@DOMAIN.COM",
		    .fields = { MARTHA } },
		{ "other domain of ours", SIGN_LOGIN_MISMATCH,
		    .login = "bob@nonprofit.org", .fields = { MARTHA } },
		{ "no domain", SIGN_LOGIN_MISMATCH, .login = "martha",
		    .fields = { MARTHA } },
		{ "no login", SIGN_AUTHOR, .fields = { MARTHA } },
	};
	static const struct row by_address[] = {
		{ "the same", SIGN_AUTHOR, .login = "martha@domain.com",
		    .fields = { MARTHA } },
		{ "but for case", SIGN_AUTHOR, .login = "Martha@Domain.com",
		    .fields = { MARTHA } },
		{ "other person", SIGN_LOGIN_MISMATCH,
		    .login = "bob@domain.com", .fields = { MARTHA } },
		{ "longer", SIGN_LOGIN_MISMATCH, .login = "martha@domain.com x",
		    .fields = { MARTHA } },
		{ "a forwarder", SIGN_FORWARDER, .login = "bob",
		    .fields = { CAROLS_ID, CAROL, "To: a@domain.com" } },
	};

	(void)state;
	options.login_match = LOGIN_MATCH_DOMAIN;
	DECIDE(by_domain);
	options.login_match = LOGIN_MATCH_ADDRESS;
	DECIDE(by_address);
}

static void
mail_from_outside_is_signed_as_author_only_after_a_pass(void **state)
{
	static const struct row rows[] = {
		{ "pass", SIGN_AUTHOR, .fields = { SAYS "pass", MARTHA } },
		{ "none", SIGN_OUTSIDE_NOT_PASS,
		    .fields = { SAYS "none", MARTHA } },
		{ "policy", SIGN_OUTSIDE_NOT_PASS,
		    .fields = { SAYS "policy", MARTHA } },
		{ "fail", SIGN_OUTSIDE_NOT_PASS,
		    .fields = { SAYS "fail", MARTHA } },
		{ "temperror", SIGN_OUTSIDE_NOT_PASS,
		    .fields = { SAYS "temperror", MARTHA } },
		{ "permerror", SIGN_OUTSIDE_NOT_PASS,
		    .fields = { SAYS "permerror", MARTHA } },
		{ "unknown word", SIGN_OUTSIDE_NOT_PASS,
		    .fields = { SAYS "passed", MARTHA } },
		{ "ours, but silent", SIGN_OUTSIDE_NOT_PASS,
		    .fields = { "Authentication-Results: " OUR_ID "; dkim=pass",
			MARTHA } },
		{ "silent one beside a pass", SIGN_AUTHOR,
		    .fields = { "Authentication-Results: " OUR_ID "; dkim=pass",
			SAYS "pass", MARTHA } },
		{ "older one failed", SIGN_OUTSIDE_NOT_PASS,
		    .fields = { SAYS "pass", SAYS "fail", MARTHA } },
		{ "newer one failed", SIGN_OUTSIDE_NOT_PASS,
		    .fields = { SAYS "fail", SAYS "pass", MARTHA } },
		{ "of another host", SIGN_AUTHOR,
		    .fields = { "Authentication-Results: mx.x.org; "
				"dnsmail=fail",
			MARTHA } },
		{ "with a login", SIGN_OUTSIDE_NOT_PASS, .login = "martha",
		    .fields = { SAYS "fail", MARTHA } },
		{ "id in capitals", SIGN_OUTSIDE_NOT_PASS,
		    .fields = { "authentication-results: MX.Domain.com (x) 1; "
				"dnsmail=fail",
			MARTHA } },
	};

	(void)state;
	DECIDE(rows);
}

static void
foreign_mail_with_its_authors_id_is_signed_as_forwarder(void **state)
{
#define FORWARDED CAROLS_ID, CAROL, "To: claire@nonprofit.org"
	static const struct row rows[] = {
		{ "forwarded", SIGN_FORWARDER, .fields = { FORWARDED } },
		{ "not trusted", SIGN_UNTRUSTED_CLIENT, .client = "192.0.2.1",
		    .fields = { FORWARDED } },
		{ "no ID", SIGN_NO_ID_TO_FORWARD,
		    .fields = { CAROL, "To: claire@nonprofit.org" } },
		{ "an ID that is none", SIGN_NO_ID_TO_FORWARD,
		    .fields = { CAROL, "DNS-Mail-ID: nonsense",
			"To: claire@nonprofit.org" } },
		{ "an ID of another domain", SIGN_NO_ID_TO_FORWARD,
		    .fields = { CAROL, "DNS-Mail-ID: a.other.example",
			"To: claire@nonprofit.org" } },
		{ "an ID of a subdomain", SIGN_NO_ID_TO_FORWARD,
		    .fields = { CAROL, "DNS-Mail-ID: a.b.foreign.example",
			"To: claire@nonprofit.org" } },
		{ "below another hop's", SIGN_FORWARDER,
		    .fields = { "DNS-Mail-ID: b.list.example", FORWARDED } },
		{ "pass", SIGN_FORWARDER,
		    .fields = { SAYS "pass", FORWARDED } },
		{ "none", SIGN_FORWARDER,
		    .fields = { SAYS "none", FORWARDED } },
		{ "policy", SIGN_FORWARDER,
		    .fields = { SAYS "policy", FORWARDED } },
		{ "temperror", SIGN_FORWARDER,
		    .fields = { SAYS "temperror", FORWARDED } },
		{ "fail", SIGN_FAILED_VERIFICATION,
		    .fields = { SAYS "fail", FORWARDED } },
		{ "permerror", SIGN_FAILED_VERIFICATION,
		    .fields = { SAYS "permerror", FORWARDED } },
		{ "unreadable", SIGN_FAILED_VERIFICATION,
		    .fields = { SAYS "pass (", FORWARDED } },
		{ "silent", SIGN_FORWARDER,
		    .fields = { "Authentication-Results: " OUR_ID "; dkim=fail",
			FORWARDED } },
		{ "failed elsewhere", SIGN_FORWARDER,
		    .fields = { "Authentication-Results: x; dnsmail=fail",
			FORWARDED } },
		{ "no domain of ours anywhere", SIGN_NO_FORWARD_DOMAIN,
		    .fields = { CAROLS_ID, CAROL, "To: x@y.org" } },
		{ "one recipient without", SIGN_NO_FORWARD_DOMAIN,
		    .fields = { CAROLS_ID, CAROL },
		    .rcpt = { "<a@x.org> ORCPT=rfc822;c@domain.com",
			"<b@x.org>" } },
	};

	(void)state;
	DECIDE(rows);
	options.forward = false;
	static const struct row off[] = {
		{ "switched off", SIGN_FORWARD_OFF, .fields = { FORWARDED } },
		{ "authors are", SIGN_AUTHOR, .fields = { MARTHA } },
	};
	DECIDE(off);
}

static void
what_was_cut_off_is_refused_for_now(void **state)
{
	static const struct row row = { "cut", SIGN_AUTHOR,
		.fields = { MARTHA } };
	static const struct {
		enum mail_overflow overflow;
		enum sign_reason expected;
	} cases[] = {
		{ MAIL_FITS, SIGN_AUTHOR },
		{ MAIL_TOO_MANY_FIELDS, SIGN_TOO_LARGE },
		{ MAIL_FIELD_TOO_LONG, SIGN_TOO_LARGE },
		{ MAIL_KEPT_TOO_MUCH, SIGN_TOO_LARGE },
		{ MAIL_TOO_MANY_RECIPIENTS, SIGN_TOO_MANY_RECIPIENTS },
	};
	struct sign_decision d;
	struct message x;

	(void)state;
	message_of(&x, &row);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		x.m.overflow = cases[i].overflow;
		sign_decide(&d, &rules, &x.m);
		assert_int_equal(d.reason, cases[i].expected);
		assert_int_equal(d.action, expected_actions[d.reason]);
	}
	/* mail that we do not sign anyway is not held up */
	x.m.client_addr = "192.0.2.1";
	sign_decide(&d, &rules, &x.m);
	assert_int_equal(d.reason, SIGN_UNTRUSTED_CLIENT);
}

static void
recipients_up_to_the_configured_number_are_signed(void **state)
{
	static const struct row rows[] = {
		{ "two", SIGN_AUTHOR, .fields = { MARTHA },
		    .rcpt = { "<a@x.org>", "<b@x.org>" } },
		{ "three", SIGN_TOO_MANY_RECIPIENTS, .fields = { MARTHA },
		    .rcpt = { "<a@x.org>", "<b@x.org>", "<c@x.org>" } },
	};

	(void)state;
	options.max_recipients = 2;
	DECIDE(rows);
}

/* ---- which domain of ours received it ---- */

static void
orcpt_names_the_domain_that_received(void **state)
{
	static const struct {
		const char *rcpt, *domain; /* NULL: none of ours */
	} rows[] = {
		{ "<a@x.org> ORCPT=rfc822;claire@nonprofit.org",
		    "nonprofit.org" },
		{ "<a@x.org> NOTIFY=NEVER orcpt=RFC822;c@NonProfit.ORG X=y",
		    "nonprofit.org" },
		{ "<a@x.org> ORCPT=rfc822;claire+2Bx@nonprofit.org",
		    "nonprofit.org" },
		{ "<a@x.org> ORCPT=rfc822;claire+40nonprofit.org",
		    "nonprofit.org" },
		{ "<a@x.org> ORCPT=utf-8;c@b\\x{FC}cher.example",
		    "xn--bcher-kva.example" },
		{ "<a@x.org> ORCPT=utf-8;c@b\xc3\xbc\x63her.example",
		    "xn--bcher-kva.example" },
		{ "<a@x.org> ORCPT=utf-8;\\x{1F4E7}\\x{20AC}@domain.com",
		    "domain.com" },
		{ "a@x.org ORCPT=rfc822;c@domain.com", "domain.com" },
		{ "<a@domain.com>", NULL },
		{ "<a@x.org> ORCPT=rfc822;claire@foreign.example", NULL },
		{ "<a@x.org> ORCPT=x400;claire@nonprofit.org", NULL },
		{ "<a@x.org> ORCPT=claire@nonprofit.org", NULL },
		{ "<a@x.org> ORCPT=rfc822;", NULL },
		{ "<a@x.org> ORCPT=", NULL },
		{ "<a@x.org> XORCPT=rfc822;c@nonprofit.org", NULL },
		{ "<a@x.org> ORCPT=rfc822;a+00@nonprofit.org", NULL },
		{ "<a@x.org> ORCPT=rfc822;a+0A@nonprofit.org", NULL },
		{ "<a@x.org> ORCPT=utf-8;a\\x{D800}@nonprofit.org", NULL },
		{ "<a@x.org> ORCPT=utf-8;a\\x{110000}@nonprofit.org", NULL },
		{ "<a@x.org> ORCPT=utf-8;a\\x{0}@nonprofit.org", NULL },
		{ "<a@x.org> ORCPT=utf-8;a\\x{@nonprofit.org", NULL },
		{ "<a@x.org> ORCPT=utf-8;a\\x{FC", NULL },
		{ "<a@x.org> ORCPT=rfc822;a@b@nonprofit.org", NULL },
		{ "<a@x.org> ORCPT=rfc822;<a@nonprofit.org>", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct config_domain *d =
		    received_by_orcpt(&rules, rows[i].rcpt);
		const char *seen = d != NULL ? d->name : "none";
		const char *expected =
		    rows[i].domain != NULL ? rows[i].domain : "none";

		if (strcmp(seen, expected) != 0)
			fail_msg("'%s': expected %s, saw %s", rows[i].rcpt,
			    expected, seen);
	}
}

static void
orcpt_longer_than_any_is_passed_over(void **state)
{
	char rcpt[3000] = "<a@x.org> ORCPT=rfc822;";
	size_t n = strlen(rcpt);

	(void)state;
	memset(rcpt + n, 'a', 2000);
	strcpy(rcpt + n + 2000, "@domain.com");
	assert_null(received_by_orcpt(&rules, rcpt));
}

static void
message_names_the_domain_that_received(void **state)
{
	static const struct {
		const char *expected; /* NULL: none */
		struct row row;
	} rows[] = {
		{ "domain.com",
		    { .fields = { "Delivered-To: a@domain.com",
			  "Delivered-To: a@nonprofit.org",
			  "To: a@nonprofit.org" } } },
		{ "nonprofit.org",
		    { .fields = { "X-Original-To: a@nonprofit.org",
			  "Delivered-To: a@domain.com" } } },
		{ "nonprofit.org",
		    { .fields = { "Delivered-To: a@foreign.example",
			  "x-original-to: a@nonprofit.org",
			  "To: a@domain.com" } } },
		{ "domain.com",
		    { .fields = { "Cc: a@nonprofit.org",
			  "To: x@y.org, A <a@domain.com>, "
			  "a@nonprofit.org" } } },
		{ "nonprofit.org",
		    { .fields = { "To: x@y.org",
			  "Cc: G: a@nonprofit.org;" } } },
		{ "domain.com",
		    { .fields = { "Delivered-To: nonsense",
			  "To: a@domain.com" } } },
		{ NULL, { .fields = { "To: x@y.org" } } },
		{ NULL, { .fields = { NULL } } },
		{ NULL, { .fields = { "To: a@sub.domain.com" } } },
	};
	struct message x;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct config_domain *d;

		message_of(&x, &rows[i].row);
		options.forward_domain = "";
		d = received_by_message(&rules, &x.m);
		if (rows[i].expected == NULL) {
			assert_null(d);
			options.forward_domain = "nonprofit.org";
			d = received_by_message(&rules, &x.m);
			assert_string_equal(d->name, "nonprofit.org");
		} else {
			assert_non_null(d);
			assert_string_equal(d->name, rows[i].expected);
		}
	}
}

/* The steps that were told, a letter each; a capital one objected. */
static void
told(void *arg, enum sign_step step, bool objects)
{
	static const char letters[][SIGN_STEP__COUNT + 1] = { "csflowivrd",
		"CSFLOWIVRD" };
	char *seen = arg;

	assert_true(step < SIGN_STEP__COUNT);
	seen[strlen(seen)] = letters[objects][step];
}

/* client, size, from; login, outside (o), recipients; forward (w), id,
   verified, recipients, received (d) */
static void
steps_are_told_up_to_the_one_that_objects(void **state)
{
	static const struct {
		struct row row;
		const char *seen;
	} rows[] = {
		{ { "author", SIGN_AUTHOR, .fields = { MARTHA } }, "csflor" },
		{ { "stranger", SIGN_UNTRUSTED_CLIENT, .client = "192.0.2.1",
		      .fields = { MARTHA } },
		    "C" },
		{ { "no From", SIGN_BAD_FROM, .fields = { NULL } }, "csF" },
		{ { "from outside", SIGN_OUTSIDE_NOT_PASS,
		      .fields = { SAYS "none", MARTHA } },
		    "csflO" },
		{ { "no ID", SIGN_NO_ID_TO_FORWARD, .fields = { CAROL } },
		    "csfwI" },
		{ { "failed", SIGN_FAILED_VERIFICATION,
		      .fields = { SAYS "fail", CAROLS_ID, CAROL } },
		    "csfwiV" },
		{ { "nowhere", SIGN_NO_FORWARD_DOMAIN,
		      .fields = { CAROLS_ID, CAROL } },
		    "csfwivrD" },
		{ { "forwarder", SIGN_FORWARDER,
		      .fields = { CAROLS_ID, CAROL, "To: c@nonprofit.org" } },
		    "csfwivrd" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char seen[SIGN_STEP__COUNT + 1] = "";
		struct sign_decision d;
		struct message x;

		message_of(&x, &rows[i].row);
		sign_decide_told(&d, &rules, &x.m, told, seen);
		assert_int_equal(d.reason, rows[i].row.expected);
		assert_string_equal(seen, rows[i].seen);
	}
}

/* Or the milter session would not keep it, and no decision see it. */
static void
every_field_that_is_read_is_asked_for(void **state)
{
	static const char *const read[] = { "From", "To", "Cc", "Reply-To",
		"Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
		"Content-Transfer-Encoding", MESSAGE_ID_FIELD,
		AUTH_RESULTS_FIELD, "Delivered-To", "X-Original-To" };

	(void)state;
	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++) {
		size_t k = 0;

		while (sign_fields[k] != NULL &&
		    strcasecmp(sign_fields[k], read[i]) != 0)
			k++;
		if (sign_fields[k] == NULL)
			fail_msg("%s is not asked for", read[i]);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(every_reason_and_action_has_its_own_name),
		TEST(author_of_ours_from_a_trusted_client_is_signed),
		TEST(from_that_is_not_exactly_one_address_is_not_signed),
		TEST(author_is_told_only_when_understood),
		TEST(recipient_that_no_record_can_name_is_not_signed),
		TEST(login_is_asked_for_where_configured),
		TEST(login_must_match_what_is_configured),
		TEST(mail_from_outside_is_signed_as_author_only_after_a_pass),
		TEST(foreign_mail_with_its_authors_id_is_signed_as_forwarder),
		TEST(what_was_cut_off_is_refused_for_now),
		TEST(recipients_up_to_the_configured_number_are_signed),
		TEST(orcpt_names_the_domain_that_received),
		TEST(orcpt_longer_than_any_is_passed_over),
		TEST(message_names_the_domain_that_received),
		TEST(steps_are_told_up_to_the_one_that_objects),
		TEST(every_field_that_is_read_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
