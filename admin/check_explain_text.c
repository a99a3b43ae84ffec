/*
 * The words of each step, what decided it, and of the outcome.
 */
#include "admin/check_explain_text.h"

#include <string.h>

#include "admin/check_text.h"
#include "signerd/config.h"

enum { SHOWN_MAX = 5, TEXT_SHOWN = 1500 };

/* A step's name and words; the option that it goes by, or NULL. */
static const struct step_words {
	const char *name, *pass, *object, *option;
} steps[SIGN_STEP__COUNT] = {
	[SIGN_STEP_CLIENT] = { "client", "is trusted", "is not trusted",
	    "trusted" },
	[SIGN_STEP_SIZE] = { "size", "within bounds", "over a bound",
	    "max-recipients" },
	[SIGN_STEP_FROM] = { "author", "one, and a record can hold the address",
	    "not one address that a record can hold", NULL },
	[SIGN_STEP_LOGIN] = { "login", "nothing against it",
	    "it is missing, or is not the author's", NULL },
	[SIGN_STEP_OUTSIDE] = { "from outside",
	    "no, or verifyd said pass when it came in",
	    "yes, and verifyd did not say pass: it is not ours to vouch for",
	    "authserv-id" },
	[SIGN_STEP_FORWARD] = { "forwarding", "mail of others is signed",
	    "mail of others is not signed", "forward" },
	[SIGN_STEP_ID] = { "author's ID", "there, so there is a chain to go on",
	    "no ID of the author's domain: there is no chain to go on", NULL },
	[SIGN_STEP_VERIFIED] = { "verified", "verifyd did not refuse it",
	    "verifyd said fail or permerror: it is not forwarded with an ID",
	    "authserv-id" },
	[SIGN_STEP_RECIPIENTS] = { "recipients",
	    "a record can hold each of them",
	    "none, or one that no record can hold", NULL },
	[SIGN_STEP_RECEIVED] = { "received by", "a domain of ours",
	    "no domain of ours is named by ORCPT, Delivered-To:,"
	    " X-Original-To:, To: or Cc:",
	    "forward-domain" },
};

static const char *const reason_words[SIGN_REASON__COUNT] = {
	[SIGN_AUTHOR] = "From: is of a domain of ours",
	[SIGN_FORWARDER] = "somebody else wrote it, and we send it on",
	[SIGN_UNTRUSTED_CLIENT] =
	    "whoever may send through this host must be of a network of"
	    " \"trusted\", or log in",
	[SIGN_NO_RECIPIENTS] = "there is nobody to name in a record",
	[SIGN_BAD_FROM] = "without From: there is no author to vouch for",
	[SIGN_SEVERAL_FROM] = "of several authors none can be named",
	[SIGN_UNREPRESENTABLE] =
	    "quoted local parts and address literals stand in no record",
	[SIGN_LOGIN_REQUIRED] = "\"require-login\" wants a login",
	[SIGN_LOGIN_MISMATCH] =
	    "\"login-match\" wants the login to be that of the author",
	[SIGN_OUTSIDE_NOT_PASS] =
	    "it bears our Authentication-Results, as mail from outside does;"
	    " such mail in our name may be forged",
	[SIGN_FORWARD_OFF] =
	    "From: is of no domain of ours, and \"forward\" is off",
	[SIGN_NO_ID_TO_FORWARD] =
	    "From: is of no domain of ours, and its domain vouched for nothing",
	[SIGN_FAILED_VERIFICATION] = "nobody is to launder a forgery here",
	[SIGN_NO_FORWARD_DOMAIN] =
	    "it is not known for which of our domains it came;"
	    " \"forward-domain\" can say so",
	[SIGN_TOO_MANY_IDS] = "one ID more, and verifiers would refuse it",
	[SIGN_TOO_LARGE] = "its header section is larger than signerd keeps",
	[SIGN_TOO_MANY_RECIPIENTS] =
	    "records for so many do not go into one message",
	[SIGN_OUT_OF_MEMORY] = "memory is short",
};

/* Every option of signerd's but this one. */
static const char *
option(
    char buf[CHECK_OPTION_MAX], const struct explain_view *v, const char *name)
{
	const struct config *config = v->rules->config;

	return check_option(buf, config,
	    strcmp(name, "authserv-id") == 0 ? config_sections[0]
					     : &signerd_section,
	    name);
}

/* ---- the steps ---- */

static void
put_client(FILE *out, const struct explain_view *v)
{
	const struct mail_message *m = v->message;

	fprintf(out, "%s",
	    m->client_addr[0] != '\0' ? m->client_addr : "no address");
	if (m->auth_authen[0] != '\0') {
		fprintf(out, ", logged in as ");
		check_put_octets(
		    out, m->auth_authen, strlen(m->auth_authen), ADDRESS_MAX);
	} else {
		fprintf(out, ", no login");
	}
	fprintf(out, ": ");
}

static void
put_size(FILE *out, const struct explain_view *v)
{
	fprintf(out,
	    "%zu of at most %lld recipients: ", v->message->n_recipients,
	    (long long)v->rules->options->max_recipients);
}

static void
put_login(FILE *out, const struct explain_view *v)
{
	char a[CHECK_OPTION_MAX], b[CHECK_OPTION_MAX];
	static const char *const words[] = {
		[LOGIN_MATCH_NONE] = "nothing",
		[LOGIN_MATCH_DOMAIN] = "the author's domain",
		[LOGIN_MATCH_ADDRESS] = "the author's address",
	};
	const struct signerd_config *c = v->rules->options;

	fprintf(out, "%s (%s), compared with %s (%s): ",
	    c->require_login ? "required" : "not required",
	    option(a, v, "require-login"), words[c->login_match],
	    option(b, v, "login-match"));
}

