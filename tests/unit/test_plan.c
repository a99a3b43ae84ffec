/*
 * What is published for a message: IDs and records (protocol.md 2.2, section
 * 7). The configuration, the random octets and the time are the test's.
 */
#include "signerd/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/record.h"
#include "signerd/config.h"

#define DATE "Tue, 24 Nov 2026 04:10:40 +0000"
enum { NOW = 1795493440 };
#define DIGEST "Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm8"

/* ---- the configuration ---- */

static struct config_domain domains[] = {
	{ .name = "domain.com" },
	{ .name = "nonprofit.org" },
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
	(void)config;
	return NULL; /* only decisions ask for it */
}

static struct signerd_config options;
static const struct sign_rules rules = { .options = &options };

/* ---- messages ---- */

enum { RECIPIENTS = 1000, FIELDS = 16, RCPT_MAX = 600 };

static struct mail_message m;
static struct mail_field fields[FIELDS];
static const char *rcpt[RECIPIENTS];
static char rcpt_text[RECIPIENTS][RCPT_MAX];
static struct sign_decision decision;
static uint8_t octets[PLAN_GROUPS_MAX][MESSAGE_ID_RANDOM];

static int
setup(void **state)
{
	(void)state;
	options = (struct signerd_config){ .private = PRIVATE_BLIND,
		.forward_domain = "" };
	m = (struct mail_message){ .recipients = rcpt, .fields = fields };
	decision = (struct sign_decision){ .action = SIGN_SIGN,
		.reason = SIGN_AUTHOR };
	assert_int_equal(
	    address_from_spec(&decision.author, "martha@domain.com", 17),
	    ADDRESS_OK);
	/* a different first octet for each: the IDs' first characters */
	for (int i = 0; i < PLAN_GROUPS_MAX; i++)
		octets[i][0] = (uint8_t)(i << 3);
	return 0;
}

static void
add_rcpt(const char *text)
{
	snprintf(rcpt_text[m.n_recipients], RCPT_MAX, "%s", text);
	rcpt[m.n_recipients] = rcpt_text[m.n_recipients];
	m.n_recipients++;
}

static void
add_rcpts(unsigned n)
{
	char text[40];

	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "<user%u@x.org>", i);
		add_rcpt(text);
	}
}

static void
add_field(const char *name, const char *value)
{
	fields[m.n_fields++] = (struct mail_field){
		.name = name, .value = value, .len = strlen(value)
	};
}

static struct plan *
make(const char *bind)
{
	return plan_new(&decision, &rules, &m, bind, octets, NOW);
}

static struct plan *
made(void)
{
	struct plan *plan = make(NULL);

	if (plan == NULL)
		fail_msg("expected a plan, saw %s",
		    sign_reason_names[decision.reason]);
	return plan;
}

/* Is this one of the texts at any of the IDs? */
static bool
has(const struct plan *plan, const char *text)
{
	for (size_t i = 0; i < plan->n_groups; i++)
		for (size_t k = 0; k < plan->groups[i].n; k++)
			if (strcmp(plan->groups[i].records[k].text, text) == 0)
				return true;
	return false;
}

/* How many records name this recipient. */
static int
naming(const struct plan *plan, const char *recipient)
{
	struct address a;
	struct record r;
	int n = 0;

	address_from_path(&a, recipient);
	for (size_t i = 0; i < plan->n_groups; i++) {
		const struct plan_group *g = &plan->groups[i];

		for (size_t k = 0; k < g->n; k++) {
			assert_true(record_get(
			    &r, g->records[k].text, g->records[k].text_len));
			n += record_names(&r, g->id.label, &a);
		}
	}
	return n;
}

static void
one_recipient_is_one_record_at_one_id(void **state)
{
	struct plan *plan;
	const struct plan_group *g;

	(void)state;
	add_rcpt("<Claire@My_ISP.net> NOTIFY=NEVER");
	plan = make(DIGEST);
	assert_non_null(plan);
	g = &plan->groups[0];
	assert_int_equal(plan->n_groups, 1);
	assert_int_equal(g->n, 1);
	assert_ptr_equal(g->domain, &domains[0]);
	assert_string_equal(g->name, "aaaaaaaaaaaaaaaaaaaaaaaaaa.domain.com");
	assert_string_equal(g->records[0].owner, g->name);
	assert_string_equal(g->records[0].text,
	    "To:Claire@my_isp.net*From:martha@domain.com*date=" DATE
	    "*bind=" DIGEST);
	assert_int_equal(g->records[0].text_len, strlen(g->records[0].text));
	plan_free(plan);
}

