/*
 * A whole signing: a message to its decision, its IDs and records. Whatever
 * is published is taken by publishd, names each recipient once for each time
 * that it stands there, and passes with a verifier. Input: options, octets for
 * the IDs, how often the recipients are repeated, items of the message.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/record.h"
#include "publishd/request_check.h"
#include "signerd/config.h"
#include "signerd/plan.h"
#include "signerd/received_by.h"
#include "tests/fuzz/letter.h"
#include "verifyd/verify.h"

/* The options. */
enum {
	PRIVATE = 3,
	CLIENT = 4, /* is trusted by its address */
	LOGIN = 8,
	LOGIN_MATCH = 0x30,
	FORWARDS = 0x40,
	REQUIRE_LOGIN = 0x80,
};
enum { RECIPIENTS_MAX = LETTER_MAX * 16 };

/* ---- the configuration ---- */

static struct config_domain domains[] = {
	{ .name = "domain.com", .zone = "domain.com" },
	{ .name = "nonprofit.org", .zone = "nonprofit.org" },
	{ .name = "xn--b-xga.test", .zone = "xn--b-xga.test" },
};
enum { DOMAINS = sizeof(domains) / sizeof(domains[0]) };

const struct config_domain *
config_domain(const struct config *config, const char *name)
{
	(void)config;
	for (size_t i = 0; i < DOMAINS; i++)
		if (strcmp(domains[i].name, name) == 0)
			return &domains[i];
	return NULL;
}

const struct config_global *
config_global(const struct config *config)
{
	static char id[] = LETTER_SERVER;
	static const struct config_global global = { .authserv_id = id };

	(void)config;
	return &global;
}

static void
configure(struct signerd_config *c, unsigned options)
{
	static struct network loopback = { AF_INET, { 127, 0, 0, 1 }, 32 };
	static char ours[] = "nonprofit.org", none[] = "";

	*c = (struct signerd_config){
		.trusted = { &loopback, 1 },
		.require_login = (options & REQUIRE_LOGIN) != 0,
		.login_match = (int)((options & LOGIN_MATCH) >> 4) %
		    (LOGIN_MATCH_ADDRESS + 1),
		.forward = (options & FORWARDS) != 0,
		.forward_domain = (options & LOGIN) != 0 ? ours : none,
		.private = (int)(options & PRIVATE) % (PRIVATE_NONE + 1),
		.max_recipients = RECIPIENTS_MAX,
	};
}

/* ---- the message ---- */

struct message {
	struct letter letter;
	struct mail_field fields[LETTER_MAX];
	const char *recipients[RECIPIENTS_MAX];
	struct mail_message mail;
	size_t times; /* each recipient is there */
};

static void
message_read(struct message *m, unsigned options, struct fuzz_input *in)
{
	struct letter *l = &m->letter;
	unsigned times = fuzz_u8(in) & 15;

	/* Seldom so many that there are several IDs: that is slow. */
	m->times = times == 15 ? 16 : 1 + (times & 1);
	letter_read(l, in);
	m->mail = (struct mail_message){
		.client_addr =
		    (options & CLIENT) != 0 ? "127.0.0.1" : "192.0.2.1",
		.auth_authen =
		    (options & LOGIN) != 0 ? "martha@domain.com" : "",
		.recipients = m->recipients,
		.n_recipients = l->n_recipients * m->times,
		.fields = m->fields,
		.n_fields = l->n_fields,
	};
	for (size_t i = 0; i < m->mail.n_recipients; i++)
		m->recipients[i] = l->recipients[i % l->n_recipients];
	for (size_t i = 0; i < l->n_fields; i++)
		m->fields[i] = (struct mail_field){ l->fields[i].name,
			l->fields[i].value, strlen(l->fields[i].value), 1 };
}

/* ---- what is published ---- */

/* As publishd would take it. */
static void
check_request(const struct plan_group *g)
{
	struct publish_req req = {
		.op = PUB_ADD, .ttl = 60, .n = g->n, .records = g->records
	};
	size_t index;

	strcpy(req.domain, g->domain->name);
	assert(g->n >= 1 && g->n <= PLAN_RECORDS_MAX);
	assert(g->text_len <= PLAN_TEXT_MAX);
	assert(request_check(&req, g->domain, &index) == NULL);
	assert(publish_req_size(&req) <= PUBLISH_REQ_MAX);
}

