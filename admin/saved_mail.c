/*
 * Lines to fields and a body. Knows no field's meaning.
 */
#include "admin/saved_mail.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct cursor {
	const char *p, *end;
};

/* The line's octets, its end included; 0 at the end of the text. */
static size_t
line_length(const struct cursor *c)
{
	const char *lf = memchr(c->p, '\n', (size_t)(c->end - c->p));

	return lf != NULL ? (size_t)(lf - c->p) + 1 : (size_t)(c->end - c->p);
}

static bool
begins(const struct cursor *c, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(c->end - c->p) >= n && memcmp(c->p, with, n) == 0;
}

static bool
is_empty(const struct cursor *c)
{
	return begins(c, "\n") || begins(c, "\r\n");
}

/* Lines that begin with a blank go on with the field; past them. */
static void
skip_field(struct cursor *c)
{
	do
		c->p += line_length(c);
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t'));
}

/* Of the octets of a name RFC 5322 3.6.8 has; blanks before the colon are of
   its section 4.5. 0: this is no field. */
static size_t
name_length(const struct cursor *c)
{
	size_t n = 0, line = line_length(c), colon;

	while (n < line && c->p[n] > ' ' && c->p[n] < 0x7f && c->p[n] != ':')
		n++;
	for (colon = n; colon < line; colon++)
		if (c->p[colon] != ' ' && c->p[colon] != '\t')
			break;
	return colon < line && c->p[colon] == ':' ? n : 0;
}

static void
set_value(struct saved_field *f, const char *p, const char *end)
{
	const char *nul;

	if (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	nul = memchr(p, '\0', (size_t)(end - p));
	f->value = p;
	f->len = (size_t)((nul != NULL ? nul : end) - p);
}

/* Room for one more; it grows by doubling. */
static struct saved_field *
field_new(struct saved_mail *m)
{
	size_t n = m->n_fields;
	struct saved_field *grown;

	if ((n & (n - 1)) == 0) {
		grown =
		    realloc(m->fields, (n > 0 ? 2 * n : 1) * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		m->fields = grown;
	}
	return &m->fields[m->n_fields++];
}

static int
read_header(struct saved_mail *m, struct cursor *c)
{
	size_t name_len;

	while (c->p < c->end && (name_len = name_length(c)) > 0) {
		struct saved_field *f = field_new(m);
		const char *name = c->p;

		if (f == NULL)
			return -1;
		skip_field(c);
		f->name = name;
		f->name_len = name_len;
		set_value(f,
		    (const char *)memchr(name, ':', (size_t)(c->p - name)) + 1,
		    c->p);
	}
	m->cut_off = c->p < c->end && !is_empty(c);
	if (is_empty(c))
		c->p += line_length(c);
	return 0;
}

/* In an mbox the next message begins behind an empty line. */
static void
read_body(struct saved_mail *m, struct cursor *c)
{
	bool after_empty = false;

	m->body = c->p;
	m->body_len = (size_t)(c->end - c->p);
	for (; m->mbox && c->p < c->end; c->p += line_length(c)) {
		m->quoted |= begins(c, ">From ");
		if (after_empty && begins(c, "From ")) {
			m->more = true;
			m->body_len = (size_t)(c->p - m->body);
			return;
		}
		after_empty = is_empty(c);
	}
}

int
saved_mail_read(struct saved_mail *m, const char *text, size_t n)
{
	struct cursor c = { text, text + n };

	memset(m, 0, sizeof(*m));
	m->mbox = begins(&c, "From ") && name_length(&c) == 0;
	if (m->mbox)
		c.p += line_length(&c);
	if (read_header(m, &c) != 0) {
		saved_mail_free(m);
		return -1;
	}
	read_body(m, &c);
	return 0;
}

void
saved_mail_free(struct saved_mail *m)
{
	free(m->fields);
	memset(m, 0, sizeof(*m));
}

static bool
is_named(const struct saved_field *f, const char *name)
{
	return f->name_len == strlen(name) &&
	    strncasecmp(f->name, name, f->name_len) == 0;
}

int
saved_mail_set(struct saved_mail *m, const char *name, const char *value)
{
	struct saved_field *all = calloc(m->n_fields + 1, sizeof(*all));
	size_t n = 0;

	if (all == NULL)
		return -1;
	all[n++] =
	    (struct saved_field){ name, value, strlen(name), strlen(value) };
	for (size_t i = 0; i < m->n_fields; i++)
		if (!is_named(&m->fields[i], name))
			all[n++] = m->fields[i];
	free(m->fields);
	m->fields = all;
	m->n_fields = n;
	return 0;
}

const struct saved_field *
saved_mail_find(const struct saved_mail *m, const char *name)
{
	for (size_t i = 0; i < m->n_fields; i++)
		if (is_named(&m->fields[i], name))
			return &m->fields[i];
	return NULL;
}
