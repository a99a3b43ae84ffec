/*
 * The chains, the wish, and what verifyd says and does.
 */
#include <string.h>
#include <strings.h>

#include "admin/check_message_text.h"
#include "admin/check_text.h"
#include "common/auth_results.h"
#include "common/date_time.h"
#include "verifyd/chain.h"
#include "verifyd/config.h"
#include "verifyd/verdict.h"

enum { RECIPIENTS_SHOWN = 20, FIELD_SHOWN = 1000 };

/* Records live so long where nobody configured anything: dnsmail.conf(5). */
static const double usual_lifetime = 7 * 86400.0;

static const char *const reasons[REASON__COUNT] = {
	[REASON_NO_USABLE_SERVER] =
	    "the domain lists no DNS Mail server that may be asked.",
	[REASON_NO_RECORD] =
	    "the servers of the domain that must vouch have no such record: it"
	    " was never published, or it is removed (expired or recalled).",
	[REASON_BAD_RECORD] = "what stands at the ID is no message record.",
	[REASON_SENDER_MISMATCH] =
	    "the record there is of another author than From: names.",
	[REASON_UNLINKED] =
	    "there is no ID of the domain that must vouch next.",
	[REASON_RECIPIENT_MISMATCH] =
	    "the records are sound, and for somebody else than the recipient.",
	[REASON_FUTURE_DATE] = "the record is of more than an hour from now.",
	[REASON_EXPIRED] = "the record is there still, and too old to count.",
	[REASON_OVER_BUDGET] =
	    "not all could be asked: a listed server may not be, or there is"
	    " a bound on servers, questions or memory.",
	[REASON_DNS_REFUSED] = "a name server refused to answer.",
	[REASON_DNS_SERVFAIL] = "a name server failed.",
	[REASON_DNS_TIMEOUT] = "a name server did not answer in time.",
	[REASON_BAD_FROM] = "From: does not name one author.",
	[REASON_BAD_ID] = "a DNS-Mail-ID field holds no ID.",
	[REASON_TOO_MANY_IDS] = "it carries more IDs than are looked at.",
	[REASON_DUPLICATE_ID] = "it carries one ID twice.",
	[REASON_UNTRUSTED_FORWARDER] =
	    "the chain is whole, but goes through a forwarder that is not"
	    " trusted, and the content is not what the author bound.",
};

static const struct verifyd_config *
options(const struct check_view *v)
{
	return config_section(v->config, &verifyd_section);
}

/* ---- chains ---- */

static void
put_chain(FILE *out, const struct evidence *e, const struct chain *c)
{
	if (c->hops == 0 && c->open) {
		fprintf(out, "not followed to its end\n");
		return;
	}
	if (c->hops == 0) {
		fprintf(
		    out, "not complete (%s)\n", verify_reason_names[c->reason]);
		return;
	}
	fprintf(out, "complete: ");
	for (size_t i = 0; i < c->hops; i++)
		fprintf(out, "%s -> ", e->ids[c->path[i]].id.domain);
	fprintf(out, "the recipient (%u hop%s, content %s)\n", c->hops,
	    c->hops == 1 ? "" : "s", verify_content_names[c->content]);
}

static void
put_chains(FILE *out, const struct check_view *v)
{
	const struct evidence *e = verify_evidence(v->seen->verify);
	struct chain chain;

	if (v->seen->n_ids == 0)
		return;
	fprintf(out, "\nChain of hops\n");
	for (size_t i = 0; i < e->n_recipients && i < RECIPIENTS_SHOWN; i++) {
		chain_walk(e, i, (size_t)options(v)->max_hops, &chain);
		fprintf(out, "  to ");
		check_put_octets(out, v->message->recipients[i],
		    strlen(v->message->recipients[i]), ADDRESS_MAX);
		fprintf(out, ": ");
		put_chain(out, e, &chain);
	}
}

/* ---- the wish ---- */

static const char *const wish_words[WISH__COUNT] = {
	[WISH_NONE] = "none",
	[WISH_QUARANTINE] = "quarantine",
	[WISH_REJECT] = "reject",
};

static void
put_wish(FILE *out, const struct check_view *v, const char *domain)
{
	const struct list_answer *a = &v->seen->wish;
	char buf[CHECK_OPTION_MAX];

	fprintf(out, "\nWish of the author's domain\n");
	if (!v->seen->wished)
		fprintf(out, "  It was not looked up%s.\n",
		    options(v)->honour_wish ? ": it could change nothing" : "");
	else if (a->outcome > LOOKUP_NO_RECORD)
		fprintf(out,
		    "  _policy.dnsmail.%s could not be looked up: none is "
		    "followed.\n",
		    domain);
	else if (a->wish.texts == 0)
		fprintf(out, "  _policy.dnsmail.%s says nothing.\n", domain);
	else
		fprintf(out, "  _policy.dnsmail.%s: missing=%s fail=%s%s\n",
		    domain, wish_words[a->wish.missing],
		    wish_words[a->wish.fail],
		    a->wish.texts > 1 ? " (of several none counts)" : "");
	if (!options(v)->honour_wish)
		fprintf(out, "  Wishes are not followed here (%s).\n",
		    check_option(
			buf, v->config, &verifyd_section, "honour-wish"));
}

/* ---- what is done ---- */

