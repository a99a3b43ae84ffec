/*
 * protocol.md section 11: which domains are asked for, what an answer of a
 * domain list is worth, and what is done and said then.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "verifyd/reputation.h"
#include "verifyd/verdict.h"

enum { ANSWERS_MAX = 4, ADDRESSES_MAX = 4 };

static char zone[] = "dbl.example.net";

/* ---- names ----------------------------------------------------------------
 */

static void
the_domain_stands_before_the_zone(void **state)
{
	char name[DOMAIN_MAX];

	(void)state;
	assert_true(reputation_name(name, "domain.com", zone));
	assert_string_equal(name, "domain.com.dbl.example.net");
}

/* A name has 253 octets at most (section 2). */
static void
a_name_over_253_octets_is_none(void **state)
{
	char domain[DOMAIN_MAX], name[DOMAIN_MAX];
	const size_t longest = 253 - strlen(".dbl.example.net");

	(void)state;
	for (size_t n = 1; n <= 253; n++) {
		memset(domain, 'a', n);
		domain[n] = '\0';
		assert_int_equal(
		    reputation_name(name, domain, zone), n <= longest);
	}
}

/* ---- answers --------------------------------------------------------------
 */

struct answer {
	const char *network;
	enum verify_action action;
};

static const struct row {
	const char *addresses[ADDRESSES_MAX];
	struct answer answers[ANSWERS_MAX];
	enum verify_action action_default;
	const char *by;            /* the address that counts; NULL: none */
	enum verify_action action; /* of it */
	const char *trouble;       /* words of it, or NULL */
} rows[] = {
	/* one entry */
	{ { "127.0.1.2" }, { { "127.0.1.2", ACTION_REJECT } }, ACTION_ACCEPT,
	    "127.0.1.2", ACTION_REJECT, NULL },
	{ { "127.0.1.3" }, { { "127.0.1.2", ACTION_REJECT } }, ACTION_ACCEPT,
	    "127.0.1.3", ACTION_ACCEPT, NULL },
	{ { "127.0.1.3" }, { { "127.0.1.2", ACTION_REJECT } }, ACTION_TEMPFAIL,
	    "127.0.1.3", ACTION_TEMPFAIL, NULL },
	{ { "127.0.1.2" }, { { NULL, 0 } }, ACTION_DISCARD, "127.0.1.2",
	    ACTION_DISCARD, NULL },
	/* the first that matches, in order */
	{ { "127.0.1.2" },
	    { { "127.0.1.2", ACTION_REJECT },
		{ "127.0.1.0/24", ACTION_QUARANTINE } },
	    ACTION_ACCEPT, "127.0.1.2", ACTION_REJECT, NULL },
	{ { "127.0.1.99" },
	    { { "127.0.1.2", ACTION_REJECT },
		{ "127.0.1.0/24", ACTION_QUARANTINE } },
	    ACTION_ACCEPT, "127.0.1.99", ACTION_QUARANTINE, NULL },
	{ { "127.0.1.2" },
	    { { "127.0.1.0/24", ACTION_QUARANTINE },
		{ "127.0.1.2", ACTION_REJECT } },
	    ACTION_ACCEPT, "127.0.1.2", ACTION_QUARANTINE, NULL },
	{ { "127.0.1.2" },
	    { { "127.0.1.2", ACTION_ACCEPT },
		{ "127.0.0.0/8", ACTION_DISCARD } },
	    ACTION_REJECT, "127.0.1.2", ACTION_ACCEPT, NULL },
	/* of several the strictest, wherever it stands */
	{ { "127.0.1.2", "127.0.1.4", "127.0.1.6" },
	    { { "127.0.1.4", ACTION_REJECT },
		{ "127.0.1.0/24", ACTION_QUARANTINE } },
	    ACTION_ACCEPT, "127.0.1.4", ACTION_REJECT, NULL },
	{ { "127.0.1.4", "127.0.1.2" },
	    { { "127.0.1.4", ACTION_REJECT },
		{ "127.0.1.0/24", ACTION_QUARANTINE } },
	    ACTION_ACCEPT, "127.0.1.4", ACTION_REJECT, NULL },
	{ { "127.0.1.2", "127.0.1.3" }, { { NULL, 0 } }, ACTION_QUARANTINE,
	    "127.0.1.2", ACTION_QUARANTINE, NULL },
	{ { "127.0.1.2", "127.0.2.1" }, { { "127.0.1.2", ACTION_ACCEPT } },
	    ACTION_REJECT, "127.0.2.1", ACTION_REJECT, NULL },
	/* all of 127/8 are answers, but for one network */
	{ { "127.0.0.0" }, { { NULL, 0 } }, ACTION_REJECT, "127.0.0.0",
	    ACTION_REJECT, NULL },
	{ { "127.255.254.255" }, { { NULL, 0 } }, ACTION_REJECT,
	    "127.255.254.255", ACTION_REJECT, NULL },
	{ { "127.255.255.0" }, { { NULL, 0 } }, ACTION_REJECT, NULL,
	    ACTION_ACCEPT, "code for an error" },
	{ { "127.255.255.254" }, { { "127.0.0.0/8", ACTION_DISCARD } },
	    ACTION_DISCARD, NULL, ACTION_ACCEPT, "code for an error" },
	{ { "127.255.255.255" }, { { NULL, 0 } }, ACTION_REJECT, NULL,
	    ACTION_ACCEPT, "code for an error" },
	{ { "126.255.255.255" }, { { NULL, 0 } }, ACTION_REJECT, NULL,
	    ACTION_ACCEPT, "outside of 127.0.0.0/8" },
	{ { "128.0.0.0" }, { { NULL, 0 } }, ACTION_DISCARD, NULL, ACTION_ACCEPT,
	    "outside of 127.0.0.0/8" },
	{ { "192.0.2.80" }, { { "127.0.0.0/8", ACTION_REJECT } }, ACTION_REJECT,
	    NULL, ACTION_ACCEPT, "outside of 127.0.0.0/8" },
	/* an answer beside an error is an answer, and the error is told */
	{ { "192.0.2.80", "127.0.1.2" }, { { "127.0.1.2", ACTION_REJECT } },
	    ACTION_DISCARD, "127.0.1.2", ACTION_REJECT,
	    "outside of 127.0.0.0/8" },
	{ { "127.0.1.2", "127.255.255.252" },
	    { { "127.0.1.2", ACTION_QUARANTINE } }, ACTION_DISCARD, "127.0.1.2",
	    ACTION_QUARANTINE, "code for an error" },
	/* an A record of another length */
	{ { NULL }, { { NULL, 0 } }, ACTION_REJECT, NULL, ACTION_ACCEPT, NULL },
};

