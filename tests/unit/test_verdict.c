/* protocol.md section 6: what is said, and what is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verifyd/verdict.h"

static struct address
author(const char *local, const char *domain)
{
	struct address a = { 0 };

	strncpy(a.local, local, sizeof(a.local) - 1);
	strncpy(a.domain, domain, sizeof(a.domain) - 1);
	return a;
}

static void
assert_field(const struct verification *v, const char *expected)
{
	char *field = verdict_field(v, "mx.my_isp.net");

	assert_non_null(field);
	assert_string_equal(field, expected);
	free(field);
}

/* The example of section 6. */
static void
a_pass_through_a_forwarder_reads_as_in_the_protocol(void **state)
{
	const struct verification v = {
		.result = VERIFY_PASS,
		.content = CONTENT_INTACT,
		.hops = 2,
		.author = author("martha", "domain.com"),
		.via = { "nonprofit.org" },
		.n_via = 1,
	};

	(void)state;
	assert_field(&v,
	    "mx.my_isp.net; dnsmail=pass header.from=martha@domain.com\n"
	    " policy.via=nonprofit.org policy.content=intact"
	    " policy.dnssec=no");
}

static void
a_failure_has_its_reason(void **state)
{
	const struct verification v = {
		.result = VERIFY_FAIL,
		.reason = REASON_NO_RECORD,
		.author = author("martha", "domain.com"),
		.unused = 2,
	};

	(void)state;
	assert_field(&v,
	    "mx.my_isp.net; dnsmail=fail reason=\"no-record\""
	    " header.from=martha@domain.com\n policy.unused=2");
}

static void
none_says_whether_the_domain_takes_part(void **state)
{
	struct verification v = {
		.result = VERIFY_NONE,
		.author = author("martha", "domain.com"),
	};

	(void)state;
	assert_field(
	    &v, "mx.my_isp.net; dnsmail=none header.from=martha@domain.com");
	v.participates = true;
	assert_field(&v,
	    "mx.my_isp.net; dnsmail=none header.from=martha@domain.com\n"
	    " policy.participates=yes");
}

static void
without_an_author_none_is_named(void **state)
{
	const struct verification v = {
		.result = VERIFY_PERMERROR,
		.reason = REASON_BAD_FROM,
	};

	(void)state;
	assert_field(
	    &v, "mx.my_isp.net; dnsmail=permerror reason=\"bad-from\"");
}

/* RFC 8601 2.2: a token, or quoted; RFC 5322 3.2.3 says what an atom may hold.
 */
static void
odd_local_parts_are_quoted_or_left_out(void **state)
{
	struct verification v = { .result = VERIFY_NONE };

	(void)state;
	v.author = author("a.b+c_d-e", "x.org");
	assert_field(
	    &v, "mx.my_isp.net; dnsmail=none header.from=a.b+c_d-e@x.org");
	v.author = author("a=b/c?d", "x.org");
	assert_field(
	    &v, "mx.my_isp.net; dnsmail=none header.from=\"a=b/c?d@x.org\"");
	v.author = author("cl\xc3\xa1ra", "x.org");
	assert_field(&v, "mx.my_isp.net; dnsmail=none header.from=@x.org");
}

static void
many_forwarders_are_folded(void **state)
{
	static char names[VERIFY_IDS_MAX][64];
	struct verification v = { .result = VERIFY_PASS,
		.content = CONTENT_INTACT };
	char *field, *line;

	(void)state;
	for (int i = 0; i < VERIFY_IDS_MAX; i++) {
		memset(names[i], 'a' + i % 26, 40);
		v.via[v.n_via++] = names[i];
	}
	field = verdict_field(&v, "mx");
	assert_non_null(field);
	line = strtok(field, "\n");
	while ((line = strtok(NULL, "\n")) != NULL) {
		assert_int_equal(line[0], ' ');
		assert_true(strlen(line) <= 78);
	}
	free(field);
}