static void
put_from(FILE *out, const struct explain_view *v)
{
	size_t i = 0;
	const struct mail_field *f = mail_find(v->message, "From", &i);

	fprintf(out, "From: ");
	if (f != NULL)
		check_put_octets(out, f->value, f->len, ADDRESS_MAX);
	fprintf(out, ": ");
}

static void
put_recipients(FILE *out, const struct explain_view *v)
{
	fprintf(
	    out, "%zu (%s): ", v->message->n_recipients, v->recipients_from);
}

static void (*const details[SIGN_STEP__COUNT])(
    FILE *, const struct explain_view *) = {
	[SIGN_STEP_CLIENT] = put_client,
	[SIGN_STEP_SIZE] = put_size,
	[SIGN_STEP_FROM] = put_from,
	[SIGN_STEP_LOGIN] = put_login,
	[SIGN_STEP_RECIPIENTS] = put_recipients,
};

/* Only the steps behind it differ. */
static void
put_whose(FILE *out, const struct explain_view *v)
{
	const struct mail_field *f;
	struct address a;
	size_t i = 0;

	if ((f = mail_find(v->message, "From", &i)) == NULL ||
	    address_from_header(&a, f->value, f->len) != ADDRESS_OK)
		return;
	if (config_domain(v->rules->config, a.domain) != NULL)
		fprintf(out, "       %s is a domain of ours: as author\n",
		    a.domain);
	else
		fprintf(out, "       %s is no domain of ours: as forwarder\n",
		    a.domain);
}

struct telling {
	FILE *out;
	const struct explain_view *view;
};

static void
told(void *arg, enum sign_step step, bool objects)
{
	const struct telling *t = arg;
	const struct step_words *w = &steps[step];
	char buf[CHECK_OPTION_MAX];

	fprintf(t->out, "  %-4s %s: ", objects ? "no" : "ok", w->name);
	if (details[step] != NULL)
		details[step](t->out, t->view);
	fprintf(t->out, "%s", objects ? w->object : w->pass);
	if (w->option != NULL)
		fprintf(t->out, " (%s)", option(buf, t->view, w->option));
	fprintf(t->out, "\n");
	if (step == SIGN_STEP_FROM && !objects)
		put_whose(t->out, t->view);
}

void
explain_decide(FILE *out, const struct explain_view *v, struct sign_decision *d)
{
	struct telling t = { out, v };

	fprintf(out, "Steps\n");
	sign_decide_told(d, v->rules, v->message, told, &t);
}

/* ---- the outcome ---- */

static void
put_private(FILE *out, const struct explain_view *v)
{
	static const char *const words[] = {
		[PRIVATE_BLIND] =
		    "who shares a message and is not in To: or Cc: is blinded",
		[PRIVATE_ALL] = "every recipient is blinded",
		[PRIVATE_NONE] = "nobody is blinded",
	};
	char buf[CHECK_OPTION_MAX];

	fprintf(out, "  Recipients: %s (%s)\n",
	    words[v->rules->options->private], option(buf, v, "private"));
}

static void
put_bind(FILE *out, const struct explain_view *v)
{
	const char *words = "is bound, by the digest after bind=";
	char buf[CHECK_OPTION_MAX];

	if (!v->rules->options->bind)
		words = "is not bound";
	else if (!v->has_content)
		words = "is bound: with a FILE its digest would stand there";
	fprintf(out, "  Content: %s (%s)\n", words, option(buf, v, "bind"));
}

static void
put_group(FILE *out, const struct plan_group *g)
{
	char text[NET_ADDRESS_TEXT_MAX];

	fprintf(out, "  DNS-Mail-ID: %s (this time: it is random)\n", g->name);
	fprintf(out, "    under %s, TTL %lld, to be seen at", g->domain->name,
	    (long long)g->domain->ttl);
	for (size_t i = 0; i < g->domain->servers.n; i++)
		fprintf(out, " %s",
		    net_address_text(&g->domain->servers.v[i], text));
	fprintf(out, "\n");
	for (size_t i = 0; i < g->n && i < SHOWN_MAX; i++) {
		fprintf(out, "    TXT \"");
		check_put_octets(out, g->records[i].text,
		    g->records[i].text_len, TEXT_SHOWN);
		fprintf(out, "\"\n");
	}
	if (g->n > SHOWN_MAX)
		fprintf(out, "    and %zu more\n", g->n - SHOWN_MAX);
}

static void
put_plan(FILE *out, const struct explain_view *v, const struct plan *plan)
{
	put_private(out, v);
	put_bind(out, v);
	for (size_t i = 0; i < plan->n_groups; i++)
		put_group(out, &plan->groups[i]);
	fprintf(out,
	    "  Then publishd has to publish that: dnsmail-check says"
	    " whether it can.\n");
}

static void
put_not_now(FILE *out, const struct explain_view *v)
{
	char buf[CHECK_OPTION_MAX];

	fprintf(out, "  The mail server is told %s (%s)\n",
	    v->rules->options->on_error == ON_ERROR_UNSIGNED
		? "to let it go unsigned"
		: "to try again later",
	    option(buf, v, "on-error"));
}

void
explain_outcome(FILE *out, const struct explain_view *v,
    const struct sign_decision *d, const struct plan *plan)
{
	fprintf(out, "\nOutcome: %s (%s)\n  That is: %s.\n",
	    sign_action_names[d->action], sign_reason_names[d->reason],
	    reason_words[d->reason]);
	if (plan != NULL)
		put_plan(out, v, plan);
	if (d->action == SIGN_TEMPFAIL)
		put_not_now(out, v);
}
