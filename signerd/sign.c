/*
 * Owns the decision which mail is signed. Knows nothing of records, IDs to
 * come, publishd or the milter's octets.
 */
#include "signerd/sign.h"

#include <string.h>
#include <strings.h>

#include "common/auth_results.h"
#include "common/message_id.h"
#include "signerd/config.h"
#include "signerd/received_by.h"

const char *const sign_fields[] = { "From", "To", "Cc", "Reply-To", "Subject",
	"Date", "Message-ID", "MIME-Version", "Content-Type",
	"Content-Transfer-Encoding", MESSAGE_ID_FIELD, AUTH_RESULTS_FIELD,
	"Delivered-To", "X-Original-To", NULL };

const char *const sign_action_names[SIGN__COUNT] = {
	[SIGN_SIGN] = "signed",
	[SIGN_SKIP] = "skipped",
	[SIGN_TEMPFAIL] = "tempfail",
};

const char *const sign_reason_names[SIGN_REASON__COUNT] = {
	[SIGN_AUTHOR] = "author",
	[SIGN_FORWARDER] = "forwarder",
	[SIGN_UNTRUSTED_CLIENT] = "untrusted-client",
	[SIGN_NO_RECIPIENTS] = "no-recipients",
	[SIGN_BAD_FROM] = "bad-from",
	[SIGN_SEVERAL_FROM] = "several-from",
	[SIGN_UNREPRESENTABLE] = "unrepresentable",
	[SIGN_LOGIN_REQUIRED] = "login-required",
	[SIGN_LOGIN_MISMATCH] = "login-mismatch",
	[SIGN_OUTSIDE_NOT_PASS] = "outside-not-pass",
	[SIGN_FORWARD_OFF] = "forward-off",
	[SIGN_NO_ID_TO_FORWARD] = "no-id-to-forward",
	[SIGN_FAILED_VERIFICATION] = "failed-verification",
	[SIGN_NO_FORWARD_DOMAIN] = "no-forward-domain",
	[SIGN_TOO_MANY_IDS] = "too-many-ids",
	[SIGN_TOO_LARGE] = "too-large",
	[SIGN_TOO_MANY_RECIPIENTS] = "too-many-recipients",
	[SIGN_OUT_OF_MEMORY] = "out-of-memory",
};

/* SIGN_SIGN is for two of them, SIGN_TEMPFAIL from here on. */
static enum sign_action
action_of(enum sign_reason reason)
{
	if (reason <= SIGN_FORWARDER)
		return SIGN_SIGN;
	return reason >= SIGN_TOO_LARGE ? SIGN_TEMPFAIL : SIGN_SKIP;
}

/* A message under decision. */
struct sign_case {
	const struct sign_rules *rules;
	const struct mail_message *m;
	sign_told_fn *told;
	void *told_arg;
	struct address author;
};

/* A check objects with a reason, or has none. */
enum { NO_OBJECTION = SIGN_REASON__COUNT };
typedef int sign_check(struct sign_case *);

static bool
field_is(const struct mail_field *f, const char *name)
{
	return strcasecmp(f->name, name) == 0;
}

/* ---- who sends ---- */

/*
 * Section 7: "a trusted client (network or login)". What the MTA calls
 * unknown has no address, and is in no network: to take it for the local host
 * would trust whoever managed to hide.
 */
static int
check_client(struct sign_case *c)
{
	const char *client = c->m->client_addr;
	struct net_address address;

	if (c->m->auth_authen[0] != '\0')
		return NO_OBJECTION;
	if (net_address_parse(&address, client, strlen(client)) == 0 &&
	    networks_contain(&c->rules->options->trusted, &address))
		return NO_OBJECTION;
	return SIGN_UNTRUSTED_CLIENT;
}

/* What of the message is missing we cannot judge: 451. */
static int
check_size(struct sign_case *c)
{
	if (c->m->overflow == MAIL_TOO_MANY_RECIPIENTS ||
	    (int64_t)c->m->n_recipients > c->rules->options->max_recipients)
		return SIGN_TOO_MANY_RECIPIENTS;
	return c->m->overflow == MAIL_FITS ? NO_OBJECTION : SIGN_TOO_LARGE;
}

