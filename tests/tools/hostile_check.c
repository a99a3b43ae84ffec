/*
 * Facts against a row's expectations. Knows no socket.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tools/hostile.h"
#include "tests/tools/octets.h"

struct check {
	const struct facts *facts;
	struct facts expected;
	const char *bare; /* what a word without "=" is about */
	bool ok;
};

/* ---- what is expected ---- */

static void
add_words(void *arg, const struct row_line *l)
{
	struct check *c = arg;
	size_t n = strcspn(l->text, " ");
	char *word = strndup(l->text, n);

	if (strchr(word, '=') == NULL)
		facts_add(&c->expected, c->bare, strlen(c->bare), word);
	facts_words(&c->expected, l->text);
	free(word);
}

/* The first value of a key counts: a row's own, before all rows', before
   these. A row has to say the rest. */
static const char *const verifyd_defaults =
    "reason=- unused=- participates=- wish=- observed=- removed=- reply=-"
    " action=accept elsewhere=0";
static const char *const temperror_defaults = "action=tempfail reply=451_4.7.5";
static const char *const signerd_defaults = "reason=- removed=- reply=-";

static void
add_defaults(struct check *c, const struct rows *rows)
{
	const char *result = facts_find(&c->expected, "result");

	if (rows->signer) {
		facts_words(&c->expected, signerd_defaults);
		return;
	}
	if (result != NULL && strcmp(result, "temperror") == 0)
		facts_words(&c->expected, temperror_defaults);
	facts_words(&c->expected, verifyd_defaults);
}

/* ---- against what was seen ---- */

static bool
is_number(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* "1..3", a number or a word; what was not seen is 0, or "-". */
static bool
fits(const char *seen, const char *expected)
{
	const char *range = strstr(expected, "..");
	unsigned long n;

	if (range != NULL && isdigit((unsigned char)*expected)) {
		n = strtoul(seen != NULL ? seen : "0", NULL, 10);
		return n >= strtoul(expected, NULL, 10) &&
		    n <= strtoul(range + 2, NULL, 10);
	}
	if (seen == NULL)
		seen = is_number(expected) ? "0" : "-";
	return strcmp(seen, expected) == 0;
}

static void
check_one(struct check *c, size_t i)
{
	const struct fact *want = &c->expected.v[i];
	const char *seen = facts_find(c->facts, want->key);

	if (facts_find(&c->expected, want->key) != want->value)
		return; /* not the first of that key */
	if (fits(seen, want->value))
		return;
	printf("# expected %s=%s, saw %s\n", want->key, want->value,
	    seen != NULL ? seen : "none");
	c->ok = false;
}

static void
must_say(struct check *c, const char *key)
{
	if (facts_find(&c->expected, key) != NULL)
		return;
	printf("# the row does not say which %s is expected\n", key);
	c->ok = false;
}

bool
check_expected(
    const struct rows *rows, const struct row *row, const struct facts *facts)
{
	struct check c = { .facts = facts,
		.bare = rows->signer ? "action" : "result",
		.ok = true };

	row_each(rows, row, "expect", add_words, &c);
	row_each(rows, row, "packets", add_words, &c);
	add_defaults(&c, rows);
	must_say(&c, c.bare);
	if (!rows->signer) {
		must_say(&c, "resolver");
		must_say(&c, "servers");
	}
	for (size_t i = 0; i < c.expected.n; i++)
		check_one(&c, i);
	facts_free(&c.expected);
	return c.ok;
}

/* ---- what was published ---- */

struct published {
	const char *seen;
	size_t n;
	bool ok;
};

/* A line "OWNER TEXT*date=..." with that text. */
static bool
is_published(const char *seen, const char *text)
{
	size_t n = strlen(text);

	for (const char *line = seen; *line != '\0';
	     line += strcspn(line, "\n"), line += *line == '\n') {
		const char *record = line + strcspn(line, " \n");

		if (*record == ' ' && strncmp(record + 1, text, n) == 0 &&
		    strncmp(record + 1 + n, "*date=", 6) == 0)
			return true;
	}
	return false;
}

static void
look_for(void *arg, const struct row_line *l)
{
	struct published *p = arg;

	for (unsigned i = 1; i <= l->times; i++) {
		struct octets text = octets_expand(l->text, i);

		p->n++;
		if (!is_published(p->seen, text.v)) {
			printf("# not published: %s\n", text.v);
			p->ok = false;
		}
		octets_free(&text);
	}
}

bool
check_published(
    const struct rows *rows, const struct row *row, const char *seen)
{
	struct published p = { .seen = seen, .ok = true };
	size_t lines = 0;

	row_each(rows, row, "published", look_for, &p);
	for (const char *s = seen; *s != '\0'; s++)
		lines += *s == '\n';
	if (lines != p.n) {
		printf("# expected %zu records, saw %zu\n", p.n, lines);
		p.ok = false;
	}
	if (!p.ok)
		printf("# published:\n# %s\n", seen);
	return p.ok;
}

/* ---- what is always so ---- */

static bool
is_fit(const char *field)
{
	for (; *field != '\0'; field++)
		if (!isprint((unsigned char)*field))
			return false;
	return true;
}

/* A recipient's address may only stand there if it is the author's, too. */
static bool
names_recipient(const struct mta_mail *mail, const struct facts *facts)
{
	const char *field = facts_find(facts, "field");
	const char *author = facts_find(facts, "from");

	for (size_t i = 0; i < mail->n_recipients; i++) {
		char to[1024];

		snprintf(to, sizeof(to), "%.*s",
		    (int)strcspn(mail->recipients[i], " "),
		    mail->recipients[i]);
		if (strchr(to, '@') != NULL && strcasestr(field, to) != NULL &&
		    (author == NULL || strcasestr(author, to) == NULL))
			return true;
	}
	return false;
}

bool
check_answer(const struct mta_mail *mail, const struct facts *facts)
{
	const char *field = facts_find(facts, "field");
	const char *result = facts_find(facts, "result");
	const char *said = facts_find(facts, "dnsmail");

	if (field == NULL)
		return true;
	if (!is_fit(field))
		printf("# the field has octets that are not for reading\n");
	else if (names_recipient(mail, facts))
		printf("# the field names a recipient\n");
	else if (said == NULL || result == NULL || strcmp(said, result) != 0)
		printf("# the field and the log differ\n");
	else
		return true;
	printf("# %s\n", field);
	return false;
}