/* The option that speaks for such a result; NULL: none, it is accepted. */
static const char *
option_of(const struct verification *r)
{
	static const char *const names[VERIFY_RESULT__COUNT] = {
		[VERIFY_POLICY] = "on-policy",
		[VERIFY_FAIL] = "on-fail",
		[VERIFY_TEMPERROR] = "on-temperror",
		[VERIFY_PERMERROR] = "on-permerror",
	};

	if (r->result == VERIFY_NONE)
		return r->participates ? "on-missing" : NULL;
	if (r->result == VERIFY_PASS)
		return r->sealed == CONTENT_CHANGED ? "on-changed" : NULL;
	return names[r->result];
}

static void
put_why(FILE *out, const struct check_view *v, const struct verification *r,
    const struct verdict *d)
{
	const char *name = option_of(r);
	char buf[CHECK_OPTION_MAX];

	if (d->listed)
		fprintf(out, "a domain list decides");
	else if (d->wished)
		fprintf(out, "by the wish of the author's domain");
	else if (name == NULL)
		fprintf(out, "no option is stricter with this result");
	else
		fprintf(out, "%s",
		    check_option(buf, v->config, &verifyd_section, name));
}

static void
put_action(FILE *out, const struct check_view *v, const struct verification *r)
{
	char buf[CHECK_OPTION_MAX];
	struct verdict d;

	verdict_decide(&d, r, options(v));
	fprintf(out, "  Action: %s (", verify_action_names[d.decided]);
	put_why(out, v, r, &d);
	fprintf(out, ")\n");
	if (d.action != d.decided)
		fprintf(out, "  But it only observes: %s (%s)\n",
		    verify_action_names[d.action],
		    check_option(buf, v->config, &verifyd_section, "observe"));
}

static void
put_answer(FILE *out, const struct check_view *v)
{
	const struct check_mail *a = v->answer;

	if (a->reply != NULL)
		fprintf(out, "  SMTP reply: %s\n", a->reply);
	if (a->field != NULL) {
		fprintf(out, "  %s: ", a->field_name);
		check_put_octets(
		    out, a->field, strlen(a->field), strlen(a->field));
		fprintf(out, "\n");
	} else {
		fprintf(out,
		    "  " AUTH_RESULTS_FIELD ": none, as it does not go "
		    "on\n");
	}
	if (a->removed != NULL)
		fprintf(out,
		    "  Removed: %s (in our name: of mail from outside that is "
		    "forged)\n",
		    a->removed);
	if (v->log[0] != '\0')
		fprintf(out, "  Log: %s\n", v->log);
	if (v->trouble[0] != '\0')
		fprintf(out, "  On the way verifyd's code complained:\n%s",
		    v->trouble);
}

/* ---- a message that is old ---- */

/* By its Date: field; -1: none that can be read. */
static double
age_of(const struct check_view *v)
{
	const struct saved_field *f = saved_mail_find(v->saved, "Date");
	time_t date;

	if (f == NULL || !date_time_parse(f->value, f->len, &date))
		return -1;
	return difftime(v->now, date);
}

static void
put_age(FILE *out, const struct check_view *v, const struct verification *r)
{
	const struct config_domain *ours =
	    config_domain(v->config, r->author.domain);
	double lifetime = ours != NULL ? ours->lifetime : usual_lifetime;
	char age[CHECK_SPAN_MAX], life[CHECK_SPAN_MAX];

	if ((r->reason != REASON_NO_RECORD && r->reason != REASON_EXPIRED) ||
	    age_of(v) <= lifetime)
		return;
	fprintf(out,
	    "  By its Date: the message is %s old, and records live %s%s: "
	    "that it does not\n  pass now says nothing of what it was when "
	    "it came in.\n",
	    check_span(age, age_of(v)), check_span(life, lifetime),
	    ours != NULL ? " (lifetime)" : " where nothing else is configured");
}

/* The field that verifyd wrote when the message came in. */
static void
put_then(FILE *out, const struct check_view *v)
{
	const char *id = config_global(v->config)->authserv_id;
	const struct mail_field *f;

	for (size_t i = 0;
	     (f = mail_find(v->message, AUTH_RESULTS_FIELD, &i)) != NULL; i++) {
		enum auth_dnsmail said = auth_results_dnsmail(f->value, f->len);

		if (said == AUTH_DNSMAIL_ABSENT ||
		    !auth_results_is_ours(f->value, f->len, id))
			continue;
		fprintf(out,
		    "  The message bears a field of %s from before, which says "
		    "dnsmail=%s:\n  ",
		    id, auth_dnsmail_names[said]);
		check_put_octets(out, f->value, f->len, FIELD_SHOWN);
		fprintf(out, "\n");
		return;
	}
}

/* ---- all of it ---- */

static void
put_verified(FILE *out, const struct check_view *v)
{
	const struct verification *r = verify_verdict(v->seen->verify);

	put_chains(out, v);
	put_wish(out, v, r->author.domain);
	fprintf(out, "\nVerdict: %s", verify_result_names[r->result]);
	if (r->reason != REASON_NONE)
		fprintf(out, " (%s)\n  That is: %s",
		    verify_reason_names[r->reason], reasons[r->reason]);
	fprintf(out, "\n");
	if (r->result == VERIFY_NONE)
		fprintf(out,
		    "  That is: it carries no ID, and its domain %s.\n",
		    r->participates
			? "takes part, so it should carry one"
			: "does not take part (as far as is known)");
	put_age(out, v, r);
	put_action(out, v, r);
}

void
check_message_verdict(FILE *out, const struct check_view *v)
{
	if (check_message_verified(v))
		put_verified(out, v);
	else
		fprintf(out,
		    "\nVerdict: none was reached: the message has more or "
		    "longer header fields\n  or recipients than verifyd keeps, "
		    "or memory is short.\n");
	put_answer(out, v);
	put_then(out, v);
}
