/*
 * A whole verification: fields and recipients, then what the DNS tells about
 * each ID that is wanted. Held against a plain reading of the protocol
 * (told.h); and what is said about it in the message can be read again, and
 * names no recipient.
 *
 * Input: limits, then items of the message up to an END, then the answers.
 * An item or text is raw, or made from a few names by numbers.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/auth_results.h"
#include "tests/fuzz/letter.h"
#include "tests/fuzz/told.h"
#include "verifyd/verdict.h"
#include "verifyd/verify.h"

/* Of a letter, as verifyd sorts it. */
struct message {
	struct letter letter;
	struct verify_field from[LETTER_MAX], ids[LETTER_MAX];
	struct verify_input input;
};

static void
message_read(struct message *m, struct fuzz_input *in)
{
	struct letter *l = &m->letter;

	letter_read(l, in);
	m->input = (struct verify_input){
		.recipients = (const char *const *)l->recipients,
		.n_recipients = l->n_recipients,
		.from = m->from,
		.ids = m->ids,
	};
	for (size_t i = 0; i < l->n_fields; i++) {
		const char *value = l->fields[i].value;
		struct verify_field field = { value, strlen(value) };

		if (strcasecmp(l->fields[i].name, "From") == 0)
			m->from[m->input.n_from++] = field;
		else if (strcmp(l->fields[i].name, MESSAGE_ID_FIELD) == 0)
			m->ids[m->input.n_ids++] = field;
	}
}

/* ---- the answers ---- */

static void
tell_text(
    struct verify *v, struct told *told, size_t which, struct fuzz_input *in)
{
	char made[RECORD_TEXT_MAX], *text = made;
	size_t n;

	if ((fuzz_u8(in) & 1) == 0) {
		n = letter_record(made, in, &told->ids[which].id);
	} else {
		text = letter_string(in);
		n = strlen(text);
	}
	if (told_text(told, which, text, n))
		verify_text(v, which, text, n);
	if (text != made)
		free(text);
}

/* The texts of up to three servers; one who has the author's ends it. */
static void
tell(struct verify *v, struct told *told, size_t which, struct fuzz_input *in)
{
	unsigned head = fuzz_u8(in);
	size_t servers = head >> 3 & 3;

	for (size_t s = 0; s < servers && !verify_satisfied(v, which); s++)
		for (size_t n = fuzz_u8(in) & 7; n > 0; n--)
			tell_text(v, told, which, in);
	verify_looked_up(v, which,
	    verify_satisfied(v, which)
		? LOOKUP_FOUND
		: (enum lookup_outcome)((head & 7) % LOOKUP__COUNT),
	    (head & 0x20) != 0);
}

static void
run(struct verify *v, struct told *told, struct fuzz_input *in)
{
	const struct message_id *id;
	uint64_t asked = 0;
	size_t which;

	while ((id = verify_want(v, &which)) != NULL) {
		assert(which < told->n);
		assert((asked & UINT64_C(1) << which) == 0);
		asked |= UINT64_C(1) << which;
		assert(message_id_equal(id, &told->ids[which].id));
		tell(v, told, which, in);
	}
	if (verify_want_domain(v) != NULL)
		verify_domain(v,
		    (enum lookup_outcome)(fuzz_u8(in) % LOOKUP__COUNT),
		    (fuzz_u8(in) & 1) != 0, (fuzz_u8(in) & 1) != 0);
	assert(verify_done(v));
}

/* ---- what must hold ---- */

/* By told.h: is it complete for all, and is it a pass for all? */
static void
check_chains(
    const struct told *told, const struct message *m, enum verify_result result)
{
	bool complete = m->input.n_recipients > 0, pass = complete;
	struct address a;

	for (size_t i = 0; i < m->input.n_recipients; i++) {
		bool valid =
		    address_from_path(&a, m->input.recipients[i]) == ADDRESS_OK;

		complete = complete && valid && told_complete(told, &a);
		pass = pass && valid && told_pass(told, &a);
	}
	assert(complete == (result == VERIFY_PASS || result == VERIFY_POLICY));
	assert(pass || result != VERIFY_PASS);
}

static void
check_reason(const struct verification *r, const struct message *m)
{
	assert(r->result < VERIFY_RESULT__COUNT && r->reason < REASON__COUNT);
	assert((r->reason == REASON_NONE) ==
	    (r->result == VERIFY_PASS || r->result == VERIFY_NONE));
	if (r->reason != REASON_NONE)
		assert(verify_reason_result(r->reason) == r->result);
	if (r->result == VERIFY_NONE)
		assert(m->input.n_ids == 0);
	if (m->input.n_from != 1)
		assert(r->reason == REASON_BAD_FROM);
	assert(r->n_via <= VERIFY_IDS_MAX && r->content < CONTENT__COUNT);
	assert(r->unused <= VERIFY_IDS_MAX);
}

/* RFC 5322 2.1.1 and 2.2; no recipient is told but the author himself. */
static void
check_field(const struct verification *r, const struct message *m)
{
	static const enum auth_dnsmail said[VERIFY_RESULT__COUNT] = {
		AUTH_DNSMAIL_NONE, AUTH_DNSMAIL_PASS, AUTH_DNSMAIL_POLICY,
		AUTH_DNSMAIL_FAIL, AUTH_DNSMAIL_TEMPERROR,
		AUTH_DNSMAIL_PERMERROR
	};
	char *field = verdict_field(r, LETTER_SERVER);
	char author[ADDRESS_MAX], recipient[ADDRESS_MAX];
	struct address a;

	assert(field != NULL);
	for (const char *p = field; *p != '\0'; p++)
		assert((*p >= ' ' && *p <= '~') ||
		    (*p == '\n' && p[1] == ' ' && p[2] > ' '));
	assert(auth_results_is_ours(field, strlen(field), LETTER_SERVER));
	assert(auth_results_dnsmail(field, strlen(field)) == said[r->result]);
	address_text(&r->author, author);
	for (size_t i = 0; i < m->input.n_recipients; i++)
		if (address_from_path(&a, m->input.recipients[i]) ==
			ADDRESS_OK &&
		    strstr(author, address_text(&a, recipient)) == NULL)
			assert(strstr(field, recipient) == NULL);
	free(field);
}

