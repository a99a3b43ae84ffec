/*
 * From lines to fields and body. Knows nothing of sessions or daemons.
 */
#include "filter/message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/buffer.h"
#include "common/canon.h"
#include "common/message_id.h"
#include "filter/spool_out.h"

struct place {
	size_t at, n, name; /* in header */
};

struct message {
	const struct message_limits *limits;
	enum message_trouble trouble;
	struct buffer header; /* lines of the fields, each with LF */
	struct place *fields;
	size_t n_fields, fields_cap;
	bool in_body;
	struct spool *body;
	struct canon *canon; /* NULL: not bound */
	char bind[44];
};

const char *const message_trouble_names[MESSAGE_TROUBLE__COUNT] = {
	[MESSAGE_FITS] = "",
	[MESSAGE_HEADER_TOO_LONG] = "header section over 1 MiB",
	[MESSAGE_TOO_MANY_FIELDS] = "more than 2000 header fields",
	[MESSAGE_LINE_TOO_LONG] = "a line over 64 KiB",
	[MESSAGE_TOO_LONG] = "longer than the filter's option -m allows",
	[MESSAGE_NO_MEMORY] = "out of memory",
	[MESSAGE_NO_SPOOL] = "the filter's spool file failed",
};

struct message *
message_new(const struct message_limits *limits)
{
	struct message *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->limits = limits;
	m->body = spool_new(limits->spool);
	if (m->body == NULL) {
		free(m);
		return NULL;
	}
	return m;
}

void
message_free(struct message *m)
{
	if (m == NULL)
		return;
	spool_free(m->body);
	canon_free(m->canon);
	buffer_free(&m->header);
	free(m->fields);
	free(m);
}

/* The first trouble counts; what was kept is of no use any more. */
void
message_fail(struct message *m, enum message_trouble trouble)
{
	if (m->trouble != MESSAGE_FITS)
		return;
	m->trouble = trouble;
	buffer_free(&m->header);
	m->n_fields = 0;
	spool_free(m->body);
	m->body = NULL;
}

enum message_trouble
message_trouble(const struct message *m)
{
	return m->trouble;
}

/* ---- fields ---- */

size_t
message_n_fields(const struct message *m)
{
	return m->n_fields;
}

struct message_field
message_field(const struct message *m, size_t i)
{
	const struct place *f = &m->fields[i];

	return (struct message_field){ (const char *)m->header.data + f->at,
		f->n, f->name };
}

bool
message_field_is(const struct message_field *f, const char *name)
{
	return strlen(name) == f->name &&
	    strncasecmp(f->text, name, f->name) == 0;
}

const char *
message_field_value(const struct message_field *f, size_t *n_r)
{
	const char *colon = memchr(f->text, ':', f->n);

	*n_r = (size_t)(f->text + f->n - (colon + 1));
	return colon + 1;
}

/* Octets of the name (RFC 5322 2.2, blanks before the colon: 4.5); 0: this
   line begins no field. */
static size_t
name_length(const char *line, size_t n)
{
	size_t name = 0, colon;

	while (name < n && line[name] > ' ' && line[name] < 0x7f &&
	    line[name] != ':')
		name++;
	for (colon = name;
	     colon < n && (line[colon] == ' ' || line[colon] == '\t'); colon++)
		;
	return colon < n && line[colon] == ':' ? name : 0;
}

static struct place *
add_place(struct message *m)
{
	size_t cap = m->fields_cap == 0 ? 32 : 2 * m->fields_cap;

	if (m->n_fields == m->fields_cap) {
		struct place *more = realloc(m->fields, cap * sizeof(*more));

		if (more == NULL)
			return NULL;
		m->fields = more;
		m->fields_cap = cap;
	}
	return &m->fields[m->n_fields++];
}