static void
check_group(const struct plan_group *g, const struct sign_decision *d,
    const struct signerd_config *options)
{
	size_t text_len = 0;
	struct record r;

	check_request(g);
	assert(config_domain(NULL, g->domain->name) == g->domain);
	assert(strcmp(g->id.domain, g->domain->name) == 0);
	if (d->reason == SIGN_AUTHOR)
		assert(strcmp(g->id.domain, d->author.domain) == 0);
	for (size_t i = 0; i < g->n; i++) {
		const struct publish_record *p = &g->records[i];

		assert(strcmp(p->owner, g->name) == 0);
		assert(record_get(&r, p->text, p->text_len));
		assert(address_equal(&r.from, &d->author));
		assert(r.date == LETTER_NOW);
		assert(strcmp(r.bind, LETTER_BIND) == 0);
		assert(!r.blinded || options->private != PRIVATE_NONE);
		assert(r.blinded || options->private != PRIVATE_ALL);
		text_len += p->text_len;
	}
	assert(text_len == g->text_len);
}

/* How many records name it. */
static size_t
naming(
    const struct plan_group *groups, size_t n_groups, const struct address *a)
{
	struct record r;
	size_t n = 0;

	for (size_t i = 0; i < n_groups; i++)
		for (size_t k = 0; k < groups[i].n; k++) {
			const struct publish_record *p = &groups[i].records[k];

			assert(record_get(&r, p->text, p->text_len));
			n += record_names(&r, groups[i].id.label, a);
		}
	return n;
}

/* Some of the letter's; all of them are repeated as often. */
static void
check_recipients(const struct plan *plan, const struct message *m)
{
	const struct letter *l = &m->letter;
	size_t records = 0;
	struct address a, b;

	for (size_t i = 0; i < plan->n_groups; i++)
		records += plan->groups[i].n;
	assert(records == m->mail.n_recipients);
	for (size_t i = 0; i < l->n_recipients && i < 3; i++) {
		size_t there = 0;

		assert(address_from_path(&a, l->recipients[i]) == ADDRESS_OK);
		for (size_t k = 0; k < l->n_recipients; k++) {
			assert(address_from_path(&b, l->recipients[k]) ==
			    ADDRESS_OK);
			there += m->times * address_equal(&a, &b);
		}
		assert(there > 0 &&
		    naming(plan->groups, plan->n_groups, &a) == there);
	}
}

/* Its ID lies where the message was received. */
static void
check_received(const struct plan *plan, const struct message *m,
    const struct sign_rules *rules, const char *recipient)
{
	const struct config_domain *domain =
	    received_by_orcpt(rules, recipient);
	struct address a;

	if (domain == NULL)
		domain = received_by_message(rules, &m->mail);
	assert(domain != NULL);
	assert(address_from_path(&a, recipient) == ADDRESS_OK);
	for (size_t i = 0; i < plan->n_groups; i++)
		if (plan->groups[i].domain == domain &&
		    naming(&plan->groups[i], 1, &a) > 0)
			return;
	abort();
}

/* ---- what a verifier says ---- */

struct fields {
	struct verify_field from[LETTER_MAX], ids[LETTER_MAX + PLAN_GROUPS_MAX];
	size_t n_from, n_ids;
};

/* false: an ID was bad or there twice before. */
static bool
fields_of(struct fields *f, const struct message *m, const struct plan *plan)
{
	struct message_id ids[LETTER_MAX];

	for (size_t i = 0; i < plan->n_groups; i++)
		f->ids[f->n_ids++] =
		    (struct verify_field){ plan->groups[i].name,
			    strlen(plan->groups[i].name) };
	for (size_t i = 0, n = 0; i < m->mail.n_fields; i++) {
		const struct mail_field *field = &m->fields[i];
		struct verify_field copy = { field->value, field->len };

		if (strcasecmp(field->name, "From") == 0)
			f->from[f->n_from++] = copy;
		if (strcasecmp(field->name, MESSAGE_ID_FIELD) != 0)
			continue;
		f->ids[f->n_ids++] = copy;
		if (!message_id_parse(&ids[n], copy.value, copy.len))
			return false;
		for (size_t k = 0; k < n; k++)
			if (message_id_equal(&ids[k], &ids[n]))
				return false;
		n++;
	}
	return true;
}

