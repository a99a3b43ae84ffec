/*
 * The packets of a mail. Knows no socket. Memory being out ends a tool.
 */
#include "tests/tools/mta_side.h"

#include <stdlib.h>
#include <string.h>

enum { BODY_PIECE = 65535 };

static const char command_of[] = {
	[MTA_CONNECT] = MILTER_CONNECT,
	[MTA_HELO] = MILTER_HELO,
	[MTA_MAIL] = MILTER_MAIL,
	[MTA_RCPT] = MILTER_RCPT,
	[MTA_DATA] = MILTER_DATA,
	[MTA_HEADER] = MILTER_HEADER,
	[MTA_EOH] = MILTER_EOH,
	[MTA_BODY] = MILTER_BODY,
	[MTA_EOM] = MILTER_EOM,
};

static void
add(struct buffer *b, const void *bytes, size_t n)
{
	if (buffer_append(b, bytes, n) == -1)
		abort();
}

static void
add_string(struct buffer *b, const char *s)
{
	add(b, s, strlen(s) + 1);
}

static void
set_length(struct buffer *b, size_t start)
{
	size_t n = b->len - start - 4;
	const uint8_t length[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16),
		(uint8_t)(n >> 8), (uint8_t)n };

	memcpy(b->data + start, length, sizeof(length));
}

static size_t
begin_packet(struct buffer *b, uint8_t command)
{
	const uint8_t head[5] = { 0, 0, 0, 0, command };
	size_t start = b->len;

	add(b, head, sizeof(head));
	return start;
}

void
mta_put_optneg(
    struct buffer *b, uint32_t version, uint32_t actions, uint32_t steps)
{
	if (milter_put_optneg(b, version, actions, steps, NULL, 0) == -1)
		abort();
}

/* ---- the packets ---- */

static void
put_connect(struct buffer *b, const struct mta_mail *m, size_t i)
{
	static const uint8_t port[2] = { 0x9c, 0x40 };
	const char *family = strchr(m->client, ':') != NULL ? "6" : "4";

	(void)i;
	add_string(b, "client.example");
	if (strcmp(m->client, "unknown") == 0) {
		add(b, "U", 1);
		return;
	}
	if (strcmp(m->client, "local") == 0)
		family = "L";
	add(b, family, 1);
	add(b, port, sizeof(port));
	add_string(b, *family == 'L' ? "/run/mta.sock" : m->client);
}

static void
put_helo(struct buffer *b, const struct mta_mail *m, size_t i)
{
	(void)m;
	(void)i;
	add_string(b, "client.example");
}

/* Up to the first blank that is in no quotes. */
size_t
mta_path_length(const char *path)
{
	bool quoted = false;

	for (size_t i = 0; path[i] != '\0'; i++) {
		if (path[i] == ' ' && !quoted)
			return i;
		quoted ^= path[i] == '"';
		if (quoted && path[i] == '\\' && path[i + 1] != '\0')
			i++;
	}
	return quoted ? strcspn(path, " ") : strlen(path);
}

/* "<address>", then each ESMTP parameter as a string of its own. */
static void
put_path(struct buffer *b, const char *path)
{
	size_t len = mta_path_length(path);

	add(b, "<", 1);
	add(b, path, len);
	add_string(b, ">");
	while (path[len] == ' ') {
		path += len + 1;
		len = strcspn(path, " ");
		add(b, path, len);
		add(b, "", 1);
	}
}

static void
put_mail(struct buffer *b, const struct mta_mail *m, size_t i)
{
	(void)i;
	put_path(b, m->sender);
}

static void
put_rcpt(struct buffer *b, const struct mta_mail *m, size_t i)
{
	put_path(b, m->recipients[i]);
}

static void
put_header(struct buffer *b, const struct mta_mail *m, size_t i)
{
	const struct mta_field *f = &m->fields[i];

	add_string(b, f->name);
	add(b, f->value, f->len > 0 ? f->len : strlen(f->value));
	add(b, "", 1);
}

static void
put_body(struct buffer *b, const struct mta_mail *m, size_t i)
{
	size_t start = i * BODY_PIECE, left = m->body_len - start;

	add(b, m->body + start, left < BODY_PIECE ? left : BODY_PIECE);
}

static void
put_nothing(struct buffer *b, const struct mta_mail *m, size_t i)
{
	(void)b;
	(void)m;
	(void)i;
}

static size_t
count_one(const struct mta_mail *m)
{
	(void)m;
	return 1;
}

static size_t
count_recipients(const struct mta_mail *m)
{
	return m->n_recipients;
}

static size_t
count_fields(const struct mta_mail *m)
{
	return m->n_fields;
}

static size_t
count_pieces(const struct mta_mail *m)
{
	return (m->body_len + BODY_PIECE - 1) / BODY_PIECE;
}

