/*
 * Owns the search for the domain of ours that a forwarded message was sent
 * to. Knows nothing of whether it is signed.
 */
#include "signerd/received_by.h"

#include <string.h>
#include <strings.h>

#include "signerd/config.h"

enum { ORCPT_MAX = 1000 /* RFC 3461 4.2 has 500 for the encoded form */ };

static int
hex(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	if (ch >= 'A' && ch <= 'F')
		return ch - 'A' + 10;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* "+XX" of xtext (RFC 3461 4); past it. */
static bool
decode_xtext(const char **pp, char **op)
{
	const char *p = *pp;

	if (p[0] != '+' || hex(p[1]) < 0 || hex(p[2]) < 0)
		return false;
	*(*op)++ = (char)(hex(p[1]) * 16 + hex(p[2]));
	*pp = p + 3;
	return true;
}

/* "\x{...}" of utf-8-addr-xtext (RFC 6533 3), two to six digits; past it. */
static bool
decode_unicode(const char **pp, char **op)
{
	const char *p = *pp;
	char *o = *op;
	long cp = 0;

	if (strncmp(p, "\\x{", 3) != 0)
		return false;
	for (p += 3; hex(*p) >= 0 && cp <= 0x10ffff; p++)
		cp = cp * 16 + hex(*p);
	if (*p != '}' || cp == 0 || cp > 0x10ffff)
		return false;
	if (cp < 0x80) {
		*o++ = (char)cp;
	} else if (cp < 0x800) {
		*o++ = (char)(0xc0 | cp >> 6);
		*o++ = (char)(0x80 | (cp & 63));
	} else if (cp < 0x10000) {
		*o++ = (char)(0xe0 | cp >> 12);
		*o++ = (char)(0x80 | (cp >> 6 & 63));
		*o++ = (char)(0x80 | (cp & 63));
	} else {
		*o++ = (char)(0xf0 | cp >> 18);
		*o++ = (char)(0x80 | (cp >> 12 & 63));
		*o++ = (char)(0x80 | (cp >> 6 & 63));
		*o++ = (char)(0x80 | (cp & 63));
	}
	*op = o;
	*pp = p + 1;
	return true;
}

/* The address of "rfc822;..." or "utf-8;...", up to a blank. No form grows by
   decoding. */
static bool
orcpt_address(const char *value, struct address *a)
{
	char buf[ORCPT_MAX], *o = buf;
	const char *p;

	if (strncasecmp(value, "rfc822;", 7) != 0 &&
	    strncasecmp(value, "utf-8;", 6) != 0)
		return false;
	p = strchr(value, ';') + 1;
	if (strcspn(p, " ") >= sizeof(buf))
		return false;
	while (*p != '\0' && *p != ' ')
		if (!decode_xtext(&p, &o) && !decode_unicode(&p, &o))
			*o++ = *p++;
	return address_from_spec(a, buf, (size_t)(o - buf)) == ADDRESS_OK;
}

/* A quoted local part may hold " ORCPT=" itself, but is never signed for. */
const struct config_domain *
received_by_orcpt(const struct sign_rules *rules, const char *rcpt)
{
	const char *param = strcasestr(rcpt, " ORCPT=");
	struct address a;

	if (param == NULL || !orcpt_address(param + strlen(" ORCPT="), &a))
		return NULL;
	return config_domain(rules->config, a.domain);
}

struct search {
	const struct config *config;
	const struct config_domain *found;
};

/* For address_list(): goes on until one is ours. */
static bool
look_at(void *arg, const struct address *a)
{
	struct search *s = arg;

	s->found = config_domain(s->config, a->domain);
	return s->found == NULL;
}

/* The first address of ours in fields of these names, from the top. */
static const struct config_domain *
search_fields(const struct sign_rules *rules, const struct mail_message *m,
    const char *name, const char *other_name)
{
	struct search s = { .config = rules->config };

	for (size_t i = 0; i < m->n_fields && s.found == NULL; i++) {
		const struct mail_field *f = &m->fields[i];

		if (strcasecmp(f->name, name) == 0 ||
		    strcasecmp(f->name, other_name) == 0)
			address_list(f->value, f->len, look_at, &s);
	}
	return s.found;
}

/* Fields are added at the top, so the first one is the newest. */
const struct config_domain *
received_by_message(
    const struct sign_rules *rules, const struct mail_message *m)
{
	const struct config_domain *d;

	if ((d = search_fields(rules, m, "Delivered-To", "X-Original-To")) ||
	    (d = search_fields(rules, m, "To", "To")) ||
	    (d = search_fields(rules, m, "Cc", "Cc")))
		return d;
	return config_domain(rules->config, rules->options->forward_domain);
}
