/*
 * Words and actions. Pure; memory streams only.
 */
#include "verifyd/verdict.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLD_AT = 78 }; /* RFC 5322 2.1.1 */

const char *const verify_action_names[ACTION__COUNT] = {
	[ACTION_ACCEPT] = "accept",
	[ACTION_QUARANTINE] = "quarantine",
	[ACTION_TEMPFAIL] = "tempfail",
	[ACTION_REJECT] = "reject",
	[ACTION_DISCARD] = "discard",
};

const char verdict_later[] =
    "451 4.7.5 DNS Mail verification is not possible now, try later";

static const char *const replies[ACTION__COUNT] = {
	[ACTION_TEMPFAIL] = verdict_later,
	[ACTION_REJECT] =
	    "550 5.7.1 DNS Mail verification refuses this message",
};

static const char listed_reply[] =
    "550 5.7.1 A domain that vouches for this message is on a list used here";

static enum verify_action
by_options(const struct verification *v, const struct verifyd_config *c)
{
	const int actions[VERIFY_RESULT__COUNT] = {
		[VERIFY_NONE] = v->participates ? c->on_missing : ACTION_ACCEPT,
		[VERIFY_PASS] = v->sealed == CONTENT_CHANGED ? c->on_changed
							     : ACTION_ACCEPT,
		[VERIFY_POLICY] = c->on_policy,
		[VERIFY_FAIL] = c->on_fail,
		[VERIFY_TEMPERROR] = c->on_temperror,
		[VERIFY_PERMERROR] = c->on_permerror,
	};

	return (enum verify_action)actions[v->result];
}

/* A domain wishes for mail without an ID and for mail that fails. */
static enum verify_action
by_wish(const struct verification *v, const struct verifyd_config *c)
{
	static const enum verify_action actions[WISH__COUNT] = {
		[WISH_NONE] = ACTION_ACCEPT,
		[WISH_QUARANTINE] = ACTION_QUARANTINE,
		[WISH_REJECT] = ACTION_REJECT,
	};
	const enum wish_word wishes[VERIFY_RESULT__COUNT] = {
		[VERIFY_NONE] = v->wish.missing,
		[VERIFY_FAIL] = v->wish.fail,
	};

	return c->honour_wish ? actions[wishes[v->result]] : ACTION_ACCEPT;
}

bool
verdict_wants_wish(const struct verification *v, const struct verifyd_config *c)
{
	return c->honour_wish &&
	    (v->result == VERIFY_NONE || v->result == VERIFY_FAIL) &&
	    v->author.domain[0] != '\0' && by_options(v, c) < ACTION_REJECT;
}

bool
verdict_wants_reputation(
    const struct verification *v, const struct verifyd_config *c)
{
	const char *domains[VERIFICATION_DOMAINS_MAX];

	return c->reputation.n > 0 && verification_domains(v, domains) > 0 &&
	    by_options(v, c) < ACTION_DISCARD;
}

static enum verify_action
by_list(const struct verification *v)
{
	const struct reputation_hit *hit = reputation_strictest(&v->reputation);

	return hit != NULL ? hit->action : ACTION_ACCEPT;
}

void
verdict_decide(struct verdict *verdict, const struct verification *v,
    const struct verifyd_config *config)
{
	enum verify_action options = by_options(v, config);
	enum verify_action wish = by_wish(v, config), list = by_list(v);

	verdict->wished = wish > options;
	verdict->decided = verdict->wished ? wish : options;
	verdict->listed = list > verdict->decided;
	if (verdict->listed) {
		verdict->wished = false;
		verdict->decided = list;
	}
	verdict->action = config->observe ? ACTION_ACCEPT : verdict->decided;
	verdict->reply = verdict->listed && verdict->action == ACTION_REJECT
	    ? listed_reply
	    : replies[verdict->action];
	verdict->quarantine = "held by DNS Mail verification";
}

/* A field under way, and how long its last line is. */
struct field {
	FILE *out;
	size_t column;
};

