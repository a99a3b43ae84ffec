/*
 * Owns what a comment, an atom and a quoted string are. Knows nothing of what
 * any field means.
 */
#include "rfc5322.h"

#include <string.h>

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

/* RFC 5322 3.2.3: printable, but for white space and the specials. */
bool
rfc5322_is_atext(unsigned char ch)
{
	return ch > ' ' && ch != 0x7f && strchr("()<>[]:;@\\,.\"", ch) == NULL;
}

size_t
rfc5322_atom(struct rfc5322 *c)
{
	const char *start = c->p;

	while (c->p < c->end && rfc5322_is_atext((unsigned char)*c->p))
		c->p++;
	return (size_t)(c->p - start);
}

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