static void
configure(struct reputation_config *list, struct net_word *words,
    const struct row *row)
{
	size_t n = 0;

	for (; n < ANSWERS_MAX && row->answers[n].network != NULL; n++) {
		assert_int_equal(
		    network_parse(&words[n].network, row->answers[n].network),
		    0);
		words[n].word = (int)row->answers[n].action;
	}
	*list = (struct reputation_config){ zone, { words, n },
		(int)row->action_default };
}

static void
answer(struct server_list *addresses, const struct row *row)
{
	memset(addresses, 0, sizeof(*addresses));
	while (addresses->n < ADDRESSES_MAX &&
	    row->addresses[addresses->n] != NULL) {
		const char *text = row->addresses[addresses->n];

		assert_int_equal(
		    net_address_parse(
			&addresses->v[addresses->n++], text, strlen(text)),
		    0);
	}
}

/* It names an address that is none of the answers. */
static void
check_trouble(const struct row *row, const struct reputation_trouble *trouble)
{
	char text[INET_ADDRSTRLEN];
	bool named = false;

	inet_ntop(AF_INET, &trouble->address, text, sizeof(text));
	for (size_t i = 0; i < ADDRESSES_MAX; i++)
		named = named ||
		    (row->addresses[i] != NULL &&
			strcmp(row->addresses[i], text) == 0);
	if (trouble->words == NULL ||
	    strstr(trouble->words, row->trouble) == NULL || !named ||
	    (row->by != NULL && strcmp(row->by, text) == 0))
		fail_msg("row %td: %s %s", row - rows, text, trouble->words);
}

static void
check_row(const struct row *row)
{
	struct net_word words[ANSWERS_MAX];
	struct reputation_config list;
	struct server_list addresses;
	struct reputation_hit hit;
	struct reputation_trouble trouble;
	char text[INET_ADDRSTRLEN];

	configure(&list, words, row);
	answer(&addresses, row);
	if (reputation_read(&list, "domain.com", &addresses, &hit, &trouble) !=
	    (row->by != NULL))
		fail_msg("row %td", row - rows);
	if (row->trouble == NULL)
		assert_null(trouble.words);
	else
		check_trouble(row, &trouble);
	if (row->by == NULL)
		return;
	inet_ntop(AF_INET, &hit.address, text, sizeof(text));
	if (strcmp(text, row->by) != 0 || hit.action != row->action)
		fail_msg("row %td: %s, %s", row - rows, text,
		    verify_action_names[hit.action]);
	assert_string_equal(hit.zone, zone);
	assert_string_equal(hit.domain, "domain.com");
}

static void
answers_become_actions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

/* ---- hits -----------------------------------------------------------------
 */

static struct reputation_hit
hit_of(const char *domain, enum verify_action action)
{
	struct reputation_hit hit = { zone, domain, { 0 }, action };

	assert_int_equal(inet_pton(AF_INET, "127.0.1.2", &hit.address), 1);
	return hit;
}