static const struct step_row {
	const char *name;
	uint32_t left_out, spared; /* MILTER_P_* */
	size_t (*count)(const struct mta_mail *);
	void (*put)(struct buffer *, const struct mta_mail *, size_t);
} rows[] = {
	[MTA_CONNECT] = { "connect", MILTER_P_NOCONNECT, MILTER_P_NR_CONN,
	    count_one, put_connect },
	[MTA_HELO] = { "helo", MILTER_P_NOHELO, MILTER_P_NR_HELO, count_one,
	    put_helo },
	[MTA_MAIL] = { "mail", MILTER_P_NOMAIL, MILTER_P_NR_MAIL, count_one,
	    put_mail },
	[MTA_RCPT] = { "rcpt", MILTER_P_NORCPT, MILTER_P_NR_RCPT,
	    count_recipients, put_rcpt },
	[MTA_DATA] = { "data", MILTER_P_NODATA, MILTER_P_NR_DATA, count_one,
	    put_nothing },
	[MTA_HEADER] = { "header", MILTER_P_NOHDRS, MILTER_P_NR_HDR,
	    count_fields, put_header },
	[MTA_EOH] = { "eoh", MILTER_P_NOEOH, MILTER_P_NR_EOH, count_one,
	    put_nothing },
	[MTA_BODY] = { "body", MILTER_P_NOBODY, MILTER_P_NR_BODY, count_pieces,
	    put_body },
	[MTA_EOM] = { "eom", 0, 0, count_one, put_nothing },
};
_Static_assert(
    sizeof(rows) / sizeof(rows[0]) == MTA_STEP__COUNT, "a step without a row");

enum mta_step
mta_step_find(const char *name)
{
	int step = 0;

	while (step < MTA_STEP__COUNT && strcmp(rows[step].name, name) != 0)
		step++;
	return (enum mta_step)step;
}

/* ---- macros ---- */

static void
add_macro(struct buffer *b, const char *name, const char *value)
{
	if (value[0] != '\0') {
		add_string(b, name);
		add_string(b, value);
	}
}

/* As Postfix does: the queue ID comes from the last recipient on. */
static void
put_macros(
    struct buffer *b, const struct mta_mail *m, enum mta_step step, bool last)
{
	uint8_t command = (uint8_t)command_of[step];
	size_t start = begin_packet(b, MILTER_MACRO), empty;

	add(b, &command, 1);
	empty = b->len;
	if (step == MTA_CONNECT)
		add_macro(b, "{daemon_name}", "mx.example");
	if (step == MTA_MAIL)
		add_macro(b, "{auth_authen}", m->login);
	if ((step == MTA_RCPT && last) || step == MTA_EOM)
		add_macro(b, "i", m->queue_id);
	for (size_t i = 0; i < m->n_macros; i++)
		if (m->macros[i].command == command)
			add_macro(b, m->macros[i].name, m->macros[i].value);
	if (b->len == empty)
		b->len = start;
	else
		set_length(b, start);
}

/* ---- a mail ---- */

enum mta_step
mta_put_next(struct buffer *b, struct mta_place *place,
    const struct mta_mail *m, uint32_t steps, bool *wait_r)
{
	const struct step_row *row;
	enum mta_step step;
	size_t start, n;

	for (;; place->step++, place->item = 0) {
		if (place->step == MTA_STEP__COUNT)
			return MTA_STEP__COUNT;
		row = &rows[place->step];
		n = row->count(m);
		if (!(steps & row->left_out) && place->item < n)
			break;
	}
	step = place->step;
	put_macros(b, m, step, place->item + 1 == n);
	start = begin_packet(b, (uint8_t)command_of[step]);
	row->put(b, m, place->item);
	set_length(b, start);
	*wait_r = !(steps & row->spared);
	place->item++;
	return step;
}

bool
mta_reply_is_final(uint8_t code)
{
	static const char final[] = { MILTER_REPLY_ACCEPT,
		MILTER_REPLY_CONTINUE, MILTER_REPLY_DISCARD,
		MILTER_REPLY_REJECT, MILTER_REPLY_TEMPFAIL, MILTER_REPLY_CODE };

	return memchr(final, code, sizeof(final)) != NULL;
}

static void
add_field(struct mta_mail *m, char *line)
{
	char *colon = strchr(line, ':');

	if (colon == NULL)
		return;
	*colon = '\0';
	m->fields = realloc(m->fields, (m->n_fields + 1) * sizeof(*m->fields));
	if (m->fields == NULL)
		abort();
	m->fields[m->n_fields++] = (struct mta_field){ .name = line,
		.value = colon[1] == ' ' ? colon + 2 : colon + 1 };
}

char *
mta_parse_fields(char *text, struct mta_mail *m)
{
	while (*text != '\0' && *text != '\n') {
		char *line = text, *end = strchrnul(text, '\n');

		while (*end == '\n' && (end[1] == ' ' || end[1] == '\t'))
			end = strchrnul(end + 1, '\n');
		text = *end == '\n' ? end + 1 : end;
		*end = '\0';
		add_field(m, line);
	}
	return *text == '\n' ? text + 1 : text;
}
