/*
 * protocol.md section 4: messages with scripted answers of the DNS, and what
 * must come of them. The expected words follow from the protocol's table and
 * from the order that verify.h lays down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "verifyd/evidence.h"
#include "verifyd/verify.h"

#define NOW ((time_t)1764000000) /* 2025-11-24 */
#define DAY (24 * 3600L)

#define MARTHA     "martha@domain.com"
#define CLAIRE     "claire@nonprofit.org"
#define CLAIRE_ISP "claire@my_isp.net"

#define OURS  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OTHER "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"

enum { FEW = 10, MANY = 16 };

struct published {
	const char *id, *to, *from;
	long age; /* seconds */
	const char *bind;
	const char *raw; /* instead of all that but the ID */
};

struct scripted {
	const char *id;
	enum lookup_outcome outcome; /* without a record: NO_RECORD */
};

struct scenario {
	const char *claim;
	const char *from[3];
	const char *to[FEW];
	const char *ids[MANY];
	struct published records[MANY];
	struct scripted outcomes[FEW];
	char *trusted[FEW];
	size_t max_hops, max_ids;
	/* expected */
	enum verify_result result;
	enum verify_reason reason;
	enum verify_content content, sealed;
	unsigned hops, unused;
	const char *via;
	const char *asked; /* IDs in the order of the look-ups */
};

#define AT(name, recipient, author, seconds, binding)                        \
	{                                                                    \
		.id = name, .to = recipient, .from = author, .age = seconds, \
		.bind = binding                                              \
	}

