/*
 * A whole verification: fields and recipients, then what the DNS tells about
 * each ID that is wanted. Held against a plain reading of the protocol
 * (told.h); and what is said about it in the message can be read again, and
 * names no recipient.
 *
 * Input: limits, then items of the message up to an END, then the answers.
 * An item or text is raw, or made from a few names by numbers.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth_results.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/told.h"
#include "verifyd/verdict.h"
#include "verifyd/verify.h"

#define OURS   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OTHER  "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"
#define SERVER "mx.my_isp.net"

enum { NOW = 1800000000, MAX_AGE = 7 * 86400, MANY = 64 };

static const char *const addresses[] = { "martha@domain.com",
	"claire@nonprofit.org", "claire@my_isp.net", "joe@list.test",
	"joe@trusted.test", "Martha@DOMAIN.com", "j\xc3\xb6@b\xc3\xbc.test",
	"\"quoted\"@domain.com" };
static const char *const domains[] = { "domain.com", "nonprofit.org",
	"my_isp.net", "list.test", "trusted.test", "Sub.Domain.com",
	"b\xc3\xbc.test", "xn--b-xga.test" };
static const char *const binds[] = { "", OURS, OTHER, OURS };
static const long ages[] = { 0, MAX_AGE, MAX_AGE + 1, -3600, -3601, 60 };

/* Names in a list, by any number. */
#define PICK(list, i) (list[(i) % (sizeof(list) / sizeof(list[0]))])

struct message {
	struct verify_field from[MANY], ids[MANY];
	char *recipients[MANY];
	struct verify_input input;
	char *strings[3 * MANY]; /* all of it */
	size_t n;
};

/* ---- the message ---- */

enum item {
	END,
	RAW_FROM,
	RAW_ID,
	RAW_RECIPIENT,
	MADE_FROM,
	MADE_ID,
	MADE_RECIPIENT,
	ITEMS
};

static char *
raw(struct fuzz_input *in)
{
	size_t n;
	struct fuzz_input part = { 0 };
	uint8_t *octets = fuzz_part(in, &n);
	char *string;

	part.p = octets;
	part.n = n;
	string = fuzz_string(&part);
	free(octets);
	return string;
}

static char *
item_text(enum item item, struct fuzz_input *in)
{
	char text[128];
	unsigned number;

	if (item < MADE_FROM)
		return raw(in);
	number = fuzz_u8(in);
	if (item == MADE_ID)
		snprintf(text, sizeof(text), "%c.%s", 'a' + (int)(number >> 4),
		    PICK(domains, number & 15));
	else
		snprintf(text, sizeof(text), "%s%s%s",
		    item == MADE_FROM ? "Somebody <" : "<",
		    PICK(addresses, number), ">");
	return strdup(text);
}

static void
message_read(struct message *m, struct fuzz_input *in)
{
	enum item item;

	memset(m, 0, sizeof(*m));
	m->input = (struct verify_input){
		.recipients = (const char *const *)m->recipients,
		.from = m->from,
		.ids = m->ids,
	};
	while (
	    (item = (enum item)(fuzz_u8(in) % ITEMS)) != END && m->n < MANY) {
		char *text = m->strings[m->n++] = item_text(item, in);
		struct verify_field field = { text, strlen(text) };

		assert(text != NULL);
		if (item == RAW_FROM || item == MADE_FROM)
			m->from[m->input.n_from++] = field;
		else if (item == RAW_ID || item == MADE_ID)
			m->ids[m->input.n_ids++] = field;
		else
			m->recipients[m->input.n_recipients++] = text;
	}
}

static void
message_free(struct message *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->strings[i]);
}

/* ---- the answers ---- */