static void
check_decision(const struct verification *r, const struct verifyd_config *c)
{
	struct verdict verdict;

	verdict_decide(&verdict, r, c);
	assert(verdict.action < ACTION__COUNT);
	assert(verdict.action == ACTION_ACCEPT || !c->observe);
	assert(c->observe || verdict.action == verdict.decided);
	assert(c->honour_wish || !verdict.wished);
	assert((verdict.reply != NULL) ==
	    (verdict.action == ACTION_TEMPFAIL ||
		verdict.action == ACTION_REJECT));
	if (r->result == VERIFY_PASS && r->sealed != CONTENT_CHANGED &&
	    !verdict.listed)
		assert(verdict.action == ACTION_ACCEPT);
	if (r->reputation.n > 0)
		assert(verdict.decided >= r->reputation.hits[0].action);
}

static void
check_verdict(const struct verification *r, unsigned options)
{
	int action = (int)(options % ACTION__COUNT);
	const struct verifyd_config config = {
		.on_fail = action,
		.on_permerror = action,
		.on_temperror = action,
		.on_policy = action,
		.on_missing = action,
		.on_changed = action,
		.honour_wish = (options & 0x40) != 0,
		.observe = (options & 0x80) != 0,
		.reputation = { .n = 1 },
	};
	char list[VERDICT_LIST_MAX];
	char *via = verdict_via(r);

	check_decision(r, &config);
	if (verdict_wants_wish(r, &config))
		assert(config.honour_wish && r->author.domain[0] != '\0');
	if (verdict_wants_reputation(r, &config))
		assert(r->result == VERIFY_PASS || r->result == VERIFY_POLICY);
	assert((verdict_list(r, list)[0] == '\0') == (r->reputation.n == 0));
	assert(strpbrk(list, "\r\n") == NULL);
	assert(via != NULL && (via[0] == '\0') == (r->n_via == 0));
	free(via);
}

/* ---- one input ---- */

/* A list holds a domain that vouches. */
static struct reputation
listed(struct verify *v)
{
	const char *vouching[VERIFICATION_DOMAINS_MAX];
	struct reputation all = { 0 };

	if (verification_domains(verify_verdict(v), vouching) == 0)
		return all;
	all.n = 1;
	all.hits[0] = (struct reputation_hit){
		.zone = "list.test",
		.domain = vouching[0],
		.address = { .s_addr = htonl(0x7f000102) },
		.action = ACTION_QUARANTINE,
	};
	return all;
}

static char trusted_domain[] = "trusted.test", required[] = "list.test";
static char *trusted_v[] = { trusted_domain }, *required_v[] = { required };
static const struct strings trusted = { trusted_v, 1 };
static const struct strings require = { required_v, 1 };

static void
told_begin(struct told *told, const struct verify_limits *limits,
    const struct message *m, const char *content)
{
	memset(told, 0, sizeof(*told));
	told->now = limits->now;
	told->max_age = limits->max_age;
	told->max_hops = (unsigned)limits->max_hops;
	told->content = content;
	if (m->input.n_from == 1)
		address_from_header(
		    &told->author, m->from[0].value, m->from[0].len);
	told->n = m->input.n_ids;
	for (size_t i = 0; i < told->n; i++) {
		struct told_id *id = &told->ids[i];

		message_id_parse(&id->id, m->ids[i].value, m->ids[i].len);
		id->trusted = strcmp(id->id.domain, trusted_domain) == 0;
	}
}

static void
run_and_check(struct verify *v, struct told *told, const struct message *m,
    unsigned options, struct fuzz_input *in)
{
	const struct verification *r;
	struct reputation hits;

	verify_content(v, told->content);
	run(v, told, in);
	verify_wish(v, &(struct wish){ .missing = options & 1, .fail = 1 });
	hits = listed(v);
	if ((options & 8) != 0)
		verify_reputation(v, &hits);
	r = verify_verdict(v);
	check_reason(r, m);
	if (m->input.n_ids > 0 &&
	    (r->reason < REASON_BAD_FROM || r->result == VERIFY_POLICY))
		check_chains(told, m, r->result);
	check_field(r, m);
	check_verdict(r, options);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct message m;
	static struct told told;
	struct fuzz_input in = { data, size };
	unsigned options = fuzz_u8(&in), hops = fuzz_u8(&in);
	const struct verify_limits limits = {
		.now = LETTER_NOW,
		.max_age = LETTER_AGE,
		.max_ids = 1 + (size_t)(hops >> 2),
		.max_hops = 1 + (size_t)(hops & 3),
		.trusted_forwarders = &trusted,
		.require = &require,
		.missing_matters = (options & 0x20) != 0,
	};
	struct verify *v;

	message_read(&m, &in);
	told_begin(
	    &told, &limits, &m, (options & 0x10) != 0 ? LETTER_BIND : "");
	v = verify_new(&limits, &m.input);
	assert(v != NULL);
	run_and_check(v, &told, &m, options, &in);
	verify_free(v);
	letter_free(&m.letter);
	return 0;
}