static void
no_hit_is_the_strictest_of_none(void **state)
{
	const struct reputation none = { 0 };

	(void)state;
	assert_null(reputation_strictest(&none));
}

static void
of_equal_hits_the_first_is_told(void **state)
{
	struct reputation r = { 0 };
	const struct reputation_hit hits[] = {
		hit_of("a.org", ACTION_ACCEPT),
		hit_of("b.org", ACTION_QUARANTINE),
		hit_of("c.org", ACTION_QUARANTINE),
	};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		reputation_add(&r, &hits[i]);
	assert_int_equal(r.n, 3);
	assert_string_equal(reputation_strictest(&r)->domain, "b.org");
}

/* Wherever it stands among more hits than are kept. */
static void
the_strictest_of_many_hits_is_kept(void **state)
{
	enum { MANY = 3 * REPUTATION_HITS_MAX };
	const struct reputation_hit mild = hit_of("a.org", ACTION_QUARANTINE),
				    strict = hit_of("b.org", ACTION_REJECT);

	(void)state;
	for (size_t at = 0; at < MANY; at++) {
		struct reputation r = { 0 };

		for (size_t i = 0; i < MANY; i++)
			reputation_add(&r, i == at ? &strict : &mild);
		assert_int_equal(r.n, REPUTATION_HITS_MAX);
		assert_string_equal(reputation_strictest(&r)->domain, "b.org");
	}
}

/* ---- domains --------------------------------------------------------------
 */

static void
only_the_domains_of_a_complete_chain_vouch(void **state)
{
	struct verification v = {
		.author = { "martha", "domain.com" },
		.via = { "nonprofit.org", "alumni.example" },
		.n_via = 2,
	};
	const char *domains[VERIFICATION_DOMAINS_MAX];

	(void)state;
	for (unsigned r = 0; r < VERIFY_RESULT__COUNT; r++) {
		bool complete = r == VERIFY_PASS || r == VERIFY_POLICY;

		v.result = r;
		assert_int_equal(
		    verification_domains(&v, domains), complete ? 3 : 0);
		if (!complete)
			continue;
		assert_string_equal(domains[0], "domain.com");
		assert_string_equal(domains[1], "nonprofit.org");
		assert_string_equal(domains[2], "alumni.example");
	}
}

static void
each_domain_vouches_once(void **state)
{
	struct verification v = {
		.result = VERIFY_PASS,
		.author = { "martha", "domain.com" },
	};
	const char *domains[VERIFICATION_DOMAINS_MAX];

	(void)state;
	verification_add_via(&v, "nonprofit.org");
	verification_add_via(&v, "domain.com");
	verification_add_via(&v, "nonprofit.org");
	assert_int_equal(v.n_via, 2);
	assert_int_equal(verification_domains(&v, domains), 2);
	assert_string_equal(domains[0], "domain.com");
	assert_string_equal(domains[1], "nonprofit.org");
}

/* ---- what is done ---------------------------------------------------------
 */

static struct verifyd_config
options_of(enum verify_action action)
{
	return (struct verifyd_config){
		.on_policy = (int)action,
		.on_changed = (int)action,
		.reputation = { NULL, 1 },
	};
}

static struct verification
listed(enum verify_result result, enum verify_action action)
{
	struct verification v = {
		.result = result,
		.sealed = CONTENT_CHANGED, /* on-changed is for it */
		.author = { "martha", "domain.com" },
	};
	const struct reputation_hit hit = hit_of("domain.com", action);

	reputation_add(&v.reputation, &hit);
	return v;
}

static void
the_stricter_of_list_and_option_is_done(void **state)
{
	static const enum verify_result results[] = { VERIFY_PASS,
		VERIFY_POLICY };

	(void)state;
	for (unsigned i = 0; i < 2 * ACTION__COUNT * ACTION__COUNT; i++) {
		enum verify_action option = i / 2 / ACTION__COUNT;
		enum verify_action list = i / 2 % ACTION__COUNT;
		struct verifyd_config config = options_of(option);
		struct verification v = listed(results[i % 2], list);
		struct verdict verdict;

		verdict_decide(&verdict, &v, &config);
		assert_int_equal(
		    verdict.decided, list > option ? list : option);
		assert_int_equal(verdict.action, verdict.decided);
		assert_int_equal(verdict.listed, list > option);
		config.observe = true;
		verdict_decide(&verdict, &v, &config);
		assert_int_equal(
		    verdict.decided, list > option ? list : option);
		assert_int_equal(verdict.action, ACTION_ACCEPT);
		assert_null(verdict.reply);
	}
}

static const char *
reply(enum verify_action option, enum verify_action list)
{
	struct verifyd_config config = options_of(option);
	struct verification v = listed(VERIFY_POLICY, list);
	struct verdict verdict;

	verdict_decide(&verdict, &v, &config);
	return verdict.reply;
}