static size_t
text_made(char *text, struct fuzz_input *in, const struct told_id *at)
{
	unsigned numbers = fuzz_u8(in), dated = fuzz_u8(in);
	struct record r = { .date = NOW - PICK(ages, dated & 7) };
	const char *to = PICK(addresses, numbers & 7);
	const char *from = PICK(addresses, numbers >> 3 & 7);

	if (address_from_spec(&r.to, to, strlen(to)) != ADDRESS_OK ||
	    address_from_spec(&r.from, from, strlen(from)) != ADDRESS_OK)
		return (size_t)sprintf(text, "To:nobody");
	r.blinded = numbers >> 6 == 1;
	if (r.blinded)
		record_blind(r.blind, at->id.label, &r.to);
	strcpy(r.bind, PICK(binds, dated >> 3 & 3));
	return record_put(text, &r);
}

static void
tell_text(
    struct verify *v, struct told *told, size_t which, struct fuzz_input *in)
{
	char made[RECORD_TEXT_MAX], *text = made;
	size_t n;

	if ((fuzz_u8(in) & 1) == 0) {
		n = text_made(made, in, &told->ids[which]);
	} else {
		text = raw(in);
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
		    address_from_path(&a, m->recipients[i]) == ADDRESS_OK;

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
	char *field = verdict_field(r, SERVER);
	char author[ADDRESS_MAX], recipient[ADDRESS_MAX];
	struct address a;

	assert(field != NULL);
	for (const char *p = field; *p != '\0'; p++)
		assert((*p >= ' ' && *p <= '~') ||
		    (*p == '\n' && p[1] == ' ' && p[2] > ' '));
	assert(auth_results_is_ours(field, strlen(field), SERVER));
	assert(auth_results_dnsmail(field, strlen(field)) == said[r->result]);
	address_text(&r->author, author);
	for (size_t i = 0; i < m->input.n_recipients; i++)
		if (address_from_path(&a, m->recipients[i]) == ADDRESS_OK &&
		    strstr(author, address_text(&a, recipient)) == NULL)
			assert(strstr(field, recipient) == NULL);
	free(field);
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
	};
	struct verdict verdict;
	char *via = verdict_via(r);

	verdict_decide(&verdict, r, &config);
	assert(verdict.action < ACTION__COUNT);
	assert(verdict.action == ACTION_ACCEPT || !config.observe);
	assert(config.observe || verdict.action == verdict.decided);
	assert(config.honour_wish || !verdict.wished);
	assert((verdict.reply != NULL) ==
	    (verdict.action == ACTION_TEMPFAIL ||
		verdict.action == ACTION_REJECT));
	if (r->result == VERIFY_PASS && r->sealed != CONTENT_CHANGED)
		assert(verdict.action == ACTION_ACCEPT);
	if (verdict_wants_wish(r, &config))
		assert(config.honour_wish && r->author.domain[0] != '\0');
	assert(via != NULL && (via[0] == '\0') == (r->n_via == 0));
	free(via);
}

/* ---- one input ---- */

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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct message m;
	static struct told told;
	struct fuzz_input in = { data, size };
	unsigned options = fuzz_u8(&in), hops = fuzz_u8(&in);
	const struct verify_limits limits = {
		.now = NOW,
		.max_age = MAX_AGE,
		.max_ids = 1 + (size_t)(hops >> 2),
		.max_hops = 1 + (size_t)(hops & 3),
		.trusted_forwarders = &trusted,
		.require = &require,
		.missing_matters = (options & 0x20) != 0,
	};
	const char *content = (options & 0x10) != 0 ? OURS : "";
	struct verify *v;
	const struct verification *r;

	message_read(&m, &in);
	told_begin(&told, &limits, &m, content);
	v = verify_new(&limits, &m.input);
	assert(v != NULL);
	verify_content(v, content);
	run(v, &told, &in);
	verify_wish(v, &(struct wish){ .missing = options & 1, .fail = 1 });
	r = verify_verdict(v);
	check_reason(r, &m);
	if (m.input.n_ids > 0 &&
	    (r->reason < REASON_BAD_FROM || r->result == VERIFY_POLICY))
		check_chains(&told, &m, r->result);
	check_field(r, &m);
	check_verdict(r, options);
	verify_free(v);
	message_free(&m);
	return 0;
}
