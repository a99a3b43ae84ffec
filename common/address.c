/*
 * Owns what an address is: the grammar of From:, address lists
 * and envelope paths, equality. Knows no DNS and
 * no record. Every reader is linear in the length of its input.
 */
#include "address.h"

#include <string.h>
#include <strings.h>

#include "rfc5322.h"

const char *const address_result_names[ADDRESS__COUNT] = {
	[ADDRESS_OK] = "ok",
	[ADDRESS_EMPTY] = "empty",
	[ADDRESS_MALFORMED] = "malformed",
	[ADDRESS_SEVERAL] = "several",
	[ADDRESS_UNREPRESENTABLE] = "unrepresentable",
};

/* ---- the grammar ---- */

/* Text collected word by word; over its room it only remembers that. */
struct gather {
	char *buf;
	size_t size;
	size_t len;
	bool over;
};

static void
gather_add(struct gather *g, const char *p, size_t n)
{
	if (n > g->size - g->len) {
		g->over = true;
		return;
	}
	memcpy(g->buf + g->len, p, n);
	g->len += n;
}

/* One word of a local part or phrase, CFWS before it skipped. */
static bool
word(struct rfc5322 *c, struct gather *g, bool *quoted_r)
{
	const char *start;
	size_t n;

	if (!rfc5322_skip_cfws(c))
		return false;
	if (rfc5322_quoted(c, NULL, 0, NULL)) {
		*quoted_r = true;
		return true;
	}
	start = c->p;
	n = rfc5322_atom(c);
	if (n > 0 && g != NULL)
		gather_add(g, start, n);
	return n > 0;
}

/* word *("." word), CFWS around each (RFC 5322 4.4, obs-local-part). */
static bool
local_part(struct rfc5322 *c, struct gather *g, bool *quoted_r)
{
	do {
		if (g->len > 0 || *quoted_r)
			gather_add(g, ".", 1);
		if (!word(c, g, quoted_r))
			return false;
	} while (rfc5322_char(c, '.'));
	return true;
}

/* atom *("." atom), CFWS around each (obs-domain). */
static bool
domain_atoms(struct rfc5322 *c, struct gather *g)
{
	bool quoted = false;

	do {
		if (g->len > 0)
			gather_add(g, ".", 1);
		if (!word(c, g, &quoted) || quoted)
			return false;
	} while (rfc5322_char(c, '.'));
	return true;
}

/* "[" ... "]" (3.4.1): stepped over, its content is of no use here. */
static bool
domain_literal(struct rfc5322 *c)
{
	while (c->p < c->end && *c->p != ']') {
		if (*c->p == '[' || *c->p == '\\')
			return false;
		c->p++;
	}
	return rfc5322_char(c, ']');
}

/* Room for U-labels, which are longer than what becomes of them. */
static enum address_result
domain_part(struct address *a, struct rfc5322 *c)
{
	char buf[4 * ADDRESS_DOMAIN_MAX];
	struct gather g = { .buf = buf, .size = sizeof(buf) };

	if (rfc5322_char(c, '['))
		return domain_literal(c) ? ADDRESS_UNREPRESENTABLE
					 : ADDRESS_MALFORMED;
	if (!domain_atoms(c, &g) || g.over ||
	    !domain_normal(a->domain, buf, g.len))
		return ADDRESS_MALFORMED;
	return ADDRESS_OK;
}

/*
 * RFC 5322 3.4.1. A quoted local part is read to its end, so that what follows
 * is judged too, and then is nothing a record can hold.
 */
static enum address_result
addr_spec(struct address *a, struct rfc5322 *c)
{
	struct gather g = { .buf = a->local, .size = sizeof(a->local) - 1 };
	bool quoted = false;
	enum address_result r;

	if (!local_part(c, &g, &quoted) || !rfc5322_char(c, '@'))
		return ADDRESS_MALFORMED;
	a->local[g.len] = '\0';
	r = domain_part(a, c);
	if (r == ADDRESS_OK && (quoted || g.over))
		return ADDRESS_UNREPRESENTABLE;
	return r;
}