/* A line of the header section; name 0: it goes on with the last field. */
static void
add_to_header(struct message *m, const char *line, size_t n, size_t name)
{
	struct place *f;

	if (n + 1 > MESSAGE_HEADER_MAX - m->header.len) {
		message_fail(m, MESSAGE_HEADER_TOO_LONG);
		return;
	}
	if (name > 0 && m->n_fields == MESSAGE_FIELDS_MAX) {
		message_fail(m, MESSAGE_TOO_MANY_FIELDS);
		return;
	}
	f = name > 0 ? add_place(m) : &m->fields[m->n_fields - 1];
	if (f != NULL && name > 0)
		*f = (struct place){ .at = m->header.len, .name = name };
	if (f == NULL || buffer_append(&m->header, line, n) == -1 ||
	    buffer_append(&m->header, "\n", 1) == -1) {
		message_fail(m, MESSAGE_NO_MEMORY);
		return;
	}
	f->n += n + 1;
}

/* ---- content ---- */

static bool
bears_id(const struct message *m)
{
	for (size_t i = 0; i < m->n_fields; i++) {
		struct message_field f = message_field(m, i);

		if (message_field_is(&f, MESSAGE_ID_FIELD))
			return true;
	}
	return false;
}

static void
first_fields(const struct message *m, const char *values[CANON_FIELDS],
    size_t lengths[CANON_FIELDS])
{
	for (size_t c = 0; c < CANON_FIELDS; c++) {
		values[c] = NULL;
		lengths[c] = 0;
		for (size_t i = 0; i < m->n_fields && values[c] == NULL; i++) {
			struct message_field f = message_field(m, i);

			if (message_field_is(&f, canon_field_names[c]))
				values[c] =
				    message_field_value(&f, &lengths[c]);
		}
	}
}

/* The header section is complete. */
static void
begin_body(struct message *m)
{
	const char *values[CANON_FIELDS];
	size_t lengths[CANON_FIELDS];

	m->in_body = true;
	if (!m->limits->bind_always && !bears_id(m))
		return;
	m->canon = canon_new();
	if (m->canon == NULL) {
		message_fail(m, MESSAGE_NO_MEMORY);
		return;
	}
	first_fields(m, values, lengths);
	canon_header(m->canon, values, lengths);
}

static void
keep_body(struct message *m, const char *line, size_t n)
{
	if (n + 1 > m->limits->most ||
	    spool_size(m->body) > m->limits->most - (n + 1))
		message_fail(m, MESSAGE_TOO_LONG);
	else if (spool_add(m->body, line, n) == -1 ||
	    spool_add(m->body, "\n", 1) == -1)
		message_fail(
		    m, errno == ENOMEM ? MESSAGE_NO_MEMORY : MESSAGE_NO_SPOOL);
}

static void
body_line(struct message *m, const char *line, size_t n)
{
	if (m->canon != NULL) {
		canon_body(m->canon, (const uint8_t *)line, n);
		canon_body(m->canon, (const uint8_t *)"\n", 1);
	}
	keep_body(m, line, n);
}

/*
 * A line that is no field ends the header section as the empty line does, and
 * is the first of the body: so Postfix reads it, too.
 */
static void
header_line(struct message *m, const char *line, size_t n)
{
	bool goes_on =
	    n > 0 && (line[0] == ' ' || line[0] == '\t') && m->n_fields > 0;
	size_t name = goes_on ? 0 : name_length(line, n);

	if (goes_on || name > 0) {
		add_to_header(m, line, n, name);
		return;
	}
	begin_body(m);
	if (m->trouble != MESSAGE_FITS)
		return;
	if (n > 0)
		body_line(m, line, n);
	else
		keep_body(m, line, n);
}

void
message_line(struct message *m, const char *line, size_t n)
{
	if (m->trouble != MESSAGE_FITS)
		return;
	if (n > 0 && line[0] == '.') { /* RFC 5321 4.5.2 */
		line++;
		n--;
	}
	if (m->in_body)
		body_line(m, line, n);
	else
		header_line(m, line, n);
}

void
message_end(struct message *m)
{
	if (m->trouble == MESSAGE_FITS && !m->in_body)
		begin_body(m);
	if (m->trouble != MESSAGE_FITS || m->canon == NULL)
		return;
	canon_end(m->canon, m->bind);
	if (m->bind[0] == '\0') /* the library failed */
		message_fail(m, MESSAGE_NO_MEMORY);
}

const char *
message_bind(const struct message *m)
{
	return m->bind;
}

struct spool *
message_body(struct message *m)
{
	return m->body;
}
