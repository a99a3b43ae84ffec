/*
 * Owns the grammar of Authentication-Results (RFC 8601 2.2). Knows nothing of
 * what is done with a field.
 */
#include "auth_results.h"

#include <string.h>
#include <strings.h>

#include "domain.h"
#include "rfc5322.h"

enum { ID_MAX = 1024 /* octets of an id as written, squeezed */ };

const char *const auth_dnsmail_names[AUTH_DNSMAIL__COUNT] = {
	[AUTH_DNSMAIL_ABSENT] = "absent",
	[AUTH_DNSMAIL_NONE] = "none",
	[AUTH_DNSMAIL_PASS] = "pass",
	[AUTH_DNSMAIL_POLICY] = "policy",
	[AUTH_DNSMAIL_FAIL] = "fail",
	[AUTH_DNSMAIL_TEMPERROR] = "temperror",
	[AUTH_DNSMAIL_PERMERROR] = "permerror",
};

/* ---- whose ---- */

/* The next piece in quotes or of one octet, comments skipped. */
static bool
skip_piece(struct rfc5322 *c)
{
	if (c->p == c->end)
		return false;
	if (*c->p == '"')
		return rfc5322_quoted(c, NULL, 0, NULL);
	if (*c->p == '(')
		return rfc5322_skip_cfws(c);
	c->p++;
	return true;
}

/* What stands before the first result; all of it if that is unreadable. */
static struct rfc5322
head(const char *value, size_t n)
{
	struct rfc5322 c = { .p = value, .end = value + n };

	while (c.p < c.end && *c.p != ';')
		if (!skip_piece(&c))
			return (struct rfc5322){ .p = value, .end = value + n };
	return (struct rfc5322){ .p = value, .end = c.p };
}

static bool
is_name_octet(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
	    (ch >= '0' && ch <= '9') || ch == '-' || ch == '_' ||
	    (unsigned char)ch >= 0x80;
}

/* Is [p, p + n) a whole name there, and not part of a longer one? */
static bool
is_whole(const struct rfc5322 *c, const char *p, size_t n)
{
	const char *after = p + n;

	if (p > c->p && (is_name_octet(p[-1]) || p[-1] == '.'))
		return false;
	if (after < c->end && *after == '.')
		after++; /* a final dot */
	return after == c->end || !is_name_octet(*after);
}

static bool
stands_in(const struct rfc5322 *c, const char *id)
{
	size_t n = strlen(id);

	for (const char *p = c->p; (size_t)(c->end - p) >= n; p++)
		if (strncasecmp(p, id, n) == 0 && is_whole(c, p, n))
			return true;
	return false;
}

/*
 * The head without comments, white space, quotes and backslashes, as a reader
 * might do who takes these for nothing. Cut at the buffer's end: no id of ours
 * is that long.
 */
static size_t
squeeze(struct rfc5322 c, char buf[ID_MAX])
{
	size_t n = 0;

	while (rfc5322_skip_cfws(&c) && c.p < c.end && n < ID_MAX) {
		if (*c.p != '"' && *c.p != '\\')
			buf[n++] = *c.p;
		c.p++;
	}
	return n;
}

/* The same name in Unicode? (RFC 8601 2.3: may be in an SMTPUTF8 message) */
static bool
is_same_domain(const char *name, size_t n, const char *id)
{
	char normal[DOMAIN_MAX], normal_id[DOMAIN_MAX];

	return domain_normal(normal, name, n) &&
	    domain_normal(normal_id, id, strlen(id)) &&
	    strcmp(normal, normal_id) == 0;
}

bool
auth_results_is_ours(const char *value, size_t n, const char *authserv_id)
{
	struct rfc5322 c = head(value, n);
	size_t id = strlen(authserv_id), len;
	char buf[ID_MAX];

	if (id == 0)
		return false;
	if (stands_in(&c, authserv_id))
		return true;
	len = squeeze(c, buf);
	/* A version is a number after it (2.2). */
	while (len > id && buf[len - 1] >= '0' && buf[len - 1] <= '9')
		len--;
	return (len == id && strncasecmp(buf, authserv_id, id) == 0) ||
	    is_same_domain(buf, len, authserv_id);
}

/* ---- what it says ---- */

/* A Keyword, CFWS before it skipped. */
static size_t
keyword(struct rfc5322 *c, const char **start_r)
{
	if (!rfc5322_skip_cfws(c))
		return 0;
	*start_r = c->p;
	while (c->p < c->end && is_name_octet(*c->p))
		c->p++;
	return (size_t)(c->p - *start_r);
}

static enum auth_dnsmail
result(const char *word, size_t n)
{
	for (int i = AUTH_DNSMAIL_NONE; i < AUTH_DNSMAIL__COUNT; i++)
		if (strlen(auth_dnsmail_names[i]) == n &&
		    strncasecmp(word, auth_dnsmail_names[i], n) == 0)
			return (enum auth_dnsmail)i;
	return AUTH_DNSMAIL_PERMERROR;
}

/*
 * methodspec = method ["/" version] "=" result (2.2); of another method or
 * "none" it is ABSENT.
 */
static enum auth_dnsmail
method(struct rfc5322 *c)
{
	const char *word = NULL;
	size_t n = keyword(c, &word);

	if (n != sizeof("dnsmail") - 1 || strncasecmp(word, "dnsmail", n) != 0)
		return AUTH_DNSMAIL_ABSENT;
	if (rfc5322_char(c, '/'))
		keyword(c, &word);
	if (!rfc5322_char(c, '='))
		return AUTH_DNSMAIL_PERMERROR;
	n = keyword(c, &word);
	return result(word, n);
}

enum auth_dnsmail
auth_results_dnsmail(const char *value, size_t n)
{
	struct rfc5322 c = { .p = value, .end = value + n };
	enum auth_dnsmail said = AUTH_DNSMAIL_ABSENT;

	while (c.p < c.end) {
		enum auth_dnsmail one;

		if (*c.p != ';') {
			if (!skip_piece(&c))
				return AUTH_DNSMAIL_PERMERROR;
			continue;
		}
		c.p++;
		one = method(&c);
		if (one == AUTH_DNSMAIL_ABSENT)
			continue;
		if (said != AUTH_DNSMAIL_ABSENT && said != one)
			return AUTH_DNSMAIL_PERMERROR;
		said = one;
	}
	return said;
}