static void
without_a_digest_there_is_no_binding(void **state)
{
	struct plan *plan;

	(void)state;
	add_rcpt("<a@x.org>");
	plan = made();
	assert_true(has(plan, "To:a@x.org*From:martha@domain.com*date=" DATE));
	plan_free(plan);
}

/* protocol.md 2.2: not shown, and sharing the message with others. */
static void
only_a_hidden_recipient_among_others_is_blinded(void **state)
{
	struct plan *plan;

	(void)state;
	add_rcpt("<a@x.org>");
	add_rcpt("<b@x.org>");
	add_rcpt("<bcc@x.org>");
	add_rcpt("<g@x.org>");
	add_rcpt("<bcc@y.org>");
	add_rcpt("<B@x.org>");
	add_field("To", "A <A@X.org>, bcc@z.org");
	add_field("Cc", "b@x.org,\r\n G: g@x.org;");
	add_field("Subject", "bcc@x.org");
	plan = made();
	assert_int_equal(plan->groups[0].n, 6);
#define REST "*From:martha@domain.com*date=" DATE
	assert_true(has(plan, "To:a@x.org" REST));
	assert_true(has(plan, "To:b@x.org" REST));
	assert_true(has(plan, "To:B@x.org" REST));
	assert_true(has(plan, "To:g@x.org" REST));
	assert_false(has(plan, "To:bcc@x.org" REST));
	assert_false(has(plan, "To:bcc@y.org" REST));
	assert_int_equal(naming(plan, "<bcc@x.org>"), 1);
	assert_int_equal(naming(plan, "<bcc@y.org>"), 1);
	assert_int_equal(naming(plan, "<bcc@z.org>"), 0);
	assert_int_equal(naming(plan, "<a@x.org>"), 1);
	plan_free(plan);
}

static void
hidden_recipient_alone_is_not_blinded(void **state)
{
	struct plan *plan;

	(void)state;
	add_rcpt("<bcc@x.org>");
	add_field("To", "a@x.org");
	plan = made();
	assert_true(has(plan, "To:bcc@x.org" REST));
	plan_free(plan);
}

static void
private_all_blinds_everybody_and_none_nobody(void **state)
{
	struct plan *plan;

	(void)state;
	add_rcpt("<a@x.org>");
	add_rcpt("<bcc@x.org>");
	add_field("To", "a@x.org");
	options.private = PRIVATE_ALL;
	plan = made();
	for (int i = 0; i < 2; i++)
		assert_memory_equal(plan->groups[0].records[i].text, "To:#", 4);
	assert_int_equal(naming(plan, "<a@x.org>"), 1);
	assert_int_equal(naming(plan, "<bcc@x.org>"), 1);
	plan_free(plan);
	options.private = PRIVATE_NONE;
	plan = made();
	assert_true(has(plan, "To:a@x.org" REST));
	assert_true(has(plan, "To:bcc@x.org" REST));
	plan_free(plan);
}

/* Blinded with the label of the ID that the record lies at. */
static void
recipients_are_spread_over_ids_of_a_hundred(void **state)
{
	struct plan *plan;
	char text[40];

	(void)state;
	add_rcpts(PLAN_RECORDS_MAX);
	plan = made();
	assert_int_equal(plan->n_groups, 1);
	plan_free(plan);

	add_rcpt("<last@x.org>");
	plan = made();
	assert_int_equal(plan->n_groups, 2);
	assert_int_equal(plan->groups[0].n, PLAN_RECORDS_MAX);
	assert_int_equal(plan->groups[1].n, 1);
	assert_string_not_equal(plan->groups[0].name, plan->groups[1].name);
	assert_string_equal(
	    plan->groups[1].records[0].owner, plan->groups[1].name);
	for (unsigned i = 0; i < PLAN_RECORDS_MAX; i++) {
		snprintf(text, sizeof(text), "<user%u@x.org>", i);
		assert_int_equal(naming(plan, text), 1);
	}
	assert_int_equal(naming(plan, "<last@x.org>"), 1);
	plan_free(plan);
}