/* Exactly one field with exactly one mailbox (RFC 5322 3.6.2 allows more). */
static int
check_from(struct sign_case *c)
{
	static const enum sign_reason reasons[ADDRESS__COUNT] = {
		[ADDRESS_EMPTY] = SIGN_BAD_FROM,
		[ADDRESS_MALFORMED] = SIGN_BAD_FROM,
		[ADDRESS_SEVERAL] = SIGN_SEVERAL_FROM,
		[ADDRESS_UNREPRESENTABLE] = SIGN_UNREPRESENTABLE,
	};
	const struct mail_field *from = NULL;
	enum address_result r;

	for (size_t i = 0; i < c->m->n_fields; i++) {
		if (!field_is(&c->m->fields[i], "From"))
			continue;
		if (from != NULL)
			return SIGN_SEVERAL_FROM;
		from = &c->m->fields[i];
	}
	if (from == NULL)
		return SIGN_BAD_FROM;
	r = address_from_header(&c->author, from->value, from->len);
	if (r == ADDRESS_OK)
		return NO_OBJECTION;
	memset(&c->author, 0, sizeof(c->author));
	return reasons[r];
}

/* ---- to whom ---- */

/* Protocol.md 2.2: one that cannot be written leaves the whole unsigned, or
   its absence among the records would make the message fail for it. */
static int
check_recipients(struct sign_case *c)
{
	struct address a;

	if (c->m->n_recipients == 0)
		return SIGN_NO_RECIPIENTS;
	for (size_t i = 0; i < c->m->n_recipients; i++)
		if (address_from_path(&a, c->m->recipients[i]) != ADDRESS_OK)
			return SIGN_UNREPRESENTABLE;
	return NO_OBJECTION;
}

/* ---- what verifyd said when the message came in ---- */

/*
 * Section 7: nobody launders a forgery through our forwarder. verifyd puts one
 * such field on all mail from outside and removes those that it finds, so more
 * than one that names dnsmail is odd, and the worse one counts.
 */
struct outside {
	bool came_in; /* a field of ours is there */
	bool pass;    /* dnsmail is named, always as pass */
	bool failed;  /* somewhere as fail or permerror */
};

static struct outside
outside_of(const struct sign_case *c)
{
	const char *id = config_global(c->rules->config)->authserv_id;
	struct outside o = { .came_in = false };
	bool other = false;

	for (size_t i = 0; i < c->m->n_fields; i++) {
		const struct mail_field *f = &c->m->fields[i];
		enum auth_dnsmail said;

		if (!field_is(f, AUTH_RESULTS_FIELD) ||
		    !auth_results_is_ours(f->value, f->len, id))
			continue;
		said = auth_results_dnsmail(f->value, f->len);
		o.came_in = true;
		o.pass |= said == AUTH_DNSMAIL_PASS;
		other |=
		    said != AUTH_DNSMAIL_PASS && said != AUTH_DNSMAIL_ABSENT;
		o.failed |=
		    said == AUTH_DNSMAIL_FAIL || said == AUTH_DNSMAIL_PERMERROR;
	}
	o.pass &= !other;
	return o;
}

/* ---- as author ---- */

/* A login without a domain matches nothing: which domain would it mean? */
static int
check_login(struct sign_case *c)
{
	const struct signerd_config *options = c->rules->options;
	const char *login = c->m->auth_authen;
	struct address a;

	if (login[0] == '\0')
		return options->require_login ? (int)SIGN_LOGIN_REQUIRED
					      : NO_OBJECTION;
	if (options->login_match == LOGIN_MATCH_NONE)
		return NO_OBJECTION;
	if (address_from_spec(&a, login, strlen(login)) != ADDRESS_OK)
		return SIGN_LOGIN_MISMATCH;
	if (options->login_match == LOGIN_MATCH_ADDRESS
		? !address_equal(&a, &c->author)
		: strcmp(a.domain, c->author.domain) != 0)
		return SIGN_LOGIN_MISMATCH;
	return NO_OBJECTION;
}