/* Our records; at others' IDs it was sent to the domains that we now use. */
static void
answer(struct verify *v, const struct message_id *id, size_t which,
    const struct plan *plan, const struct address *author)
{
	char text[RECORD_TEXT_MAX];
	struct record r = { .from = *author, .date = LETTER_NOW };

	for (size_t i = 0; i < plan->n_groups; i++) {
		const struct plan_group *g = &plan->groups[i];

		strcpy(r.to.local, "x");
		strcpy(r.to.domain, g->id.domain);
		if (which >= plan->n_groups)
			verify_text(v, which, text, record_put(text, &r));
		for (size_t k = 0; k < g->n && message_id_equal(&g->id, id);
		     k++)
			verify_text(v, which, g->records[k].text,
			    g->records[k].text_len);
	}
	verify_looked_up(v, which, LOOKUP_FOUND, false);
}

static void
check_verified(const struct plan *plan, const struct message *m,
    const struct sign_decision *d)
{
	static const struct strings none;
	const struct verify_limits limits = { LETTER_NOW, LETTER_AGE,
		PLAN_GROUPS_MAX, 4, &none, &none, false };
	struct fields f = { .n_ids = 0 };
	const struct message_id *id;
	struct verify *v;
	size_t which;
	enum verify_result result;

	if (!fields_of(&f, m, plan))
		return;
	v = verify_new(&limits,
	    &(struct verify_input){ m->recipients, m->mail.n_recipients, f.from,
		f.n_from, f.ids, f.n_ids });
	assert(v != NULL);
	verify_content(v, LETTER_BIND);
	while ((id = verify_want(v, &which)) != NULL)
		answer(v, id, which, plan, &d->author);
	result = verify_verdict(v)->result;
	assert(result == VERIFY_PASS ||
	    (result == VERIFY_POLICY && d->reason == SIGN_FORWARDER));
	verify_free(v);
}

/* ---- one input ---- */

static void
check_decision(const struct sign_decision *d, const struct message *m)
{
	bool ours = config_domain(NULL, d->author.domain) != NULL;

	assert(d->reason < SIGN_REASON__COUNT && d->action < SIGN__COUNT);
	assert(sign_reason_names[d->reason] != NULL);
	assert((d->action == SIGN_SIGN) == (d->reason <= SIGN_FORWARDER));
	if (d->action == SIGN_SIGN) {
		assert(ours == (d->reason == SIGN_AUTHOR));
		assert(d->author.local[0] != '\0' && m->mail.n_recipients > 0);
	}
}

static void
check_plan(const struct plan *plan, const struct message *m,
    const struct sign_decision *d, const struct sign_rules *rules)
{
	for (size_t i = 0; i < plan->n_groups; i++)
		check_group(&plan->groups[i], d, rules->options);
	check_recipients(plan, m);
	for (size_t i = 0; i < m->letter.n_recipients && i < 3; i++)
		if (d->reason == SIGN_FORWARDER)
			check_received(plan, m, rules, m->recipients[i]);
	check_verified(plan, m, d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct message m;
	struct fuzz_input in = { data, size };
	uint8_t random[PLAN_GROUPS_MAX][MESSAGE_ID_RANDOM] = { { 0 } };
	unsigned options = fuzz_u8(&in);
	struct signerd_config config;
	const struct sign_rules rules = { .options = &config };
	struct sign_decision d;
	struct plan *plan = NULL;

	configure(&config, options);
	for (size_t i = 0; i < PLAN_GROUPS_MAX; i++)
		random[i][0] = (uint8_t)((fuzz_u8(&in) & 31) | i << 5);
	message_read(&m, options, &in);
	sign_decide(&d, &rules, &m.mail);
	check_decision(&d, &m);
	if (d.action == SIGN_SIGN)
		plan = plan_new(
		    &d, &rules, &m.mail, LETTER_BIND, random, LETTER_NOW);
	if (plan != NULL)
		check_plan(plan, &m, &d, &rules);
	check_decision(&d, &m);
	plan_free(plan);
	letter_free(&m.letter);
	return 0;
}