static void
more_recipients_than_all_ids_hold_is_tempfail(void **state)
{
	struct plan *plan;

	(void)state;
	add_rcpts(PLAN_GROUPS_MAX * PLAN_RECORDS_MAX);
	plan = made();
	assert_int_equal(plan->n_groups, PLAN_GROUPS_MAX);
	plan_free(plan);
	add_rcpt("<last@x.org>");
	assert_null(make(NULL));
	assert_int_equal(decision.action, SIGN_TEMPFAIL);
	assert_int_equal(decision.reason, SIGN_TOO_MANY_RECIPIENTS);
}

static void
long_addresses_are_spread_by_their_octets(void **state)
{
	char text[RCPT_MAX];
	struct plan *plan;
	size_t n = 0;

	(void)state;
	memset(text, 'a', 250);
	strcpy(text + 250, "@x.org");
	memcpy(decision.author.local, text, 250);
	for (int i = 0; i < 200; i++)
		add_rcpt(text);
	options.private = PRIVATE_NONE;
	plan = made();
	assert_true(plan->n_groups > 200 / PLAN_RECORDS_MAX);
	for (size_t i = 0; i < plan->n_groups; i++) {
		const struct plan_group *g = &plan->groups[i];
		size_t sum = 0;

		for (size_t k = 0; k < g->n; k++)
			sum += strlen(g->records[k].text);
		assert_int_equal(sum, g->text_len);
		assert_true(sum <= PLAN_TEXT_MAX);
		n += g->n;
	}
	assert_int_equal(n, 200);
	plan_free(plan);
}

static void
forwarder_signs_where_each_copy_was_received(void **state)
{
	struct plan *plan;

	(void)state;
	decision.reason = SIGN_FORWARDER;
	address_from_spec(&decision.author, "carol@foreign.example", 21);
	add_rcpt("<a@x.org> ORCPT=rfc822;one@nonprofit.org");
	add_rcpt("<b@x.org> ORCPT=rfc822;two@domain.com");
	add_rcpt("<c@x.org> ORCPT=rfc822;three@nonprofit.org");
	add_rcpt("<d@x.org>");
	add_field("Delivered-To", "four@domain.com");
	options.private = PRIVATE_NONE;
	plan = made();
	assert_int_equal(plan->n_groups, 2);
	assert_ptr_equal(plan->groups[0].domain, &domains[1]);
	assert_ptr_equal(plan->groups[1].domain, &domains[0]);
	assert_string_equal(plan->groups[0].id.domain, "nonprofit.org");
	assert_string_equal(plan->groups[0].records[1].text,
	    "To:c@x.org*From:carol@foreign.example*date=" DATE);
	assert_string_equal(plan->groups[1].records[1].text,
	    "To:d@x.org*From:carol@foreign.example*date=" DATE);
	plan_free(plan);
}

static void
forwarder_without_a_domain_has_no_plan(void **state)
{
	(void)state;
	decision.reason = SIGN_FORWARDER;
	add_rcpt("<a@x.org> ORCPT=rfc822;one@nonprofit.org");
	add_rcpt("<b@x.org>");
	assert_null(make(NULL));
	assert_int_equal(decision.action, SIGN_SKIP);
	assert_int_equal(decision.reason, SIGN_NO_FORWARD_DOMAIN);
}

/* A verifier takes 8; with more the message would be a permerror. */
static void
ids_already_there_count_with_ours(void **state)
{
	struct plan *plan;

	(void)state;
	add_rcpt("<a@x.org>");
	for (int i = 1; i < PLAN_GROUPS_MAX; i++)
		add_field("dns-mail-id", "a.foreign.example");
	plan = made();
	plan_free(plan);
	add_field("DNS-Mail-ID", "a.foreign.example");
	assert_null(make(NULL));
	assert_int_equal(decision.action, SIGN_SKIP);
	assert_int_equal(decision.reason, SIGN_TOO_MANY_IDS);
}

static void
no_plan_is_freed_without_harm(void **state)
{
	(void)state;
	plan_free(NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(one_recipient_is_one_record_at_one_id),
		TEST(without_a_digest_there_is_no_binding),
		TEST(only_a_hidden_recipient_among_others_is_blinded),
		TEST(hidden_recipient_alone_is_not_blinded),
		TEST(private_all_blinds_everybody_and_none_nobody),
		TEST(recipients_are_spread_over_ids_of_a_hundred),
		TEST(more_recipients_than_all_ids_hold_is_tempfail),
		TEST(long_addresses_are_spread_by_their_octets),
		TEST(forwarder_signs_where_each_copy_was_received),
		TEST(forwarder_without_a_domain_has_no_plan),
		TEST(ids_already_there_count_with_ours),
		TEST(no_plan_is_freed_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