static const struct scenario scenarios[] = {
	{
	    .claim = "one_hop_passes",
	    .from = { MARTHA },
	    .to = { "<" CLAIRE "> ORCPT=rfc822;x@y.org" },
	    .ids = { " a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 1,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "one_hop_with_changed_content_passes_and_says_so",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OTHER) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_CHANGED,
	    .sealed = CONTENT_CHANGED,
	    .hops = 1,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "one_hop_without_binding_passes_unbound",
	    .from = { "Martha <MARTHA@Domain.COM>" },
	    .to = { "Claire@NonProfit.org" },
	    .ids = { "A1.Domain.com. (c)" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, NULL) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_UNBOUND,
	    .sealed = CONTENT_UNBOUND,
	    .hops = 1,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "two_hops_with_intact_content_pass",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "x9.nonprofit.org", "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 9, OURS),
		AT("x9.nonprofit.org", CLAIRE_ISP, MARTHA, 5, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 2,
	    .via = "nonprofit.org",
	    .asked = "a1.domain.com x9.nonprofit.org",
	},
	{
	    .claim = "order_of_the_fields_does_not_matter",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "a1.domain.com", "x9.nonprofit.org" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 9, OURS),
		AT("x9.nonprofit.org", CLAIRE_ISP, MARTHA, 5, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 2,
	    .via = "nonprofit.org",
	    .asked = "a1.domain.com x9.nonprofit.org",
	},
	{
	    .claim = "untrusted_forwarder_with_changed_content_is_policy",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "x9.nonprofit.org", "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 9, OTHER),
		AT("x9.nonprofit.org", CLAIRE_ISP, MARTHA, 5, OURS) },
	    .result = VERIFY_POLICY,
	    .reason = REASON_UNTRUSTED_FORWARDER,
	    .content = CONTENT_CHANGED,
	    .sealed = CONTENT_INTACT,
	    .hops = 2,
	    .via = "nonprofit.org",
	    .asked = "a1.domain.com x9.nonprofit.org",
	},
	{
	    .claim = "untrusted_forwarder_of_unbound_content_is_policy",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "x9.nonprofit.org", "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 9, NULL),
		AT("x9.nonprofit.org", CLAIRE_ISP, MARTHA, 5, OURS) },
	    .result = VERIFY_POLICY,
	    .reason = REASON_UNTRUSTED_FORWARDER,
	    .content = CONTENT_UNBOUND,
	    .sealed = CONTENT_INTACT,
	    .hops = 2,
	    .via = "nonprofit.org",
	    .asked = "a1.domain.com x9.nonprofit.org",
	},
	{
	    .claim = "trusted_forwarder_may_change_the_content",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "x9.nonprofit.org", "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 9, OTHER),
		AT("x9.nonprofit.org", CLAIRE_ISP, MARTHA, 5, OURS) },
	    .trusted = { "nonprofit.org" },
	    .result = VERIFY_PASS,
	    .content = CONTENT_CHANGED,
	    .sealed = CONTENT_INTACT,
	    .hops = 2,
	    .via = "nonprofit.org",
	    .asked = "a1.domain.com x9.nonprofit.org",
	},
	{
	    .claim = "one_untrusted_forwarder_among_trusted_is_policy",
	    .from = { MARTHA },
	    .to = { "d@four.org" },
	    .ids = { "c.three.org", "b.two.org", "a.domain.com" },
	    .records = { AT("a.domain.com", "b@two.org", MARTHA, 9, OTHER),
		AT("b.two.org", "c@three.org", MARTHA, 5, OURS),
		AT("c.three.org", "d@four.org", MARTHA, 5, OURS) },
	    .trusted = { "three.org" },
	    .result = VERIFY_POLICY,
	    .reason = REASON_UNTRUSTED_FORWARDER,
	    .content = CONTENT_CHANGED,
	    .sealed = CONTENT_INTACT,
	    .hops = 3,
	    .via = "two.org,three.org",
	    .asked = "a.domain.com b.two.org c.three.org",
	},
	{
	    .claim = "a_trusted_first_signer_is_no_trusted_forwarder",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "x9.nonprofit.org", "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 9, OTHER),
		AT("x9.nonprofit.org", CLAIRE_ISP, MARTHA, 5, OURS) },
	    .trusted = { "domain.com" },
	    .result = VERIFY_POLICY,
	    .reason = REASON_UNTRUSTED_FORWARDER,
	    .content = CONTENT_CHANGED,
	    .sealed = CONTENT_INTACT,
	    .hops = 2,
	    .via = "nonprofit.org",
	    .asked = "a1.domain.com x9.nonprofit.org",
	},
	{
	    .claim = "four_hops_are_followed",
	    .from = { MARTHA },
	    .to = { "e@five.org" },
	    .ids = { "d.four.org", "c.three.org", "b.two.org", "a.domain.com" },
	    .records = { AT("a.domain.com", "b@two.org", MARTHA, 9, OURS),
		AT("b.two.org", "c@three.org", MARTHA, 5, OURS),
		AT("c.three.org", "d@four.org", MARTHA, 5, OURS),
		AT("d.four.org", "e@five.org", MARTHA, 5, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 4,
	    .via = "two.org,three.org,four.org",
	    .asked = "a.domain.com b.two.org c.three.org d.four.org",
	},
	{
	    .claim = "a_fifth_hop_is_not_asked_for",
	    .from = { MARTHA },
	    .to = { "f@six.org" },
	    .ids = { "a.domain.com", "b.two.org", "c.three.org", "d.four.org",
		"e.five.org" },
	    .records = { AT("a.domain.com", "b@two.org", MARTHA, 9, OURS),
		AT("b.two.org", "c@three.org", MARTHA, 5, OURS),
		AT("c.three.org", "d@four.org", MARTHA, 5, OURS),
		AT("d.four.org", "e@five.org", MARTHA, 5, OURS),
		AT("e.five.org", "f@six.org", MARTHA, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_UNLINKED,
	    .unused = 1,
	    .asked = "a.domain.com b.two.org c.three.org d.four.org",
	},
	{
	    .claim = "max_hops_is_the_configured_one",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "x9.nonprofit.org", "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 9, OURS),
		AT("x9.nonprofit.org", CLAIRE_ISP, MARTHA, 5, OURS) },
	    .max_hops = 1,
	    .result = VERIFY_FAIL,
	    .reason = REASON_UNLINKED,
	    .unused = 1,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "a_missing_hop_in_the_middle_is_unlinked",
	    .from = { MARTHA },
	    .to = { "d@four.org" },
	    .ids = { "c.three.org", "a.domain.com" },
	    .records = { AT("a.domain.com", "b@two.org", MARTHA, 9, OURS),
		AT("c.three.org", "d@four.org", MARTHA, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_UNLINKED,
	    .unused = 1,
	    .asked = "a.domain.com",
	},
	{
	    .claim = "without_an_id_of_the_author_nobody_is_asked",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "x9.nonprofit.org" },
	    .records = { AT("x9.nonprofit.org", CLAIRE_ISP, MARTHA, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_UNLINKED,
	    .unused = 1,
	},
	{
	    .claim = "a_parent_domain_does_not_vouch",
	    .from = { "martha@mail.domain.com" },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .records = { AT(
		"a1.domain.com", CLAIRE, "martha@mail.domain.com", 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_UNLINKED,
	    .unused = 1,
	},
	{
	    .claim = "a_child_domain_does_not_vouch",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.mail.domain.com" },
	    .records = { AT("a1.mail.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_UNLINKED,
	    .unused = 1,
	},
	{
	    .claim = "replayed_to_another_recipient_it_fails",
	    .from = { MARTHA },
	    .to = { "bob@elsewhere.org" },
	    .ids = { "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_RECIPIENT_MISMATCH,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "another_author_in_the_record_fails",
	    .from = { "boss@domain.com" },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_SENDER_MISMATCH,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "a_forwarder_that_names_another_author_fails",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "x9.nonprofit.org", "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 9, OURS),
		AT("x9.nonprofit.org", CLAIRE_ISP, CLAIRE, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_SENDER_MISMATCH,
	    .asked = "a1.domain.com x9.nonprofit.org",
	},
	{
	    .claim = "no_record_fails",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .result = VERIFY_FAIL,
	    .reason = REASON_NO_RECORD,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "text_that_is_no_record_is_permerror",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .records = { { .id = "a1.domain.com", .raw = "v=spf1 -all" } },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_BAD_RECORD,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "a_record_among_other_text_counts",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .records = { { .id = "a1.domain.com", .raw = "v=spf1 -all" },
		AT("a1.domain.com", "x@y.org", MARTHA, 5, OURS),
		AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 1,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "a_record_of_exactly_max_age_passes",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 14 * DAY, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 1,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "a_record_older_than_max_age_is_expired",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .records = { AT(
		"a1.domain.com", CLAIRE, MARTHA, 14 * DAY + 1, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_EXPIRED,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "an_expired_first_hop_breaks_the_chain",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "x9.nonprofit.org", "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 15 * DAY, OURS),
		AT("x9.nonprofit.org", CLAIRE_ISP, MARTHA, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_EXPIRED,
	    .unused = 1,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "an_hour_ahead_passes",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, -3600, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 1,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "more_than_an_hour_ahead_is_permerror",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, -3601, OURS) },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_FUTURE_DATE,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "records_in_a_circle_end",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "a1.domain.com", "b2.two.org" },
	    .records = { AT("a1.domain.com", "x@two.org", MARTHA, 5, OURS),
		AT("b2.two.org", MARTHA, MARTHA, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_RECIPIENT_MISMATCH,
	    .asked = "a1.domain.com b2.two.org",
	},
	{
	    .claim = "of_two_complete_chains_the_shorter_counts",
	    .from = { MARTHA },
	    .to = { "paul@domain.com" },
	    .ids = { "a2.domain.com", "b2.two.org", "a1.domain.com" },
	    .records = { AT("a1.domain.com", "x@two.org", MARTHA, 9, OURS),
		AT("b2.two.org", "list@domain.com", MARTHA, 7, OURS),
		AT("a2.domain.com", "paul@domain.com", MARTHA, 5, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 1,
	    .unused = 1,
	    .asked = "a2.domain.com a1.domain.com",
	},
	{
	    .claim = "several_ids_of_one_domain_cover_several_recipients",
	    .from = { MARTHA },
	    .to = { CLAIRE, "bob@elsewhere.org" },
	    .ids = { "a1.domain.com", "a2.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS),
		AT("a2.domain.com", "bob@elsewhere.org", MARTHA, 5, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 1,
	    .asked = "a1.domain.com a2.domain.com",
	},
	{
	    .claim = "one_uncovered_recipient_fails_the_message",
	    .from = { MARTHA },
	    .to = { CLAIRE, "bob@elsewhere.org" },
	    .ids = { "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_RECIPIENT_MISMATCH,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 1,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "an_id_is_looked_up_once_for_all_recipients",
	    .from = { MARTHA },
	    .to = { CLAIRE, "bob@elsewhere.org", "eve@third.org" },
	    .ids = { "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS),
		AT("a1.domain.com", "bob@elsewhere.org", MARTHA, 5, OURS),
		AT("a1.domain.com", "eve@third.org", MARTHA, 5, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 1,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "an_unrepresentable_recipient_is_covered_by_nobody",
	    .from = { MARTHA },
	    .to = { "<\"claire x\"@nonprofit.org>" },
	    .ids = { "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_RECIPIENT_MISMATCH,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "ids_of_strangers_are_not_looked_up",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com", "s.stranger.org", "t.other.org" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 1,
	    .unused = 2,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "a_timeout_is_temperror",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .outcomes = { { "a1.domain.com", LOOKUP_TIMEOUT } },
	    .result = VERIFY_TEMPERROR,
	    .reason = REASON_DNS_TIMEOUT,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "servfail_is_temperror",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .outcomes = { { "a1.domain.com", LOOKUP_SERVFAIL } },
	    .result = VERIFY_TEMPERROR,
	    .reason = REASON_DNS_SERVFAIL,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "refused_is_temperror",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .outcomes = { { "a1.domain.com", LOOKUP_REFUSED } },
	    .result = VERIFY_TEMPERROR,
	    .reason = REASON_DNS_REFUSED,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "a_spent_budget_is_temperror",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .outcomes = { { "a1.domain.com", LOOKUP_OVER_BUDGET } },
	    .result = VERIFY_TEMPERROR,
	    .reason = REASON_OVER_BUDGET,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "no_usable_server_is_permerror",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .outcomes = { { "a1.domain.com", LOOKUP_NO_USABLE_SERVER } },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_NO_USABLE_SERVER,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "what_may_pass_later_comes_before_what_failed",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com", "a2.domain.com" },
	    .records = { AT("a1.domain.com", "x@y.org", MARTHA, 5, OURS) },
	    .outcomes = { { "a2.domain.com", LOOKUP_TIMEOUT } },
	    .result = VERIFY_TEMPERROR,
	    .reason = REASON_DNS_TIMEOUT,
	    .asked = "a1.domain.com a2.domain.com",
	},
	{
	    .claim = "trouble_with_an_id_that_is_not_needed_does_not_count",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com", "a2.domain.com" },
	    .records = { AT("a2.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .outcomes = { { "a1.domain.com", LOOKUP_TIMEOUT } },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 1,
	    .asked = "a1.domain.com a2.domain.com",
	},
	{
	    .claim = "a_hop_without_answer_may_still_cover_any_recipient",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP, "bob@nowhere.org" },
	    .ids = { "a1.domain.com", "x9.nonprofit.org" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .outcomes = { { "x9.nonprofit.org", LOOKUP_TIMEOUT } },
	    .result = VERIFY_TEMPERROR,
	    .reason = REASON_DNS_TIMEOUT,
	    .asked = "a1.domain.com x9.nonprofit.org",
	},
	{
	    .claim = "the_failure_of_the_furthest_hop_is_told",
	    .from = { MARTHA },
	    .to = { CLAIRE_ISP },
	    .ids = { "a1.domain.com", "a2.domain.com", "x9.nonprofit.org" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS),
		AT("a2.domain.com", CLAIRE_ISP, MARTHA, 15 * DAY, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_NO_RECORD,
	    .asked = "a1.domain.com a2.domain.com x9.nonprofit.org",
	},
	{
	    .claim = "two_from_fields_are_bad",
	    .from = { MARTHA, MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_BAD_FROM,
	},
	{
	    .claim = "two_from_fields_are_bad_without_an_id_too",
	    .from = { MARTHA, "x@y.org" },
	    .to = { CLAIRE },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_BAD_FROM,
	},
	{
	    .claim = "no_from_field_is_bad",
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_BAD_FROM,
	},
	{
	    .claim = "two_authors_are_bad",
	    .from = { MARTHA ", x@domain.com" },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_BAD_FROM,
	},
	{
	    .claim = "a_from_that_does_not_parse_is_bad",
	    .from = { MARTHA " <x@domain.com>" },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_BAD_FROM,
	},
	{
	    .claim = "an_unrepresentable_author_with_an_id_is_bad",
	    .from = { "\"martha x\"@domain.com" },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com" },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_BAD_FROM,
	},
	{
	    .claim = "an_author_at_an_address_literal_without_an_id_is_none",
	    .from = { "martha@[155.47.64.164]" },
	    .to = { CLAIRE },
	    .result = VERIFY_NONE,
	},
	{
	    .claim = "eight_ids_are_not_too_many",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com", "s2.s.org", "s3.s.org", "s4.s.org",
		"s5.s.org", "s6.s.org", "s7.s.org", "s8.s.org" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .result = VERIFY_PASS,
	    .content = CONTENT_INTACT,
	    .sealed = CONTENT_INTACT,
	    .hops = 1,
	    .unused = 7,
	    .asked = "a1.domain.com",
	},
	{
	    .claim = "nine_ids_are_too_many",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com", "s2.s.org", "s3.s.org", "s4.s.org",
		"s5.s.org", "s6.s.org", "s7.s.org", "s8.s.org", "s9.s.org" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_TOO_MANY_IDS,
	},
	{
	    .claim = "max_ids_is_the_configured_one",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com", "s2.s.org" },
	    .max_ids = 1,
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_TOO_MANY_IDS,
	},
	{
	    .claim = "an_id_that_is_no_id_name_is_bad",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com", "no/name.domain.com" },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_BAD_ID,
	},
	{
	    .claim = "an_empty_id_is_bad",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { " " },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_BAD_ID,
	},
	{
	    .claim = "one_id_twice_is_duplicate_however_it_is_spelled",
	    .from = { MARTHA },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com", "s.s.org", "A1.DOMAIN.com." },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_DUPLICATE_ID,
	},
	{
	    .claim = "a_bad_from_is_told_before_bad_ids",
	    .from = { "nobody" },
	    .to = { CLAIRE },
	    .ids = { "a1.domain.com", "a1.domain.com", "?" },
	    .result = VERIFY_PERMERROR,
	    .reason = REASON_BAD_FROM,
	},
	{
	    .claim = "without_a_recipient_nothing_passes",
	    .from = { MARTHA },
	    .ids = { "a1.domain.com" },
	    .records = { AT("a1.domain.com", CLAIRE, MARTHA, 5, OURS) },
	    .result = VERIFY_FAIL,
	    .reason = REASON_RECIPIENT_MISMATCH,
	},
};

enum { SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0]) };

static size_t
fields(struct verify_field *out, const char *const *values, size_t most)
{
	size_t n = 0;

	for (; n < most && values[n] != NULL; n++)
		out[n] = (struct verify_field){ values[n], strlen(values[n]) };
	return n;
}

static struct verify *
make(const struct scenario *s)
{
	static struct strings trusted, require;
	struct verify_field from[3], ids[MANY];
	const struct verify_limits limits = {
		.now = NOW,
		.max_age = 14.0 * DAY,
		.max_ids = s->max_ids != 0 ? s->max_ids : 8,
		.max_hops = s->max_hops != 0 ? s->max_hops : 4,
		.trusted_forwarders = &trusted,
		.require = &require,
	};
	struct verify_input in = {
		.recipients = s->to, .from = from, .ids = ids
	};
	struct verify *v;

	trusted.v = (char **)s->trusted;
	for (trusted.n = 0; s->trusted[trusted.n] != NULL; trusted.n++)
		;
	while (in.n_recipients < FEW && s->to[in.n_recipients] != NULL)
		in.n_recipients++;
	in.n_from = fields(from, s->from, 3);
	in.n_ids = fields(ids, s->ids, MANY);
	v = verify_new(&limits, &in);
	assert_non_null(v);
	if (!verify_done(v) && in.n_ids > 0)
		verify_content(v, OURS);
	return v;
}

static size_t
text_of(char *buf, size_t size, const struct published *p)
{
	time_t at = NOW - p->age;
	char date[64];
	struct tm tm;

	if (p->raw != NULL)
		return (size_t)snprintf(buf, size, "%s", p->raw);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000",
	    gmtime_r(&at, &tm));
	return (size_t)snprintf(buf, size, "To:%s*From:%s*date=%s%s%s", p->to,
	    p->from, date, p->bind != NULL ? "*bind=" : "",
	    p->bind != NULL ? p->bind : "");
}

/* The DNS as scripted: all records at the ID, or the outcome. */
static void
answer(
    struct verify *v, const struct scenario *s, size_t which, const char *name)
{
	enum lookup_outcome outcome = LOOKUP_NO_RECORD;
	char text[1024];

	for (size_t i = 0; i < MANY && s->records[i].id != NULL; i++)
		if (strcmp(s->records[i].id, name) == 0)
			verify_text(v, which, text,
			    text_of(text, sizeof(text), &s->records[i]));
	for (size_t i = 0; i < FEW && s->outcomes[i].id != NULL; i++)
		if (strcmp(s->outcomes[i].id, name) == 0)
			outcome = s->outcomes[i].outcome;
	if (verify_satisfied(v, which))
		outcome = LOOKUP_FOUND;
	verify_looked_up(v, which, outcome, true);
}

/* Look-ups are answered in the order in which they were wanted. */
static void
run(struct verify *v, const struct scenario *s, char *asked, size_t size)
{
	struct message_id wanted[MANY];
	size_t which[MANY], head = 0, tail = 0, n = 0;
	const struct message_id *id;
	char name[MESSAGE_ID_NAME_MAX];

	asked[0] = '\0';
	for (;;) {
		while ((id = verify_want(v, &which[tail])) != NULL)
			wanted[tail++] = *id;
		if (head == tail)
			break;
		message_id_name(&wanted[head], name);
		n += (size_t)snprintf(
		    asked + n, size - n, "%s%s", n > 0 ? " " : "", name);
		answer(v, s, which[head++], name);
	}
}

static void
via_text(char *buf, size_t size, const struct verification *v)
{
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < v->n_via; i++)
		n += (size_t)snprintf(
		    buf + n, size - n, "%s%s", i > 0 ? "," : "", v->via[i]);
}

static void
scenario_comes_out(void **state)
{
	const struct scenario *s = *state;
	struct verify *v = make(s);
	const struct verification *out;
	char asked[2048], via[1024];

	run(v, s, asked, sizeof(asked));
	if (verify_want_domain(v) != NULL)
		verify_domain(v, LOOKUP_NO_RECORD, false, false);
	assert_string_equal(asked, s->asked != NULL ? s->asked : "");
	assert_true(verify_done(v));
	out = verify_verdict(v);
	assert_string_equal(
	    verify_result_names[out->result], verify_result_names[s->result]);
	assert_string_equal(
	    verify_reason_names[out->reason], verify_reason_names[s->reason]);
	assert_string_equal(verify_content_names[out->content],
	    verify_content_names[s->content]);
	assert_string_equal(
	    verify_content_names[out->sealed], verify_content_names[s->sealed]);
	assert_int_equal(out->hops, s->hops);
	assert_int_equal(out->unused, s->unused);
	via_text(via, sizeof(via), out);
	assert_string_equal(via, s->via != NULL ? s->via : "");
	verify_free(v);
}

/* ---- blinded recipients ------------------------------------------------- */

static void
blinded_recipient_is_known_by_its_digest(void **state)
{
	const struct scenario s = {
		.from = { MARTHA },
		.to = { "CLAIRE@nonprofit.org" },
		.ids = { "a1.domain.com" },
	};
	struct verify *v = make(&s);
	struct address claire;
	struct published p = { .from = MARTHA, .bind = OURS };
	char blind[RECORD_DIGEST_TEXT], to[64], text[1024];
	size_t which;

	(void)state;
	assert_non_null(verify_want(v, &which));
	assert_int_equal(
	    address_from_spec(&claire, CLAIRE, strlen(CLAIRE)), ADDRESS_OK);
	record_blind(blind, "a1", &claire);
	snprintf(to, sizeof(to), "#%s", blind);
	p.to = to;
	verify_text(v, which, text, text_of(text, sizeof(text), &p));
	assert_true(verify_satisfied(v, which));
	verify_looked_up(v, which, LOOKUP_FOUND, false);
	assert_true(verify_done(v));
	assert_int_equal(verify_verdict(v)->result, VERIFY_PASS);
	verify_free(v);
}

static void
blinded_record_of_somebody_else_leads_nowhere(void **state)
{
	const struct scenario s = {
		.from = { MARTHA },
		.to = { CLAIRE },
		.ids = { "a1.domain.com" },
	};
	struct verify *v = make(&s);
	struct published p = { .to = "#" OTHER, .from = MARTHA, .bind = OURS };
	char text[1024];
	size_t which;

	(void)state;
	assert_non_null(verify_want(v, &which));
	verify_text(v, which, text, text_of(text, sizeof(text), &p));
	verify_looked_up(v, which, LOOKUP_FOUND, false);
	assert_int_equal(verify_verdict(v)->reason, REASON_RECIPIENT_MISMATCH);
	verify_free(v);
}

/* ---- messages without an ID --------------------------------------------- */

static struct verify *
without_id(const char *author, const char *required, bool missing_matters)
{
	char *const names[] = { (char *)required };
	const struct strings require = { (char **)names, required != NULL };
	const struct strings none = { NULL, 0 };
	const struct verify_limits limits = {
		.now = NOW,
		.max_age = DAY,
		.max_ids = 8,
		.max_hops = 4,
		.trusted_forwarders = &none,
		.require = &require,
		.missing_matters = missing_matters,
	};
	const struct verify_field from = { author, strlen(author) };
	const char *const to[] = { CLAIRE };
	const struct verify_input in = {
		.recipients = to, .n_recipients = 1, .from = &from, .n_from = 1
	};
	struct verify *v = verify_new(&limits, &in);

	assert_non_null(v);
	return v;
}

static void
without_id_the_domain_is_asked_whether_it_takes_part(void **state)
{
	struct verify *v = without_id(MARTHA, NULL, false);

	(void)state;
	assert_false(verify_done(v));
	assert_string_equal(verify_want_domain(v), "domain.com");
	verify_domain(v, LOOKUP_FOUND, true, true);
	assert_null(verify_want_domain(v));
	assert_int_equal(verify_verdict(v)->result, VERIFY_NONE);
	assert_true(verify_verdict(v)->participates);
	verify_free(v);
}

static void
without_id_of_a_domain_that_requires_one_it_fails_unasked(void **state)
{
	struct verify *v = without_id(MARTHA, "domain.com", false);

	(void)state;
	assert_null(verify_want_domain(v));
	assert_int_equal(verify_verdict(v)->result, VERIFY_FAIL);
	assert_int_equal(verify_verdict(v)->reason, REASON_UNLINKED);
	verify_free(v);
}

/* The same mailbox as without quotes (RFC 5322 3.2.4). */
static void
quotes_in_from_are_no_way_around_an_id_that_is_required(void **state)
{
	static const char quoted[] = "\"martha\"@domain.com";
	struct verify *v = without_id(quoted, "domain.com", false);

	(void)state;
	assert_int_equal(verify_verdict(v)->result, VERIFY_FAIL);
	assert_int_equal(verify_verdict(v)->reason, REASON_UNLINKED);
	verify_free(v);

	v = without_id(quoted, NULL, false);
	assert_string_equal(verify_want_domain(v), "domain.com");
	verify_domain(v, LOOKUP_FOUND, true, false);
	assert_int_equal(verify_verdict(v)->result, VERIFY_NONE);
	assert_true(verify_verdict(v)->participates);
	assert_string_equal(verify_verdict(v)->author.local, "");
	verify_free(v);
}

static void
trouble_with_the_domain_counts_only_where_missing_matters(void **state)
{
	struct verify *v = without_id(MARTHA, NULL, false);

	(void)state;
	verify_domain(v, LOOKUP_TIMEOUT, false, false);
	assert_int_equal(verify_verdict(v)->result, VERIFY_NONE);
	assert_false(verify_verdict(v)->participates);
	verify_free(v);

	v = without_id(MARTHA, NULL, true);
	verify_domain(v, LOOKUP_TIMEOUT, false, false);
	assert_int_equal(verify_verdict(v)->result, VERIFY_TEMPERROR);
	assert_int_equal(verify_verdict(v)->reason, REASON_DNS_TIMEOUT);
	verify_free(v);
}

/* ---- what holds for all -------------------------------------------------- */

/* Section 6's closed list, each with its row of section 4's table. */
static const struct {
	const char *name;
	enum verify_result result;
} reasons[] = {
	{ "no-record", VERIFY_FAIL },
	{ "sender-mismatch", VERIFY_FAIL },
	{ "recipient-mismatch", VERIFY_FAIL },
	{ "unlinked", VERIFY_FAIL },
	{ "expired", VERIFY_FAIL },
	{ "future-date", VERIFY_PERMERROR },
	{ "bad-from", VERIFY_PERMERROR },
	{ "bad-id", VERIFY_PERMERROR },
	{ "too-many-ids", VERIFY_PERMERROR },
	{ "duplicate-id", VERIFY_PERMERROR },
	{ "bad-record", VERIFY_PERMERROR },
	{ "no-usable-server", VERIFY_PERMERROR },
	{ "dns-timeout", VERIFY_TEMPERROR },
	{ "dns-servfail", VERIFY_TEMPERROR },
	{ "dns-refused", VERIFY_TEMPERROR },
	{ "over-budget", VERIFY_TEMPERROR },
	{ "untrusted-forwarder", VERIFY_POLICY },
};

static void
reasons_are_those_of_the_protocol(void **state)
{
	enum { ROWS = sizeof(reasons) / sizeof(reasons[0]) };

	(void)state;
	assert_int_equal(REASON__COUNT, ROWS + 1);
	for (size_t i = 0; i < ROWS; i++) {
		unsigned r = REASON_NONE + 1;

		while (r < REASON__COUNT &&
		    strcmp(verify_reason_names[r], reasons[i].name) != 0)
			r++;
		if (r == REASON__COUNT)
			fail_msg("there is no reason %s", reasons[i].name);
		assert_string_equal(
		    verify_result_names[verify_reason_result(r)],
		    verify_result_names[reasons[i].result]);
	}
}

static void
results_are_the_words_of_rfc_8601(void **state)
{
	static const char *const words[] = { "none", "pass", "policy", "fail",
		"temperror", "permerror" };
	bool found = true;

	(void)state;
	assert_int_equal(
	    VERIFY_RESULT__COUNT, sizeof(words) / sizeof(words[0]));
	for (size_t i = 0; found && i < VERIFY_RESULT__COUNT; i++) {
		found = false;
		for (unsigned r = 0; r < VERIFY_RESULT__COUNT; r++)
			found |= strcmp(verify_result_names[r], words[i]) == 0;
	}
	assert_true(found);
}

/* 64 IDs, each of which names the domains of all others. */
static void
a_tangle_of_all_ids_ends(void **state)
{
	enum { N = VERIFY_IDS_MAX };
	static struct strings none;
	const struct verify_limits limits = {
		.now = NOW,
		.max_age = DAY,
		.max_ids = N,
		.max_hops = N,
		.trusted_forwarders = &none,
		.require = &none,
	};
	char names[N][32], text[1024];
	struct verify_field ids[N];
	const struct verify_field from = { "x@d0.org", 8 };
	const char *const to[] = { CLAIRE };
	const struct verify_input in = { to, 1, &from, 1, ids, N };
	struct verify *v;
	size_t which;

	(void)state;
	for (int i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "id.d%d.org", i);
		ids[i] = (struct verify_field){ names[i], strlen(names[i]) };
	}
	v = verify_new(&limits, &in);
	verify_content(v, OURS);
	while (verify_want(v, &which) != NULL) {
		for (int i = 0; i < N; i++) {
			char next[32];
			struct published p = { .to = next,
				.from = "x@d0.org",
				.bind = i % 2 != 0 ? OURS : OTHER };

			snprintf(next, sizeof(next), "y@d%d.org", i);
			verify_text(
			    v, which, text, text_of(text, sizeof(text), &p));
		}
		verify_looked_up(v, which, LOOKUP_FOUND, false);
	}
	assert_true(verify_done(v));
	assert_int_equal(verify_verdict(v)->reason, REASON_RECIPIENT_MISMATCH);
	verify_free(v);
}

int
main(void)
{
	static const struct CMUnitTest more[] = {
		cmocka_unit_test(blinded_recipient_is_known_by_its_digest),
		cmocka_unit_test(blinded_record_of_somebody_else_leads_nowhere),
		cmocka_unit_test(
		    without_id_the_domain_is_asked_whether_it_takes_part),
		cmocka_unit_test(
		    without_id_of_a_domain_that_requires_one_it_fails_unasked),
		cmocka_unit_test(
		    quotes_in_from_are_no_way_around_an_id_that_is_required),
		cmocka_unit_test(
		    trouble_with_the_domain_counts_only_where_missing_matters),
		cmocka_unit_test(reasons_are_those_of_the_protocol),
		cmocka_unit_test(results_are_the_words_of_rfc_8601),
		cmocka_unit_test(a_tangle_of_all_ids_ends),
	};
	enum { MORE = sizeof(more) / sizeof(more[0]) };
	struct CMUnitTest tests[SCENARIOS + MORE];

	for (size_t i = 0; i < SCENARIOS; i++)
		tests[i] = (struct CMUnitTest){
			.name = scenarios[i].claim,
			.test_func = scenario_comes_out,
			.initial_state = (void *)&scenarios[i],
		};
	memcpy(tests + SCENARIOS, more, sizeof(more));
	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
