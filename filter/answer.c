/*
 * The answer's form. Knows nothing of what is done with it.
 */
#include "filter/answer.h"

#include <stdbool.h>
#include <string.h>

static const char *const words[ANSWER__COUNT] = {
	[ANSWER_DUNNO] = "DUNNO",
	[ANSWER_PREPEND] = "PREPEND",
	[ANSWER_HOLD] = "HOLD",
	[ANSWER_DISCARD] = "DISCARD",
	[ANSWER_DEFER] = "DEFER",
	[ANSWER_REJECT] = "REJECT",
};

size_t
answer_length(const char *octets, size_t n)
{
	const char *p = octets, *end = octets + n, *lf;

	while (p < end && (lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		if (lf == p || (lf == p + 1 && *p == '\r'))
			return (size_t)(lf + 1 - octets);
		p = lf + 1;
	}
	return 0;
}

/* A field has a name: printable ASCII and a colon (RFC 5322 2.2). */
static bool
is_field(const char *text)
{
	size_t n = 0;

	while (text[n] > ' ' && text[n] < 0x7f && text[n] != ':')
		n++;
	return n > 0 && text[n] == ':';
}

static int
add_field(struct answer *a, const char *text)
{
	if (a->n_fields == ANSWER_FIELDS_MAX || !is_field(text))
		return -1;
	a->fields[a->n_fields++] = text;
	return 0;
}

/* "action=WORD text" without its line's end. */
static int
parse_line(struct answer *a, const char *line)
{
	static const char name[] = "action=";
	const char *word = line + strlen(name), *text;
	enum answer_action action = ANSWER_DUNNO;
	size_t n;

	if (strncmp(line, name, strlen(name)) != 0)
		return -1;
	n = strcspn(word, " ");
	while (action < ANSWER__COUNT &&
	    (strlen(words[action]) != n || memcmp(words[action], word, n) != 0))
		action++;
	if (action == ANSWER__COUNT)
		return -1;
	text = word + n + strspn(word + n, " ");
	if (action >= a->action) {
		a->action = action;
		a->text = text;
	}
	return action == ANSWER_PREPEND ? add_field(a, text) : 0;
}

int
answer_parse(struct answer *a, char *octets, size_t n)
{
	char *p = octets, *end = octets + n, *lf;
	size_t lines = 0;

	*a = (struct answer){ .text = "" };
	if (memchr(octets, '\0', n) != NULL)
		return -1;
	for (; p < end && (lf = memchr(p, '\n', (size_t)(end - p))) != NULL;
	     p = lf + 1, lines++) {
		*lf = '\0';
		if (lf > p && lf[-1] == '\r')
			lf[-1] = '\0';
		if (*p == '\0')
			return lines > 0 ? 0 : -1;
		if (parse_line(a, p) != 0)
			return -1;
	}
	return -1;
}
