/* protocol.md 2.5: what a domain wishes, and what is done then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verifyd/verdict.h"
#include "verifyd/wish.h"

enum { TEXT_MAX = UINT16_MAX }; /* as long as an rdata can be */

/* ---- the text -------------------------------------------------------------
 */

static struct wish
wish_of(const char *text)
{
	struct wish wish = { 0 };

	wish_add(&wish, text, strlen(text));
	return wish;
}

static void
texts_become_wishes(void **state)
{
	static const struct {
		const char *text;
		enum wish_word missing, fail;
	} rows[] = {
		{ "v=dnsmail1; missing=quarantine; fail=reject",
		    WISH_QUARANTINE, WISH_REJECT },
		{ "v=dnsmail1; fail=reject; missing=quarantine",
		    WISH_QUARANTINE, WISH_REJECT },
		{ "v=dnsmail1; missing=none; fail=none", WISH_NONE, WISH_NONE },
		{ "v=dnsmail1;missing=reject", WISH_REJECT, WISH_NONE },
		{ "v=dnsmail1;fail=reject;", WISH_NONE, WISH_REJECT },
		{ "v=dnsmail1", WISH_NONE, WISH_NONE },
		{ "v=dnsmail1;;; ;fail=reject", WISH_NONE, WISH_REJECT },
		/* white space */
		{ " v = dnsmail1 ;\tmissing\t=\treject ; fail = quarantine ",
		    WISH_REJECT, WISH_QUARANTINE },
		{ "v=dnsmail1;\r\n fail=reject", WISH_NONE, WISH_REJECT },
		{ "v=dnsmail1; fail=re ject", WISH_NONE, WISH_NONE },
		/* unknown tags and values */
		{ "v=dnsmail1; sp=reject; fail=reject; rua=mailto:a@b.c",
		    WISH_NONE, WISH_REJECT },
		{ "v=dnsmail1; missing; fail=reject", WISH_NONE, WISH_REJECT },
		{ "v=dnsmail1; missing=discard; fail=reject", WISH_NONE,
		    WISH_REJECT },
		{ "v=dnsmail1; missing=; fail=reject!", WISH_NONE, WISH_NONE },
		{ "v=dnsmail1; fail=reject=none", WISH_NONE, WISH_NONE },
		{ "v=dnsmail1; failx=reject; xmissing=reject", WISH_NONE,
		    WISH_NONE },
		{ "v=dnsmail1; fail=rejects; missing=rejec", WISH_NONE,
		    WISH_NONE },
		{ "v=dnsmail1, fail=reject", WISH_NONE, WISH_NONE },
		/* one of the two twice is not clear, the other one is */
		{ "v=dnsmail1; fail=reject; fail=none; missing=reject",
		    WISH_REJECT, WISH_NONE },
		{ "v=dnsmail1; fail=none; fail=reject", WISH_NONE, WISH_NONE },
		/* case */
		{ "V=DNSMAIL1; MISSING=REJECT; Fail=Quarantine", WISH_REJECT,
		    WISH_QUARANTINE },
		/* something else */
		{ "", WISH_NONE, WISH_NONE },
		{ ";", WISH_NONE, WISH_NONE },
		{ "missing=reject; fail=reject", WISH_NONE, WISH_NONE },
		{ "fail=reject; v=dnsmail1", WISH_NONE, WISH_NONE },
		{ "v=dnsmail2; fail=reject", WISH_NONE, WISH_NONE },
		{ "v=dnsmail10; fail=reject", WISH_NONE, WISH_NONE },
		{ "v=dnsmail; fail=reject", WISH_NONE, WISH_NONE },
		{ "v=dnsmail1 fail=reject", WISH_NONE, WISH_NONE },
		{ "vv=dnsmail1; fail=reject", WISH_NONE, WISH_NONE },
		{ "v=spf1 -all", WISH_NONE, WISH_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wish wish = wish_of(rows[i].text);

		if (wish.missing != rows[i].missing ||
		    wish.fail != rows[i].fail)
			fail_msg("%s: %d, %d", rows[i].text, wish.missing,
			    wish.fail);
	}
}

static void
other_texts_do_not_matter(void **state)
{
	static const char other[] = "v=spf1 -all",
			  ours[] = "v=dnsmail1; fail=reject";
	struct wish wish = { 0 };

	(void)state;
	wish_add(&wish, other, strlen(other));
	wish_add(&wish, ours, strlen(ours));
	wish_add(&wish, other, strlen(other));
	assert_int_equal(wish.fail, WISH_REJECT);
}

static void
several_wishes_are_none(void **state)
{
	static const char ours[] = "v=dnsmail1; missing=reject; fail=reject";
	struct wish wish = { 0 };

	(void)state;
	for (int i = 1; i <= 4; i++) {
		wish_add(&wish, ours, strlen(ours));
		assert_int_equal(wish.fail, i == 1 ? WISH_REJECT : WISH_NONE);
		assert_int_equal(
		    wish.missing, i == 1 ? WISH_REJECT : WISH_NONE);
	}
}

/* Each in memory of just its size, so that a sanitizer sees one octet more. */
static void
a_prefix_wishes_nothing_before_its_word_is_whole(void **state)
{
	static const char text[] = "v=dnsmail1;fail=reject;missing=quarantine";
	const size_t fail_ends = strlen("v=dnsmail1;fail=reject");

	(void)state;
	for (size_t n = 0; n <= strlen(text); n++) {
		struct wish wish = { 0 };
		char *copy = malloc(n + (n == 0));

		assert_non_null(copy);
		memcpy(copy, text, n);
		wish_add(&wish, copy, n);
		assert_int_equal(
		    wish.fail, n >= fail_ends ? WISH_REJECT : WISH_NONE);
		assert_int_equal(wish.missing,
		    n == strlen(text) ? WISH_QUARANTINE : WISH_NONE);
		free(copy);
	}
}

static void
nul_is_an_octet_like_others(void **state)
{
	static const char text[] = "v=dnsmail1; fail=reject\0; missing=reject";
	struct wish wish = { 0 };

	(void)state;
	wish_add(&wish, text, sizeof(text) - 1);
	assert_int_equal(wish.fail, WISH_NONE);
	assert_int_equal(wish.missing, WISH_REJECT);
}

/* As much as a TXT record holds, of each kind of octet; the wish at its end. */
static void
the_longest_text_is_read_to_its_end(void **state)
{
	static const char end[] = ";fail=reject", begin[] = "v=dnsmail1;";
	static const char fills[] = "x; =\xff";
	char *text = malloc(TEXT_MAX);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(fills); i++) { /* NUL is the last */
		struct wish wish = { 0 };

		memset(text, fills[i], TEXT_MAX);
		memcpy(text, begin, strlen(begin));
		memcpy(text + TEXT_MAX - strlen(end), end, strlen(end));
		wish_add(&wish, text, TEXT_MAX);
		assert_int_equal(wish.fail, WISH_REJECT);
		assert_int_equal(wish.missing, WISH_NONE);
	}
	free(text);
}

