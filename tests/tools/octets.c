/*
 * Escapes to octets. Knows nothing of what they are for.
 */
#include "tests/tools/octets.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Text being read, and the number that \# stands for. */
struct source {
	const char *p, *end;
	unsigned number;
};

static void
append(struct octets *o, const char *text, size_t n)
{
	if (o->n + n >= o->room) {
		o->room = 2 * (o->n + n) + 1;
		o->v = realloc(o->v, o->room);
	}
	if (o->v == NULL)
		err(1, "octets");
	memcpy(o->v + o->n, text, n);
	o->n += n;
	o->v[o->n] = '\0';
}

static void
append_number(struct octets *o, struct source *s)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", s->number);

	append(o, text, (size_t)n);
}

static void
cut(struct octets *o, struct source *s)
{
	(void)s;
	if (o->n_cuts == o->cuts_room) {
		o->cuts_room = 2 * o->n_cuts + 1;
		o->cuts = realloc(o->cuts, o->cuts_room * sizeof(*o->cuts));
	}
	if (o->cuts == NULL)
		err(1, "octets");
	o->cuts[o->n_cuts++] = o->n;
}

static void
append_hex(struct octets *o, struct source *s)
{
	unsigned octet;
	char ch;
	int n;

	if (s->end - s->p < 2 || sscanf(s->p, "%2x%n", &octet, &n) != 1 ||
	    n != 2)
		errx(1, "two hexadecimal digits belong after \\x: %s", s->p);
	ch = (char)octet;
	append(o, &ch, 1);
	s->p += 2;
}

/* What stands in "{...}", moved past; escapes in it are stepped over. */
static struct source
braces(struct source *s)
{
	struct source inner = { .p = s->p + 1 };
	const char *p = inner.p;

	if (s->p == s->end || *s->p != '{')
		errx(1, "a { is missing: %s", s->p);
	while (p < s->end && *p != '}')
		p += *p == '\\' ? 2 : 1;
	if (p >= s->end)
		errx(1, "a } is missing: %s", s->p);
	inner.end = p;
	s->p = p + 1;
	return inner;
}

static void
append_date(struct octets *o, struct source *s)
{
	struct source inner = braces(s);
	time_t t = time(NULL) + strtol(inner.p, NULL, 10);
	struct tm tm;
	char text[64];

	/* No program here calls setlocale(3): the names are English. */
	append(o, text,
	    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000",
		gmtime_r(&t, &tm)));
}

static void expand(struct octets *, struct source *);

static void
repeat(struct octets *o, struct source *s)
{
	struct source inner, once;
	char *text;
	unsigned long n;

	s->p--; /* the brace was taken as the escape's letter */
	inner = braces(s);
	n = strtoul(inner.p, &text, 10);
	if (text == inner.p || *text != ' ')
		errx(1, "\\{N TEXT} is what may stand here: %s", inner.p);
	for (unsigned i = 1; i <= n; i++) {
		once = (struct source){ text + 1, inner.end, i };
		expand(o, &once);
	}
}

static void
carriage_return(struct octets *o, struct source *s)
{
	(void)s;
	append(o, "\r", 1);
}

static void
newline(struct octets *o, struct source *s)
{
	(void)s;
	append(o, "\n", 1);
}

static void
tab(struct octets *o, struct source *s)
{
	(void)s;
	append(o, "\t", 1);
}

static void
backslash(struct octets *o, struct source *s)
{
	(void)s;
	append(o, "\\", 1);
}

static const struct escape {
	char letter;
	void (*run)(struct octets *, struct source *);
} escapes[] = {
	{ 'r', carriage_return },
	{ 'n', newline },
	{ 't', tab },
	{ '\\', backslash },
	{ 'x', append_hex },
	{ '{', repeat },
	{ 'd', append_date },
	{ '|', cut },
	{ '#', append_number },
};

static void
escape(struct octets *o, struct source *s)
{
	char letter = s->p < s->end ? *s->p++ : '\0';

	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++)
		if (escapes[i].letter == letter) {
			escapes[i].run(o, s);
			return;
		}
	errx(1, "no such escape: \\%c%s", letter, s->p);
}

static void
expand(struct octets *o, struct source *s)
{
	while (s->p < s->end) {
		const char *next = memchr(s->p, '\\', (size_t)(s->end - s->p));

		if (next == NULL)
			next = s->end;
		append(o, s->p, (size_t)(next - s->p));
		s->p = next;
		if (s->p < s->end) {
			s->p++;
			escape(o, s);
		}
	}
}

struct octets
octets_expand(const char *text, unsigned number)
{
	struct octets o = { 0 };
	struct source s = { text, text + strlen(text), number };

	append(&o, "", 0);
	expand(&o, &s);
	return o;
}

void
octets_free(struct octets *o)
{
	free(o->v);
	free(o->cuts);
	*o = (struct octets){ 0 };
}