/* Silent fields of ours (another filter's) still say: from outside. */
static int
check_outside(struct sign_case *c)
{
	struct outside o = outside_of(c);

	return o.came_in && !o.pass ? (int)SIGN_OUTSIDE_NOT_PASS : NO_OBJECTION;
}

/* ---- as forwarder ---- */

static int
check_forward(struct sign_case *c)
{
	return c->rules->options->forward ? NO_OBJECTION
					  : (int)SIGN_FORWARD_OFF;
}

/* Only an ID of the author's own domain begins a chain (section 4). */
static int
check_id(struct sign_case *c)
{
	struct message_id id;

	for (size_t i = 0; i < c->m->n_fields; i++) {
		const struct mail_field *f = &c->m->fields[i];

		if (field_is(f, MESSAGE_ID_FIELD) &&
		    message_id_parse(&id, f->value, f->len) &&
		    strcmp(id.domain, c->author.domain) == 0)
			return NO_OBJECTION;
	}
	return SIGN_NO_ID_TO_FORWARD;
}

static int
check_verified(struct sign_case *c)
{
	return outside_of(c).failed ? (int)SIGN_FAILED_VERIFICATION
				    : NO_OBJECTION;
}

/* Recipients may have come by different addresses of ours, in one message. */
static int
check_received(struct sign_case *c)
{
	if (received_by_message(c->rules, c->m) != NULL)
		return NO_OBJECTION;
	for (size_t i = 0; i < c->m->n_recipients; i++)
		if (received_by_orcpt(c->rules, c->m->recipients[i]) == NULL)
			return SIGN_NO_FORWARD_DOMAIN;
	return NO_OBJECTION;
}

/* In this order: the first objection is the reason. */
struct sign_row {
	enum sign_step step;
	sign_check *run; /* NULL ends */
};
static const struct sign_row first_rows[] = {
	{ SIGN_STEP_CLIENT, check_client },
	{ SIGN_STEP_SIZE, check_size },
	{ SIGN_STEP_FROM, check_from },
	{ 0 },
};
static const struct sign_row author_rows[] = {
	{ SIGN_STEP_LOGIN, check_login },
	{ SIGN_STEP_OUTSIDE, check_outside },
	{ SIGN_STEP_RECIPIENTS, check_recipients },
	{ 0 },
};
static const struct sign_row forwarder_rows[] = {
	{ SIGN_STEP_FORWARD, check_forward },
	{ SIGN_STEP_ID, check_id },
	{ SIGN_STEP_VERIFIED, check_verified },
	{ SIGN_STEP_RECIPIENTS, check_recipients },
	{ SIGN_STEP_RECEIVED, check_received },
	{ 0 },
};

static int
run_rows(struct sign_case *c, const struct sign_row *row)
{
	int r = NO_OBJECTION;

	for (; row->run != NULL && r == NO_OBJECTION; row++) {
		r = row->run(c);
		c->told(c->told_arg, row->step, r != NO_OBJECTION);
	}
	return r;
}

void
sign_decide_told(struct sign_decision *d, const struct sign_rules *rules,
    const struct mail_message *m, sign_told_fn *told, void *arg)
{
	struct sign_case c = { rules, m, told, arg, { .local = "" } };
	int r = run_rows(&c, first_rows);

	if (r == NO_OBJECTION) {
		bool ours = config_domain(rules->config, c.author.domain);

		r = run_rows(&c, ours ? author_rows : forwarder_rows);
		if (r == NO_OBJECTION)
			r = ours ? SIGN_AUTHOR : SIGN_FORWARDER;
	}
	sign_decision_set(d, (enum sign_reason)r);
	d->author = c.author;
}

static void
told_nobody(void *arg, enum sign_step step, bool objects)
{
	(void)arg;
	(void)step;
	(void)objects;
}

void
sign_decide(struct sign_decision *d, const struct sign_rules *rules,
    const struct mail_message *m)
{
	sign_decide_told(d, rules, m, told_nobody, NULL);
}

void
sign_decision_set(struct sign_decision *d, enum sign_reason reason)
{
	d->reason = reason;
	d->action = action_of(reason);
}