static void
forwarders_are_logged_with_commas(void **state)
{
	struct verification v = { .via = { "a.org", "b.org" }, .n_via = 2 };
	char *via = verdict_via(&v);

	(void)state;
	assert_string_equal(via, "a.org,b.org");
	free(via);
	v.n_via = 0;
	via = verdict_via(&v);
	assert_string_equal(via, "");
	free(via);
}

/* ---- actions ---------------------------------------------------------------
 */

/* Each option another action, so that none can stand for another. */
static const struct verifyd_config acts = {
	.on_fail = ACTION_REJECT,
	.on_permerror = ACTION_DISCARD,
	.on_temperror = ACTION_TEMPFAIL,
	.on_policy = ACTION_QUARANTINE,
	.on_missing = ACTION_REJECT,
	.on_changed = ACTION_DISCARD,
};

static struct verdict
decide(const struct verification *v, bool observe)
{
	struct verifyd_config config = acts;
	struct verdict verdict;

	config.observe = observe;
	verdict_decide(&verdict, v, &config);
	return verdict;
}

static void
each_result_has_its_option(void **state)
{
	static const struct {
		struct verification v;
		enum verify_action action;
	} rows[] = {
		{ { .result = VERIFY_NONE }, ACTION_ACCEPT },
		{ { .result = VERIFY_NONE, .participates = true },
		    ACTION_REJECT },
		{ { .result = VERIFY_PASS,
		      .content = CONTENT_INTACT,
		      .sealed = CONTENT_INTACT,
		      .hops = 1 },
		    ACTION_ACCEPT },
		{ { .result = VERIFY_PASS,
		      .content = CONTENT_UNBOUND,
		      .sealed = CONTENT_UNBOUND,
		      .hops = 1 },
		    ACTION_ACCEPT },
		{ { .result = VERIFY_PASS,
		      .content = CONTENT_CHANGED,
		      .sealed = CONTENT_CHANGED,
		      .hops = 1 },
		    ACTION_DISCARD },
		{ { .result = VERIFY_PASS,
		      .content = CONTENT_CHANGED,
		      .sealed = CONTENT_INTACT,
		      .hops = 2 },
		    ACTION_ACCEPT },
		{ { .result = VERIFY_POLICY,
		      .content = CONTENT_CHANGED,
		      .sealed = CONTENT_CHANGED },
		    ACTION_QUARANTINE },
		{ { .result = VERIFY_FAIL }, ACTION_REJECT },
		{ { .result = VERIFY_TEMPERROR }, ACTION_TEMPFAIL },
		{ { .result = VERIFY_PERMERROR }, ACTION_DISCARD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdict verdict = decide(&rows[i].v, false);

		assert_string_equal(verify_action_names[verdict.action],
		    verify_action_names[rows[i].action]);
		assert_int_equal(verdict.decided, verdict.action);
		verdict = decide(&rows[i].v, true);
		assert_int_equal(verdict.action, ACTION_ACCEPT);
		assert_int_equal(verdict.decided, rows[i].action);
		assert_null(verdict.reply);
	}
}

static void
replies_are_the_fixed_ones(void **state)
{
	const struct verification temperror = { .result = VERIFY_TEMPERROR };
	const struct verification failed = { .result = VERIFY_FAIL };
	const struct verification none = { .result = VERIFY_NONE };

	(void)state;
	assert_int_equal(
	    strncmp(decide(&temperror, false).reply, "451 4.7.5 ", 10), 0);
	assert_int_equal(
	    strncmp(decide(&failed, false).reply, "550 5.7.1 ", 10), 0);
	assert_null(decide(&none, false).reply);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_pass_through_a_forwarder_reads_as_in_the_protocol),
		cmocka_unit_test(a_failure_has_its_reason),
		cmocka_unit_test(none_says_whether_the_domain_takes_part),
		cmocka_unit_test(without_an_author_none_is_named),
		cmocka_unit_test(odd_local_parts_are_quoted_or_left_out),
		cmocka_unit_test(many_forwarders_are_folded),
		cmocka_unit_test(forwarders_are_logged_with_commas),
		cmocka_unit_test(each_result_has_its_option),
		cmocka_unit_test(replies_are_the_fixed_ones),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
