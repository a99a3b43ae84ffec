/*
 * A row's mail by the line protocol, and its answer in the words of a milter's
 * replies, so that one row says what is expected of both.
 */
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "tests/tools/hostile.h"
#include "tests/tools/milter_client.h"

enum { LINE_MOST = 65536, REQUEST_MOST = 1024 * 1024, REPLY_MS = 60000 };

/* ---- the request ---- */

struct request {
	FILE *out;
	char *text;
	size_t n;
	bool sayable;
};

static void
put_line(struct request *r, const char *line, size_t n)
{
	r->sayable = r->sayable && n <= LINE_MOST &&
	    memchr(line, '\n', n) == NULL && memchr(line, '\r', n) == NULL &&
	    memchr(line, '\0', n) == NULL;
	fwrite(line, 1, n, r->out);
	putc('\n', r->out);
}

static void
put(struct request *r, const char *name, const char *value)
{
	char *line;
	int n = asprintf(&line, "%s=%s", name, value);

	if (n == -1)
		err(1, "request");
	put_line(r, line, (size_t)n);
	free(line);
}

/* "its lines joined": a fold goes, any other line end stays and is too much. */
static size_t
unfold(char *v, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i] == '\n' && i + 1 < n &&
		    (v[i + 1] == ' ' || v[i + 1] == '\t'))
			k -= k > 0 && v[k - 1] == '\r';
		else
			v[k++] = v[i];
	}
	return k;
}

/* From and our own have names of their own; others are "Name: value". */
static void
put_field(struct request *r, const struct mta_field *f)
{
	const char *name = "header=";
	char *line;
	size_t head, n;

	if (strcmp(f->name, "From") == 0)
		name = "from=";
	else if (strcmp(f->name, "DNS-Mail-ID") == 0)
		name = "dns_mail_id=";
	head = strlen(name) + strlen(f->name) + 2;
	line = malloc(head + f->len + 1);
	if (line == NULL)
		err(1, "request");
	head = (size_t)sprintf(line, "%s%s%s", name,
	    strcmp(name, "header=") == 0 ? f->name : "",
	    strcmp(name, "header=") == 0 ? ": " : "");
	memcpy(line + head, f->value, f->len);
	n = unfold(line, head + f->len);
	put_line(r, line, n);
	free(line);
}

static void
put_recipient(struct request *r, const char *path)
{
	size_t n = mta_path_length(path);
	char *address = strndup(path, n);

	put(r, "recipient", address);
	if (strcasestr(path + n, " ORCPT=") != NULL)
		r->sayable = false;
	free(address);
}

char *
lines_request(const struct mta_mail *mail, const char *what)
{
	struct request r = { .sayable = mail->body_len == 0 };

	r.out = open_memstream(&r.text, &r.n);
	if (r.out == NULL)
		err(1, "request");
	put(&r, "request", what);
	put(&r, "queue_id", mail->queue_id);
	put(&r, "client_address", mail->client);
	put(&r, "sasl_username", mail->login);
	put(&r, "sender", mail->sender);
	for (size_t i = 0; i < mail->n_recipients; i++)
		put_recipient(&r, mail->recipients[i]);
	for (size_t i = 0; i < mail->n_fields; i++)
		put_field(&r, &mail->fields[i]);
	put_line(&r, "", 0);
	fclose(r.out);
	if (r.sayable && r.n <= REQUEST_MOST)
		return r.text;
	free(r.text);
	return NULL;
}

/* ---- the answer ---- */

static void
put_words(FILE *out, const char *line)
{
	static const struct {
		const char *action, *words;
	} rows[] = { { "action=PREPEND ", "INSHEADER 0 " },
		{ "action=DEFER ", "REPLYCODE 451 " },
		{ "action=REJECT ", "REPLYCODE 550 " },
		{ "action=HOLD ", "QUARANTINE " } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = strlen(rows[i].action);

		if (strncmp(line, rows[i].action, n) == 0)
			fprintf(out, "%s%s\n", rows[i].words, line + n);
	}
}

static char *
in_words(struct buffer *answer)
{
	char *rest, *line, *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL || buffer_append(answer, "", 1) == -1)
		err(1, "answer");
	rest = (char *)answer->data;
	while ((line = strsep(&rest, "\n")) != NULL)
		put_words(out, line);
	fclose(out);
	return text;
}

/* An empty line ends an answer. */
static bool
is_whole(const struct buffer *b)
{
	return b->len > 0 && memmem(b->data, b->len, "\n\n", 2) != NULL;
}

char *
lines_send(const char *request)
{
	const struct client_options options = { .endpoint = hostile.endpoint,
		.timeout_ms = REPLY_MS };
	struct client_peer peer;
	struct pollfd p = { .events = POLLIN };
	char *text = NULL;

	client_dial(&peer, &options);
	p.fd = peer.fd;
	if (buffer_append(&peer.out, request, strlen(request)) == -1)
		err(1, "request");
	client_flush(&peer);
	while (!is_whole(&peer.in))
		if (poll(&p, 1, REPLY_MS) != 1 ||
		    buffer_read(&peer.in, peer.fd, 65536) <= 0)
			break;
	if (is_whole(&peer.in))
		text = in_words(&peer.in);
	close(peer.fd);
	buffer_free(&peer.in);
	buffer_free(&peer.out);
	return text;
}