/* ---- what is done ---------------------------------------------------------
 */

static const struct row {
	enum verify_result result;
	enum verify_action option;
	enum wish_word wish; /* of the tag that belongs to the result */
	enum verify_action honoured;
} rows[] = {
	{ VERIFY_NONE, ACTION_ACCEPT, WISH_NONE, ACTION_ACCEPT },
	{ VERIFY_NONE, ACTION_ACCEPT, WISH_QUARANTINE, ACTION_QUARANTINE },
	{ VERIFY_NONE, ACTION_ACCEPT, WISH_REJECT, ACTION_REJECT },
	{ VERIFY_NONE, ACTION_QUARANTINE, WISH_NONE, ACTION_QUARANTINE },
	{ VERIFY_NONE, ACTION_QUARANTINE, WISH_QUARANTINE, ACTION_QUARANTINE },
	{ VERIFY_NONE, ACTION_QUARANTINE, WISH_REJECT, ACTION_REJECT },
	{ VERIFY_NONE, ACTION_TEMPFAIL, WISH_QUARANTINE, ACTION_TEMPFAIL },
	{ VERIFY_NONE, ACTION_TEMPFAIL, WISH_REJECT, ACTION_REJECT },
	{ VERIFY_NONE, ACTION_REJECT, WISH_QUARANTINE, ACTION_REJECT },
	{ VERIFY_NONE, ACTION_DISCARD, WISH_REJECT, ACTION_DISCARD },
	{ VERIFY_FAIL, ACTION_ACCEPT, WISH_NONE, ACTION_ACCEPT },
	{ VERIFY_FAIL, ACTION_ACCEPT, WISH_QUARANTINE, ACTION_QUARANTINE },
	{ VERIFY_FAIL, ACTION_ACCEPT, WISH_REJECT, ACTION_REJECT },
	{ VERIFY_FAIL, ACTION_QUARANTINE, WISH_NONE, ACTION_QUARANTINE },
	{ VERIFY_FAIL, ACTION_QUARANTINE, WISH_REJECT, ACTION_REJECT },
	{ VERIFY_FAIL, ACTION_TEMPFAIL, WISH_QUARANTINE, ACTION_TEMPFAIL },
	{ VERIFY_FAIL, ACTION_TEMPFAIL, WISH_REJECT, ACTION_REJECT },
	{ VERIFY_FAIL, ACTION_REJECT, WISH_NONE, ACTION_REJECT },
	{ VERIFY_FAIL, ACTION_DISCARD, WISH_REJECT, ACTION_DISCARD },
	/* nothing is wished for these */
	{ VERIFY_PASS, ACTION_ACCEPT, WISH_REJECT, ACTION_ACCEPT },
	{ VERIFY_POLICY, ACTION_ACCEPT, WISH_REJECT, ACTION_ACCEPT },
	{ VERIFY_TEMPERROR, ACTION_TEMPFAIL, WISH_REJECT, ACTION_TEMPFAIL },
	{ VERIFY_TEMPERROR, ACTION_ACCEPT, WISH_REJECT, ACTION_ACCEPT },
	{ VERIFY_PERMERROR, ACTION_ACCEPT, WISH_REJECT, ACTION_ACCEPT },
};