/* "@a,@b:" of an obsolete route (4.4); none is fine. */
static bool
skip_route(struct rfc5322 *c)
{
	struct address hop;
	bool any = false;

	for (;;) {
		while (rfc5322_char(c, ','))
			any = true;
		if (!rfc5322_char(c, '@'))
			break;
		any = true;
		if (domain_part(&hop, c) == ADDRESS_MALFORMED)
			return false;
	}
	return !any || rfc5322_char(c, ':');
}

/* After "<". */
static enum address_result
angle_addr(struct address *a, struct rfc5322 *c)
{
	enum address_result r;

	if (rfc5322_char(c, '>'))
		return ADDRESS_EMPTY;
	if (!skip_route(c))
		return ADDRESS_MALFORMED;
	r = addr_spec(a, c);
	return rfc5322_char(c, '>') ? r : ADDRESS_MALFORMED;
}

/* The display name or the beginning of an addr-spec; true: any word. */
static bool
phrase(struct rfc5322 *c)
{
	bool quoted = false, any = false;

	while (word(c, NULL, &quoted) || (any && rfc5322_char(c, '.')))
		any = true;
	return any;
}

/*
 * One mailbox, or the head of a group up to its colon (then SEVERAL). What
 * stands before "<" is only ever a phrase: an "@" there makes it an addr-spec,
 * which no "<" can follow (CVE-2019-16378: "From: a@b <c@d>").
 */
static enum address_result
mailbox(struct address *a, struct rfc5322 *c)
{
	struct rfc5322 start = *c;
	bool named = phrase(c);

	if (rfc5322_char(c, '<'))
		return angle_addr(a, c);
	if (named && rfc5322_char(c, ':'))
		return ADDRESS_SEVERAL;
	if (!named)
		return rfc5322_at_end(c) ? ADDRESS_EMPTY : ADDRESS_MALFORMED;
	*c = start;
	return addr_spec(a, c);
}

static void
skip_commas(struct rfc5322 *c)
{
	while (rfc5322_char(c, ','))
		;
}

/*
 * obs-mbox-list allows empty elements around the one mailbox. After a second
 * one nothing more is read: it is several, whatever follows.
 */
enum address_result
address_from_header(struct address *a, const char *value, size_t n)
{
	struct rfc5322 c = { .p = value, .end = value + n };
	struct address other;
	enum address_result r;

	memset(a, 0, sizeof(*a));
	if (!rfc5322_octets_valid(value, n))
		return ADDRESS_MALFORMED;
	skip_commas(&c);
	r = mailbox(a, &c);
	if (r != ADDRESS_OK && r != ADDRESS_UNREPRESENTABLE)
		return r;
	if (rfc5322_at_end(&c))
		return r;
	if (!rfc5322_char(&c, ','))
		return ADDRESS_MALFORMED;
	skip_commas(&c); /* obs-mbox-list: empty elements mean nothing */
	if (rfc5322_at_end(&c))
		return r;
	r = mailbox(&other, &c);
	return r == ADDRESS_EMPTY    ? ADDRESS_MALFORMED
	    : r == ADDRESS_MALFORMED ? r
				     : ADDRESS_SEVERAL;
}

/* ---- lists ---- */

/* To the next comma or semicolon that is in no quotes and no comment. */
static void
skip_element(struct rfc5322 *c)
{
	while (rfc5322_skip_cfws(c) && c->p < c->end && *c->p != ',' &&
	    *c->p != ';') {
		if (rfc5322_quoted(c, NULL, 0, NULL))
			continue;
		if (*c->p == '"')
			break;
		c->p++;
	}
	if (c->p < c->end && *c->p != ',' && *c->p != ';')
		c->p = c->end; /* unclosed: nothing after it means anything */
}

