/*
 * A tag list as RFC 6376 3.2 has it: name=value, separated by semicolons.
 * Pure; looks at each octet a fixed number of times and copies none.
 */
#include "verifyd/wish.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Octets of the text, not ended by NUL. */
struct span {
	const char *p;
	size_t n;
};

struct tag {
	struct span name, value; /* without white space around them */
};

static const char *const words[WISH__COUNT] = {
	[WISH_NONE] = "none",
	[WISH_QUARANTINE] = "quarantine",
	[WISH_REJECT] = "reject",
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span
trim(struct span s)
{
	for (; s.n > 0 && is_blank(s.p[0]); s.p++)
		s.n--;
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool
is(struct span s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

/* What stands before the first c, or all; *rest goes on behind it. */
static struct span
cut(struct span *rest, char c)
{
	const char *end = rest->n > 0 ? memchr(rest->p, c, rest->n) : NULL;
	struct span head = *rest;

	if (end != NULL)
		head.n = (size_t)(end - rest->p);
	rest->p += head.n + (end != NULL);
	rest->n -= head.n + (end != NULL);
	return head;
}

/* The next tag; one without "=" has an empty value. */
static struct tag
next_tag(struct span *rest)
{
	struct span value = cut(rest, ';');
	struct span name = cut(&value, '=');

	return (struct tag){ trim(name), trim(value) };
}

static enum wish_word
word_of(struct span value)
{
	for (unsigned w = 0; w < WISH__COUNT; w++)
		if (is(value, words[w]))
			return (enum wish_word)w;
	return WISH_NONE;
}

/* The value of that tag, which may stand there once. */
static enum wish_word
find(struct span tags, const char *name)
{
	enum wish_word word = WISH_NONE;
	bool found = false;

	while (tags.n > 0) {
		struct tag tag = next_tag(&tags);

		if (!is(tag.name, name))
			continue;
		if (found)
			return WISH_NONE;
		found = true;
		word = word_of(tag.value);
	}
	return word;
}

void
wish_add(struct wish *wish, const char *text, size_t n)
{
	struct span tags = { text, n };
	struct tag version = next_tag(&tags);

	if (!is(version.name, "v") || !is(version.value, "dnsmail1"))
		return;
	wish->missing = WISH_NONE;
	wish->fail = WISH_NONE;
	if (wish->texts++ > 0)
		return;
	wish->missing = find(tags, "missing");
	wish->fail = find(tags, "fail");
}
