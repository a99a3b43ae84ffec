/*
 * The message itself: author, recipients, IDs.
 */
#include "admin/check_message_text.h"

#include <string.h>

#include "admin/check_text.h"
#include "common/message_id.h"
#include "verifyd/config.h"
#include "verifyd/evidence.h"

enum { SHOWN_MAX = 20, VALUE_SHOWN = 200 };

static const char from_field[] = "From";

static const struct verifyd_config *
options(const struct check_view *v)
{
	return config_section(v->config, &verifyd_section);
}

static size_t
count(const struct mail_message *m, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; mail_find(m, name, &i) != NULL; i++)
		n++;
	return n;
}

static void
put_fields(FILE *out, const struct mail_message *m, const char *name)
{
	const struct mail_field *f;
	size_t shown = 0;

	for (size_t i = 0; (f = mail_find(m, name, &i)) != NULL; i++) {
		if (shown++ == SHOWN_MAX) {
			fprintf(out, "  ...\n");
			return;
		}
		fprintf(out, "  %s: ", name);
		check_put_octets(out, f->value, f->len, VALUE_SHOWN);
		fprintf(out, "\n");
	}
}

/* ---- the file ---- */

static void
put_file(FILE *out, const struct saved_mail *s)
{
	if (s->mbox)
		fprintf(out, "The file is an mbox%s.\n",
		    s->more ? " with several messages: this is about the first"
			    : "");
	if (s->n_fields == 0)
		fprintf(out, "It has no header section: is it a message?\n");
	if (s->cut_off)
		fprintf(out,
		    "The header section ends at a line that is no field; all "
		    "from there is taken for the body.\n");
}

/* ---- the author ---- */

static void
put_one_author(FILE *out, const struct mail_field *f)
{
	static const char *const words[ADDRESS__COUNT] = {
		[ADDRESS_EMPTY] = "it names nobody",
		[ADDRESS_MALFORMED] = "it cannot be read as an address",
		[ADDRESS_SEVERAL] = "it names several mailboxes",
		[ADDRESS_UNREPRESENTABLE] =
		    "its address has a quoted local part or an address literal,"
		    " which no record can hold",
	};
	struct address a;
	enum address_result r = address_from_header(&a, f->value, f->len);

	if (r != ADDRESS_OK) {
		fprintf(out, "  No author: %s.\n", words[r]);
		return;
	}
	fprintf(out, "  The author is ");
	check_put_address(out, &a);
	fprintf(out, ": the domain %s must vouch for the message.\n", a.domain);
}

static void
put_author(FILE *out, const struct mail_message *m)
{
	size_t n = count(m, from_field), i = 0;

	fprintf(out, "\nAuthor\n");
	put_fields(out, m, from_field);
	if (n == 1)
		put_one_author(out, mail_find(m, from_field, &i));
	else
		fprintf(out, "  No author: there %s, and must be one.\n",
		    n == 0 ? "is no From: field" : "are several From: fields");
}

/* ---- the recipients ---- */

static void
put_recipients(FILE *out, const struct check_view *v)
{
	const struct mail_message *m = v->message;
	struct address a;

	fprintf(out, "\nRecipients (%s)\n", v->recipients_from);
	for (size_t i = 0; i < m->n_recipients && i < SHOWN_MAX; i++) {
		bool ok = address_from_path(&a, m->recipients[i]) == ADDRESS_OK;

		fprintf(out, "  ");
		check_put_octets(out, m->recipients[i],
		    strlen(m->recipients[i]), VALUE_SHOWN);
		fprintf(out, "%s\n",
		    ok ? "" : "  is no address that a record can name");
	}
	if (m->n_recipients > SHOWN_MAX)
		fprintf(out, "  and %zu more\n", m->n_recipients - SHOWN_MAX);
	if (m->n_recipients == 0)
		fprintf(out,
		    "  None: whom was it for? Name the envelope recipient with "
		    "--to.\n");
}

/* ---- the IDs ---- */

static bool
is_below(const char *domain, const char *parent)
{
	size_t n = strlen(domain), p = strlen(parent);

	return n > p && domain[n - p - 1] == '.' &&
	    strcmp(domain + n - p, parent) == 0;
}

static bool
is_trusted(const struct check_view *v, const char *domain)
{
	const struct strings *list = &options(v)->trusted_forwarders;

	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], domain) == 0)
			return true;
	return false;
}

static void
put_relation(FILE *out, const struct check_view *v, const char *domain,
    const struct address *author)
{
	if (strcmp(domain, author->domain) == 0)
		fprintf(out, "of the author's domain: a chain begins here");
	else if (is_below(domain, author->domain) ||
	    is_below(author->domain, domain))
		fprintf(out,
		    "of %s, which is not %s: neither a parent nor a child "
		    "domain vouches",
		    domain, author->domain);
	else
		fprintf(out,
		    "of %s, another domain: a forwarder's (%s), which counts "
		    "if a record leads to it",
		    domain,
		    is_trusted(v, domain) ? "one of trusted-forwarders"
					  : "not of trusted-forwarders");
}

static void
put_author_ids(FILE *out, const struct check_view *v)
{
	const struct mail_message *m = v->message;
	struct address author = { .local = "" };
	const struct mail_field *f;
	size_t i = 0, n = 0;

	if ((f = mail_find(m, from_field, &i)) != NULL)
		address_from_header(&author, f->value, f->len);
	for (i = 0; (f = mail_find(m, MESSAGE_ID_FIELD, &i)) != NULL; i++) {
		struct message_id id;

		if (n++ == VERIFY_IDS_MAX)
			break;
		fprintf(out, "  %zu  ", n);
		check_put_octets(out, f->value, f->len, VALUE_SHOWN);
		fprintf(out, "\n     ");
		if (message_id_parse(&id, f->value, f->len))
			put_relation(out, v, id.domain, &author);
		else
			fprintf(out, "is no ID: a label below a domain");
		fprintf(out, "\n");
	}
}

static void
put_ids(FILE *out, const struct check_view *v)
{
	size_t n = count(v->message, MESSAGE_ID_FIELD);

	fprintf(out, "\n" MESSAGE_ID_FIELD " fields, from the top\n");
	if (n == 0)
		fprintf(out,
		    "  None: the message carries nothing to verify it by.\n");
	put_author_ids(out, v);
	if (n > (size_t)options(v)->max_ids) {
		char buf[CHECK_OPTION_MAX];

		fprintf(out, "  %zu of them are more than %lld (%s)\n", n,
		    (long long)options(v)->max_ids,
		    check_option(buf, v->config, &verifyd_section, "max-ids"));
	}
}

bool
check_message_verified(const struct check_view *v)
{
	return v->seen->verify != NULL && v->answer->answered;
}

void
check_message_text(FILE *out, const struct check_view *v)
{
	put_file(out, v->saved);
	put_author(out, v->message);
	put_recipients(out, v);
	put_ids(out, v);
	if (check_message_verified(v))
		check_message_dns(out, v);
	check_message_verdict(out, v);
}