/* True at a comma, a semicolon (of a group) or the end. */
static bool
element_ends(struct rfc5322 *c)
{
	return rfc5322_at_end(c) || *c->p == ',' || *c->p == ';';
}

void
address_list(const char *value, size_t n, address_fn *each, void *arg)
{
	struct rfc5322 c = { .p = value, .end = value + n };
	struct address a;

	if (!rfc5322_octets_valid(value, n))
		return;
	while (c.p < c.end) {
		struct rfc5322 start = c;
		enum address_result r = mailbox(&a, &c);

		if (r == ADDRESS_SEVERAL)
			continue; /* a group: its members follow */
		if (element_ends(&c)) {
			if (r == ADDRESS_OK && !each(arg, &a))
				return;
		} else {
			c = start;
			skip_element(&c);
		}
		if (c.p < c.end)
			c.p++;
	}
}

/* ---- the envelope and records ---- */

/* No CFWS here: RFC 5321 4.1.2 has none, and records are compared. */
enum address_result
address_from_spec(struct address *a, const char *text, size_t n)
{
	struct rfc5322 c = { .p = text, .end = text + n };
	size_t local;
	bool quoted;

	memset(a, 0, sizeof(*a));
	if (n == 0)
		return ADDRESS_EMPTY;
	if (!rfc5322_octets_valid(text, n))
		return ADDRESS_MALFORMED;
	quoted = rfc5322_quoted(&c, NULL, 0, NULL);
	local = quoted ? 1 : rfc5322_dot_atom(&c);
	if (local == 0 || c.p == c.end || *c.p++ != '@' || c.p == c.end)
		return ADDRESS_MALFORMED;
	if (*c.p == '[')
		return c.end[-1] == ']' ? ADDRESS_UNREPRESENTABLE
					: ADDRESS_MALFORMED;
	if (c.end[-1] == '.' ||
	    !domain_normal(a->domain, c.p, (size_t)(c.end - c.p)))
		return ADDRESS_MALFORMED;
	if (quoted || local >= sizeof(a->local))
		return ADDRESS_UNREPRESENTABLE;
	memcpy(a->local, text, local);
	return ADDRESS_OK;
}

/* The end of what stands before `stop`, which may be inside quotes too. */
static const char *
path_end(const char *p, char stop)
{
	struct rfc5322 c = { .p = p, .end = p + strlen(p) };
	bool quotes = true; /* else one is open to the end: no other closes */

	while (c.p < c.end && *c.p != stop)
		if (!quotes || !rfc5322_quoted(&c, NULL, 0, NULL))
			quotes &= *c.p++ != '"';
	return c.p;
}

enum address_result
address_from_path(struct address *a, const char *arg)
{
	const char *p = arg + strspn(arg, " ");
	bool bracket = *p == '<';
	const char *end;

	if (bracket)
		p++;
	end = path_end(p, bracket ? '>' : ' ');
	if (bracket && (*end != '>' || (end[1] != '\0' && end[1] != ' ')))
		return ADDRESS_MALFORMED;
	if (bracket && *p == '@') {
		p = path_end(p, ':');
		if (p >= end)
			return ADDRESS_MALFORMED;
		p++;
	}
	return address_from_spec(a, p, (size_t)(end - p));
}

/* ---- as text ---- */

bool
address_equal(const struct address *a, const struct address *b)
{
	/* ASCII only: no program of ours calls setlocale(3). */
	return strcmp(a->domain, b->domain) == 0 &&
	    strcasecmp(a->local, b->local) == 0;
}

const char *
address_text(const struct address *a, char *buf)
{
	size_t local = strlen(a->local), domain = strlen(a->domain);

	memcpy(buf, a->local, local);
	buf[local] = '@';
	memcpy(buf + local + 1, a->domain, domain + 1);
	return buf;
}

const char *
address_normal(const struct address *a, char *buf)
{
	address_text(a, buf);
	for (char *p = buf; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 'a' - 'A');
	return buf;
}
