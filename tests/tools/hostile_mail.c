/*
 * A row's mail on its way to the daemon, and its name servers' table. Knows
 * nothing of what is expected.
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/tools/hostile.h"
#include "tests/tools/milter_client.h"
#include "tests/tools/octets.h"

enum { LOG_SECONDS = 20, REPLY_MS = 60000 };

/* ---- the mail ---- */

struct row_mail {
	struct mta_mail mail;
	char **owned; /* what the mail points to */
	size_t n_owned;
};

static struct octets
expand(struct row_mail *m, const char *text, unsigned number)
{
	struct octets o = octets_expand(text, number);

	m->owned = realloc(m->owned, (m->n_owned + 1) * sizeof(*m->owned));
	if (m->owned == NULL)
		err(1, "mail");
	m->owned[m->n_owned++] = o.v;
	return o;
}

static void
add_recipient(void *arg, const struct row_line *l)
{
	struct row_mail *m = arg;
	struct mta_mail *mail = &m->mail;

	for (unsigned i = 1; i <= l->times; i++) {
		mail->recipients = realloc(mail->recipients,
		    (mail->n_recipients + 1) * sizeof(*mail->recipients));
		if (mail->recipients == NULL)
			err(1, "mail");
		mail->recipients[mail->n_recipients++] =
		    expand(m, l->text, i).v;
	}
}

static void
add_field(struct row_mail *m, const struct row_line *l, unsigned number)
{
	struct mta_mail *mail = &m->mail;
	struct octets name = expand(m, l->key, number);
	struct octets value = expand(m, l->text, number);

	name.v[name.n - 1] = '\0'; /* the colon */
	mail->fields =
	    realloc(mail->fields, (mail->n_fields + 1) * sizeof(*mail->fields));
	if (mail->fields == NULL)
		err(1, "mail");
	mail->fields[mail->n_fields++] = (struct mta_field){
		.name = name.v, .value = value.v, .len = value.n
	};
}

static void
add_fields(void *arg, const struct row_line *l)
{
	if (!row_line_is_field(l))
		return;
	for (unsigned i = 1; i <= l->times; i++)
		add_field(arg, l, i);
}

struct row_mail *
row_mail_new(
    const struct rows *rows, const struct row *row, const char *queue_id)
{
	struct row_mail *m = calloc(1, sizeof(*m));
	struct octets body;

	if (m == NULL)
		err(1, "mail");
	m->mail = (struct mta_mail){
		.client = row_text(rows, row, "client", "198.51.100.7"),
		.login = row_text(rows, row, "login", ""),
		.sender = row_text(rows, row, "sender", "bounces@sender.test"),
		.queue_id = queue_id,
	};
	body = expand(m, row_text(rows, row, "body", ""), 0);
	m->mail.body = body.v;
	m->mail.body_len = body.n;
	row_each(rows, row, "to", add_recipient, m);
	row_each(rows, row, NULL, add_fields, m);
	return m;
}

const struct mta_mail *
row_mail(const struct row_mail *m)
{
	return &m->mail;
}

void
row_mail_free(struct row_mail *m)
{
	for (size_t i = 0; i < m->n_owned; i++)
		free(m->owned[i]);
	free(m->owned);
	free(m->mail.recipients);
	free(m->mail.fields);
	free(m);
}

/* ---- the table of the name servers ---- */

/* Of a line for several times: \# is replaced here, else by the reader. */
static void
put_line(FILE *f, const char *text, unsigned number)
{
	const char *mark;

	while (number > 0 && (mark = strstr(text, "\\#")) != NULL) {
		fprintf(f, "%.*s%u", (int)(mark - text), text, number);
		text = mark + 2;
	}
	fprintf(f, "%s\n", text);
}

static void
put_lines(void *arg, const struct row_line *l)
{
	if (l->times == 1)
		put_line(arg, l->text, 0);
	else
		for (unsigned i = 1; i <= l->times; i++)
			put_line(arg, l->text, i);
}

/* All at once: a straggler of the row before may be reading it. */
void
row_write_table(const struct rows *rows, const struct row *row)
{
	char name[4096];
	FILE *f;

	snprintf(name, sizeof(name), "%s.new", hostile.table);
	f = fopen(name, "w");
	if (f == NULL)
		err(1, "%s", name);
	row_each(rows, row, "dns", put_lines, f);
	if (fclose(f) != 0 || rename(name, hostile.table) != 0)
		err(1, "%s", hostile.table);
}

/* ---- on its way ---- */

/* A reply before the end: true if the mail is over with it. */
static bool
ends_mail(uint8_t code, struct mta_place *place, const struct mta_mail *mail)
{
	if (code == MILTER_REPLY_SKIP)
		place->item = mail->body_len;
	return code != MILTER_REPLY_CONTINUE && code != MILTER_REPLY_SKIP;
}

static jmp_buf closed;

/* By client_dial() and those that read replies, when there are none. */
void
client_quit(int status, const char *line)
{
	if (status == EXIT_CLOSED)
		longjmp(closed, 1);
	printf("Bail out! the daemon: %s\n", line);
	exit(status);
}

static void
talk(struct client_peer *peer, const struct mta_mail *mail)
{
	struct mta_place place = { .step = MTA_CONNECT };
	enum mta_step step;
	bool wait;

	mta_put_optneg(
	    &peer->out, MILTER_VERSION, MTA_ACTIONS_ALL, MTA_STEPS_ALL);
	client_take_reply(peer);
	while ((step = mta_put_next(&peer->out, &place, mail, peer->steps,
		    &wait)) != MTA_STEP__COUNT) {
		if (step == MTA_EOM)
			client_take_final_reply(peer);
		else if (wait &&
		    ends_mail(client_take_reply(peer), &place, mail))
			break;
	}
}

char *
mail_send(const struct mta_mail *mail)
{
	const struct client_options options = { .endpoint = hostile.endpoint,
		.timeout_ms = REPLY_MS };
	static struct client_peer peer; /* outlives the jump */
	static char *said;
	size_t n;
	volatile bool whole = false;

	client_dial(&peer, &options);
	peer.say = open_memstream(&said, &n);
	if (peer.say == NULL)
		err(1, "mail");
	if (setjmp(closed) == 0) {
		talk(&peer, mail);
		whole = true;
	}
	fclose(peer.say);
	close(peer.fd);
	buffer_free(&peer.in);
	buffer_free(&peer.out);
	if (whole)
		return said;
	free(said);
	return NULL;
}

/* ---- the log ---- */

/* The line that has that word, of those that are whole. */
static char *
find_line(FILE *f, const char *word)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, f)) > 0)
		if (line[n - 1] == '\n' && strstr(line, word) != NULL) {
			line[n - 1] = '\0';
			return line;
		}
	free(line);
	return NULL;
}

/* From where the last one was found. */
char *
mail_logged(const char *queue_id)
{
	static long at;
	time_t end = time(NULL) + LOG_SECONDS;
	char word[64], *line;
	FILE *f = fopen(hostile.log, "r");

	if (f == NULL)
		err(1, "%s", hostile.log);
	snprintf(word, sizeof(word), "queue=%s ", queue_id);
	for (;;) {
		fseek(f, at, SEEK_SET);
		line = find_line(f, word);
		if (line != NULL || time(NULL) > end)
			break;
		poll(NULL, 0, 10);
	}
	if (line != NULL)
		at = ftell(f);
	fclose(f);
	if (line == NULL)
		errx(1, "%s has no line about %s", hostile.log, queue_id);
	return line;
}
