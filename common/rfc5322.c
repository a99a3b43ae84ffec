/*
 * Owns what a comment, an atom and a quoted string are. Knows nothing of what
 * any field means.
 */
#include "rfc5322.h"

#include <stdint.h>

static bool
is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A counter instead of recursion: the depth is the sender's to choose. */
static bool
skip_comment(struct rfc5322 *c)
{
	const char *p = c->p;
	int depth = 0;

	while (p < c->end) {
		char ch = *p++;

		if (ch == '\\') {
			if (p == c->end)
				return false;
			p++;
		} else if (ch == '(') {
			if (++depth > RFC5322_COMMENT_DEPTH_MAX)
				return false;
		} else if (ch == ')' && --depth == 0) {
			c->p = p;
			return true;
		}
	}
	return false;
}

bool
rfc5322_skip_cfws(struct rfc5322 *c)
{
	for (;;) {
		while (c->p < c->end && is_white(*c->p))
			c->p++;
		if (c->p == c->end || *c->p != '(')
			return true;
		if (!skip_comment(c))
			return false;
	}
}

#define BIT(c) ((uint64_t)1 << ((c)&63))

/* What is not atext (3.2.3): controls, the space and the specials. */
static const uint64_t not_atext[2] = {
	((BIT(' ') << 1) - 1) | BIT('"') | BIT('(') | BIT(')') | BIT(',') |
	    BIT('.') | BIT(':') | BIT(';') | BIT('<') | BIT('>'),
	BIT('@') | BIT('[') | BIT('\\') | BIT(']') | BIT(0x7f),
};

bool
rfc5322_is_atext(unsigned char ch)
{
	return ch >= 0x80 || (not_atext[ch >> 6] & BIT(ch)) == 0;
}

size_t
rfc5322_atom(struct rfc5322 *c)
{
	const char *start = c->p;

	while (c->p < c->end && rfc5322_is_atext((unsigned char)*c->p))
		c->p++;
	return (size_t)(c->p - start);
}

/* Without CFWS: that around dots is for those who know the obsolete forms. */
size_t
rfc5322_dot_atom(struct rfc5322 *c)
{
	const char *start = c->p;

	if (rfc5322_atom(c) == 0)
		return 0;
	while (c->p < c->end && *c->p == '.') {
		c->p++;
		if (rfc5322_atom(c) == 0) {
			c->p--; /* a dot that nothing follows is not ours */
			break;
		}
	}
	return (size_t)(c->p - start);
}

bool
rfc5322_quoted(struct rfc5322 *c, char *buf, size_t size, size_t *len_r)
{
	const char *p = c->p;
	size_t n = 0;

	if (p == c->end || *p != '"')
		return false;
	while (++p < c->end && *p != '"') {
		if (*p == '\r' || *p == '\n')
			continue; /* folding has no meaning (3.2.4) */
		if (*p == '\\' && ++p == c->end)
			return false;
		if (buf != NULL) {
			if (n + 1 >= size)
				return false;
			buf[n] = *p;
		}
		n++;
	}
	if (p == c->end)
		return false;
	c->p = p + 1;
	if (buf != NULL)
		buf[n] = '\0';
	if (len_r != NULL)
		*len_r = n;
	return true;
}

bool
rfc5322_char(struct rfc5322 *c, char ch)
{
	if (!rfc5322_skip_cfws(c) || c->p == c->end || *c->p != ch)
		return false;
	c->p++;
	return true;
}

bool
rfc5322_at_end(struct rfc5322 *c)
{
	return rfc5322_skip_cfws(c) && c->p == c->end;
}

/*
 * Octets of the character at p, 0 if it is no UTF-8 (RFC 3629 4) or one of
 * the C1 controls, which terminals obey and no name contains.
 */
static size_t
utf8_character(const unsigned char *p, size_t n)
{
	static const struct {
		unsigned char mask, lead, len;
		uint32_t least;
	} forms[] = {
		{ .mask = 0xe0, .lead = 0xc0, .len = 2, .least = 0xa0 },
		{ .mask = 0xf0, .lead = 0xe0, .len = 3, .least = 0x800 },
		{ .mask = 0xf8, .lead = 0xf0, .len = 4, .least = 0x10000 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t len = forms[i].len;
		uint32_t cp = p[0] & (unsigned char)~forms[i].mask;

		if ((p[0] & forms[i].mask) != forms[i].lead)
			continue;
		if (n < len)
			return 0;
		for (size_t k = 1; k < len; k++) {
			if ((p[k] & 0xc0) != 0x80)
				return 0;
			cp = cp << 6 | (p[k] & 0x3f);
		}
		return cp >= forms[i].least && cp <= 0x10ffff &&
			(cp < 0xd800 || cp > 0xdfff)
		    ? len
		    : 0;
	}
	return 0;
}

/* Control octets in a name are never meant for a reader, but for a terminal. */
bool
rfc5322_octets_valid(const char *value, size_t n)
{
	const unsigned char *p = (const unsigned char *)value;
	const unsigned char *end = p + n;

	while (p < end) {
		size_t len = 1;

		if (*p >= 0x80)
			len = utf8_character(p, (size_t)(end - p));
		else if ((*p < ' ' && !is_white((char)*p)) || *p == 0x7f)
			return false;
		if (len == 0)
			return false;
		p += len;
	}
	return true;
}