static void
who_is_refused_by_a_list_is_told_so(void **state)
{
	const char *by_list = reply(ACTION_ACCEPT, ACTION_REJECT);
	const char *by_option = reply(ACTION_REJECT, ACTION_REJECT);

	(void)state;
	assert_int_equal(strncmp(by_list, "550 5.7.1 ", 10), 0);
	assert_non_null(strstr(by_list, " list "));
	assert_int_equal(strncmp(by_option, "550 5.7.1 ", 10), 0);
	assert_null(strstr(by_option, " list "));
	assert_int_equal(
	    strncmp(reply(ACTION_ACCEPT, ACTION_TEMPFAIL), "451 4.7.5 ", 10),
	    0);
	assert_null(reply(ACTION_ACCEPT, ACTION_QUARANTINE));
	assert_null(reply(ACTION_ACCEPT, ACTION_DISCARD));
}

static void
lists_are_asked_only_where_they_could_matter(void **state)
{
	(void)state;
	for (unsigned r = 0; r < VERIFY_RESULT__COUNT; r++)
		for (unsigned a = 0; a < ACTION__COUNT; a++) {
			struct verifyd_config config = options_of(a);
			struct verification v = listed(r, ACTION_ACCEPT);
			bool vouched = r == VERIFY_PASS || r == VERIFY_POLICY;

			assert_int_equal(verdict_wants_reputation(&v, &config),
			    vouched && a < ACTION_DISCARD);
			config.reputation.n = 0;
			assert_false(verdict_wants_reputation(&v, &config));
		}
}

/* ---- what is said ---------------------------------------------------------
 */

/* The example of section 11. */
static void
the_field_names_list_answer_and_domain(void **state)
{
	struct verification v = listed(VERIFY_PASS, ACTION_QUARANTINE);
	char *field;

	(void)state;
	v.content = CONTENT_INTACT;
	field = verdict_field(&v, "mx.my_isp.net");
	assert_non_null(field);
	assert_string_equal(field,
	    "mx.my_isp.net; dnsmail=pass header.from=martha@domain.com\n"
	    " policy.content=intact policy.dnssec=no;\n"
	    " dnsmail-list=policy dns.zone=dbl.example.net"
	    " policy.ip=127.0.1.2\n"
	    " policy.domain=domain.com");
	free(field);
}

static void
as_many_hits_as_are_kept_are_folded(void **state)
{
	char longest[DOMAIN_MAX] = "";
	struct verification v = { .result = VERIFY_PASS };
	struct reputation_hit hit = hit_of(longest, ACTION_REJECT);
	char *field, *line;
	int results = 0;

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (int i = 0; i < 2 * REPUTATION_HITS_MAX; i++)
		reputation_add(&v.reputation, &hit);
	field = verdict_field(&v, "mx");
	assert_non_null(field);
	for (line = strtok(field, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		assert_true(strlen(line) <=
		    strlen(" policy.domain=;") + strlen(longest));
		results += strstr(line, "dnsmail-list=") != NULL;
	}
	assert_int_equal(results, REPUTATION_HITS_MAX);
	free(field);
}

static void
the_log_names_the_strictest(void **state)
{
	struct verification v = listed(VERIFY_PASS, ACTION_QUARANTINE);
	const struct verification none = { .result = VERIFY_PASS };
	const struct reputation_hit strict = hit_of("b.org", ACTION_REJECT);
	char buf[VERDICT_LIST_MAX];

	(void)state;
	reputation_add(&v.reputation, &strict);
	assert_string_equal(verdict_list(&v, buf),
	    " list=dbl.example.net answer=127.0.1.2 list-domain=b.org"
	    " list-action=reject");
	assert_string_equal(verdict_list(&none, buf), "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_domain_stands_before_the_zone),
		cmocka_unit_test(a_name_over_253_octets_is_none),
		cmocka_unit_test(answers_become_actions),
		cmocka_unit_test(no_hit_is_the_strictest_of_none),
		cmocka_unit_test(of_equal_hits_the_first_is_told),
		cmocka_unit_test(the_strictest_of_many_hits_is_kept),
		cmocka_unit_test(only_the_domains_of_a_complete_chain_vouch),
		cmocka_unit_test(each_domain_vouches_once),
		cmocka_unit_test(the_stricter_of_list_and_option_is_done),
		cmocka_unit_test(who_is_refused_by_a_list_is_told_so),
		cmocka_unit_test(lists_are_asked_only_where_they_could_matter),
		cmocka_unit_test(the_field_names_list_answer_and_domain),
		cmocka_unit_test(as_many_hits_as_are_kept_are_folded),
		cmocka_unit_test(the_log_names_the_strictest),
	};

	return cmocka_run_group_tests_name("reputation", tests, NULL, NULL);
}
