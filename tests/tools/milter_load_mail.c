/* The mails of milter_load: made from a number and the options alone. */
#include "tests/tools/milter_load.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	TEXT_FIXED = 4096,    /* room for what every message has */
	TEXT_RECIPIENT = 512, /* and for each recipient, twice */
	OWN_FIELDS = 8,
};

/* ---- header blocks ---- */

void
load_blocks_read(struct load_blocks *blocks, const char *file)
{
	struct buffer *b = &blocks->text;
	int fd = open(file, O_RDONLY);
	char *text;

	if (fd == -1) {
		perror(file);
		exit(64);
	}
	while (buffer_read(b, fd, 65536) > 0)
		;
	close(fd);
	if (buffer_append(b, "", 1) == -1)
		abort();
	for (text = (char *)b->data; *text != '\0'; blocks->n++) {
		blocks->v =
		    realloc(blocks->v, (blocks->n + 1) * sizeof(*blocks->v));
		if (blocks->v == NULL)
			abort();
		blocks->v[blocks->n] = (struct mta_mail){ 0 };
		text = mta_parse_fields(text, &blocks->v[blocks->n]);
	}
}

void
load_blocks_free(struct load_blocks *blocks)
{
	for (size_t i = 0; i < blocks->n; i++)
		free(blocks->v[i].fields);
	free(blocks->v);
	buffer_free(&blocks->text);
}

/* ---- one mail ---- */

void
load_mail_init(struct load_mail *m, const struct load_options *o,
    const struct load_blocks *blocks)
{
	char *body = malloc(o->body + 1);
	size_t most = 0;

	for (size_t i = 0; i < blocks->n; i++)
		if (blocks->v[i].n_fields > most)
			most = blocks->v[i].n_fields;
	*m = (struct load_mail){ .options = o, .blocks = blocks };
	m->text = malloc(TEXT_FIXED + o->recipients * 2 * TEXT_RECIPIENT);
	m->mail.recipients =
	    malloc(o->recipients * sizeof(*m->mail.recipients));
	m->mail.fields = malloc((most + OWN_FIELDS) * sizeof(*m->mail.fields));
	if (m->text == NULL || m->mail.recipients == NULL ||
	    m->mail.fields == NULL || body == NULL)
		abort();
	for (size_t i = 0; i <= o->body; i++) /* words, as text has */
		body[i] = i % 7 == 6 ? ' ' : 'x';
	for (size_t i = 70; i + 1 < o->body; i += 72)
		memcpy(body + i, "\r\n", 2);
	/* A line that is not ended is no body: OpenDKIM lets such mail pass
	   without a signature. */
	if (o->body >= 2)
		memcpy(body + o->body - 2, "\r\n", 2);
	m->mail.body = body;
	m->mail.body_len = o->body;
	m->mail.client = o->client;
	m->mail.login = o->login;
	m->mail.macros = (struct mta_macro *)o->macros;
	m->mail.n_macros = o->n_macros;
	m->mail.n_recipients = o->recipients;
}

void
load_mail_free(struct load_mail *m)
{
	free(m->text);
	free(m->mail.recipients);
	free(m->mail.fields);
	free((char *)m->mail.body);
}

/* A pattern with %m (message) and %r (recipient); 300 octets at most. */
static const char *
expand(struct load_mail *m, const char *pattern, size_t number, size_t nth)
{
	char *start = m->text + m->used, *p = start, *most = start + 300;

	for (; *pattern != '\0' && p < most; pattern++) {
		bool known = pattern[0] == '%' &&
		    (pattern[1] == 'm' || pattern[1] == 'r');

		if (known)
			p +=
			    sprintf(p, "%zu", *++pattern == 'm' ? number : nth);
		else
			*p++ = *pattern;
	}
	*p++ = '\0';
	m->used += (size_t)(p - start);
	return start;
}

static const char *format(struct load_mail *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static const char *
format(struct load_mail *m, const char *fmt, ...)
{
	char *start = m->text + m->used;
	va_list ap;

	va_start(ap, fmt);
	m->used += (size_t)vsprintf(start, fmt, ap) + 1;
	va_end(ap);
	return start;
}

static const char *
list_recipients(struct load_mail *m)
{
	char *start = m->text + m->used, *p = start;

	for (size_t i = 0; i < m->mail.n_recipients; i++)
		p += sprintf(
		    p, "%s%s", i > 0 ? ", " : "", m->mail.recipients[i]);
	m->used += (size_t)(p - start) + 1;
	return start;
}

static void
add_field(struct load_mail *m, const char *name, const char *value)
{
	m->mail.fields[m->mail.n_fields++] =
	    (struct mta_field){ .name = name, .value = value };
}

static void
add_own_fields(struct load_mail *m, size_t number)
{
	add_field(m, "Received",
	    "from client.example (client.example [192.0.2.1])\n\tby "
	    "mx.example (Postfix) with ESMTP id 4ABCDEF\n\t"
	    "Thu,  3 Aug 2006 09:10:50 -0400 (EDT)");
	add_field(m, "Date", "Thu, 3 Aug 2006 09:10:50 -0400");
	add_field(m, "Message-ID", format(m, "<%zu@load.example>", number));
	add_field(m, "From", m->mail.sender);
	add_field(m, "To", list_recipients(m));
	add_field(m, "Subject", format(m, "load test message %zu", number));
	add_field(m, "MIME-Version", "1.0");
	add_field(m, "Content-Type", "text/plain; charset=us-ascii");
}

static void
add_block(struct load_mail *m, size_t number)
{
	const struct mta_mail *block;

	if (m->blocks->n == 0)
		return;
	block = &m->blocks->v[number % m->blocks->n];
	for (size_t i = 0; i < block->n_fields; i++)
		add_field(m, block->fields[i].name, block->fields[i].value);
}

void
load_mail_make(struct load_mail *m, size_t number)
{
	const struct load_options *o = m->options;

	m->used = 0;
	m->mail.n_fields = 0;
	m->mail.queue_id = format(m, "4%010zX", number);
	m->mail.sender = expand(m, o->sender, number, 0);
	for (size_t i = 0; i < o->recipients; i++)
		m->mail.recipients[i] = expand(m, o->recipient, number, i);
	add_block(m, number);
	add_own_fields(m, number);
}