static struct verifyd_config
options_of(enum verify_action action, bool honour)
{
	return (struct verifyd_config){
		.on_fail = (int)action,
		.on_permerror = (int)action,
		.on_temperror = (int)action,
		.on_policy = (int)action,
		.on_missing = (int)action,
		.on_changed = (int)action,
		.honour_wish = honour,
	};
}

/* The tag of the other result is set to the strictest: it must not count. */
static struct verification
verification_of(const struct row *row)
{
	bool fail = row->result == VERIFY_FAIL;
	bool none = row->result == VERIFY_NONE;

	return (struct verification){
		.result = row->result,
		.participates = none,
		.author = { "martha", "domain.com" },
		.wish = { .missing = fail ? WISH_REJECT : row->wish,
		    .fail = none ? WISH_REJECT : row->wish },
	};
}

static void
assert_decided(const struct row *row, bool honour, enum verify_action expected)
{
	struct verifyd_config config = options_of(row->option, honour);
	struct verification v = verification_of(row);
	struct verdict verdict;

	verdict_decide(&verdict, &v, &config);
	if (verdict.decided != expected || verdict.action != expected)
		fail_msg("row %td, honour %d: %s", row - rows, honour,
		    verify_action_names[verdict.decided]);
	assert_int_equal(verdict.wished, expected != row->option);
	config.observe = true;
	verdict_decide(&verdict, &v, &config);
	assert_int_equal(verdict.decided, expected);
	assert_int_equal(verdict.action, ACTION_ACCEPT);
}

static void
the_stricter_of_wish_and_option_is_done(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_decided(&rows[i], true, rows[i].honoured);
}

static void
a_wish_that_is_not_honoured_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_decided(&rows[i], false, rows[i].option);
}

/* on-missing is for domains that take part; a domain that does not may wish. */
static void
a_domain_that_takes_no_part_may_wish(void **state)
{
	struct verifyd_config config = options_of(ACTION_DISCARD, true);
	struct verification v = {
		.result = VERIFY_NONE,
		.author = { "martha", "domain.com" },
		.wish = { .missing = WISH_REJECT },
	};
	struct verdict verdict;

	(void)state;
	verdict_decide(&verdict, &v, &config);
	assert_int_equal(verdict.action, ACTION_REJECT);
}

static bool
wants(enum verify_result result, enum verify_action option, bool honour)
{
	const struct verifyd_config config = options_of(option, honour);
	const struct verification v = {
		.result = result,
		.participates = true,
		.author = { "martha", "domain.com" },
	};

	return verdict_wants_wish(&v, &config);
}

static void
a_wish_is_looked_up_only_where_it_could_matter(void **state)
{
	const struct verifyd_config config = options_of(ACTION_ACCEPT, true);
	const struct verification literal = { .result = VERIFY_NONE };

	(void)state;
	for (unsigned r = 0; r < VERIFY_RESULT__COUNT; r++) {
		bool may = r == VERIFY_NONE || r == VERIFY_FAIL;

		for (unsigned a = 0; a < ACTION__COUNT; a++) {
			assert_int_equal(
			    wants(r, a, true), may && a < ACTION_REJECT);
			assert_false(wants(r, a, false));
		}
	}
	assert_false(verdict_wants_wish(&literal, &config));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_become_wishes),
		cmocka_unit_test(other_texts_do_not_matter),
		cmocka_unit_test(several_wishes_are_none),
		cmocka_unit_test(
		    a_prefix_wishes_nothing_before_its_word_is_whole),
		cmocka_unit_test(nul_is_an_octet_like_others),
		cmocka_unit_test(the_longest_text_is_read_to_its_end),
		cmocka_unit_test(the_stricter_of_wish_and_option_is_done),
		cmocka_unit_test(a_wish_that_is_not_honoured_changes_nothing),
		cmocka_unit_test(a_domain_that_takes_no_part_may_wish),
		cmocka_unit_test(
		    a_wish_is_looked_up_only_where_it_could_matter),
	};

	return cmocka_run_group_tests_name("wish", tests, NULL, NULL);
}