static void __attribute__((format(printf, 2, 3)))
add(struct field *f, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vfprintf(f->out, fmt, ap);
	va_end(ap);
	f->column += n > 0 ? (size_t)n : 0;
}

/* On a new line where the last one, and a semicolon, is full. */
static void
add_property(struct field *f, const char *property, const char *value)
{
	if (f->column + strlen(property) + strlen(value) + 3 > FOLD_AT) {
		fputc('\n', f->out);
		f->column = 0;
	}
	add(f, " %s=%s", property, value);
}

static bool
is_plain(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-_+";

	return text[strspn(text, plain)] == '\0';
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/*
 * RFC 8601 2.2 takes any dot-atom unquoted, but many readers of the field stop
 * at "=" or "/". UTF-8 may not stand in a field of a message that is not
 * internationalised, so such a local part is left out, as the grammar allows.
 */
static void
add_author(struct field *f, const struct address *author)
{
	if (author->local[0] == '\0')
		return;
	if (is_plain(author->local))
		add(f, " header.from=%s@%s", author->local, author->domain);
	else if (is_ascii(author->local))
		add(f, " header.from=\"%s@%s\"", author->local, author->domain);
	else
		add(f, " header.from=@%s", author->domain);
}

static void
add_policies(struct field *f, const struct verification *v)
{
	char number[16];

	f->column = FOLD_AT; /* they begin on a line of their own */
	if (v->participates)
		add_property(f, "policy.participates", "yes");
	for (size_t i = 0; i < v->n_via; i++)
		add_property(f, "policy.via", v->via[i]);
	if (v->content != CONTENT_UNKNOWN) {
		add_property(
		    f, "policy.content", verify_content_names[v->content]);
		add_property(f, "policy.dnssec", v->dnssec ? "yes" : "no");
	}
	snprintf(number, sizeof(number), "%u", v->unused);
	if (v->unused > 0)
		add_property(f, "policy.unused", number);
}

/* A result of its own: RFC 8904 has a property for the zone and the answer. */
static void
add_hit(struct field *f, const struct reputation_hit *hit)
{
	char address[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &hit->address, address, sizeof(address));
	add(f, ";\n");
	f->column = 0;
	add(f, " dnsmail-list=policy");
	add_property(f, "dns.zone", hit->zone);
	add_property(f, "policy.ip", address);
	add_property(f, "policy.domain", hit->domain);
}

/* Closes a memory stream; the text, or NULL when memory was out. */
static char *
text_of(FILE *out, char **text)
{
	bool failed = ferror(out) != 0;

	if (fclose(out) == 0 && !failed)
		return *text;
	free(*text);
	return NULL;
}

char *
verdict_field(const struct verification *v, const char *authserv_id)
{
	char *text = NULL;
	size_t n;
	struct field f = { .out = open_memstream(&text, &n) };

	if (f.out == NULL)
		return NULL;
	add(&f, "%s; dnsmail=%s", authserv_id, verify_result_names[v->result]);
	if (v->reason != REASON_NONE)
		add(&f, " reason=\"%s\"", verify_reason_names[v->reason]);
	add_author(&f, &v->author);
	add_policies(&f, v);
	for (size_t i = 0; i < v->reputation.n; i++)
		add_hit(&f, &v->reputation.hits[i]);
	return text_of(f.out, &text);
}

char *
verdict_via(const struct verification *v)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < v->n_via; i++)
		fprintf(out, "%s%s", i > 0 ? "," : "", v->via[i]);
	return text_of(out, &text);
}

const char *
verdict_list(const struct verification *v, char buf[VERDICT_LIST_MAX])
{
	const struct reputation_hit *hit = reputation_strictest(&v->reputation);
	char address[INET_ADDRSTRLEN];

	buf[0] = '\0';
	if (hit != NULL)
		snprintf(buf, VERDICT_LIST_MAX,
		    " list=%s answer=%s list-domain=%s list-action=%s",
		    hit->zone,
		    inet_ntop(AF_INET, &hit->address, address, sizeof(address)),
		    hit->domain, verify_action_names[hit->action]);
	return buf;
}
