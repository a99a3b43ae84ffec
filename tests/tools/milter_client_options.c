/* The options of milter_client, a row each. */
#include "tests/tools/milter_client.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *
read_file(const char *name, size_t *len_r)
{
	struct buffer b = { 0 };
	int fd = open(name, O_RDONLY);

	if (fd == -1)
		client_quit(EXIT_WRONG, name);
	while (buffer_read(&b, fd, 65536) > 0)
		;
	close(fd);
	*len_r = b.len;
	if (buffer_append(&b, "", 1) == -1)
		abort();
	return (char *)b.data;
}

/* ---- the mail ---------------------------------------------------------------
 */

static void
set_sender(struct client_options *o, char *value)
{
	o->mail.sender = value;
}

static void
add_recipient(struct client_options *o, char *value)
{
	struct mta_mail *m = &o->mail;

	m->recipients = realloc(
	    m->recipients, (m->n_recipients + 1) * sizeof(*m->recipients));
	if (m->recipients == NULL)
		abort();
	m->recipients[m->n_recipients++] = value;
}

static void
add_field(struct client_options *o, char *value)
{
	mta_parse_fields(value, &o->mail);
}

static void
add_fields(struct client_options *o, char *file)
{
	size_t len;

	mta_parse_fields(read_file(file, &len), &o->mail);
}

static void
set_body_file(struct client_options *o, char *file)
{
	o->mail.body = read_file(file, &o->mail.body_len);
}

static void
set_body_size(struct client_options *o, char *octets)
{
	char *body;

	o->mail.body_len = strtoul(octets, NULL, 10);
	if ((body = malloc(o->mail.body_len + 1)) == NULL)
		abort();
	memset(body, 'x', o->mail.body_len);
	o->mail.body = body;
}

static void
set_message(struct client_options *o, char *file)
{
	size_t len;
	char *text = read_file(file, &len);

	o->mail.body = mta_parse_fields(text, &o->mail);
	o->mail.body_len = len - (size_t)(o->mail.body - text);
}

static void
set_client(struct client_options *o, char *value)
{
	o->mail.client = value;
}

static void
set_login(struct client_options *o, char *value)
{
	o->mail.login = value;
}

static void
set_queue_id(struct client_options *o, char *value)
{
	o->mail.queue_id = value;
}

static void
add_macro(struct client_options *o, char *text)
{
	struct mta_mail *m = &o->mail;
	char *value = strchr(text, '=');

	if (value == NULL || text[1] != ':')
		client_quit(EXIT_WRONG, "-M C:NAME=VALUE");
	*value++ = '\0';
	m->macros = realloc(m->macros, (m->n_macros + 1) * sizeof(*m->macros));
	if (m->macros == NULL)
		abort();
	m->macros[m->n_macros++] = (struct mta_macro){
		.command = (uint8_t)text[0], .name = text + 2, .value = value
	};
}

/* ---- the connection ---- */

static void
set_times(struct client_options *o, char *value)
{
	o->times = atoi(value);
}

static void
set_new_client(struct client_options *o, char *value)
{
	(void)value;
	o->new_client = true;
}

static enum mta_step
find_step(const char *name)
{
	enum mta_step step = mta_step_find(name);

	if (step == MTA_STEP__COUNT)
		client_quit(EXIT_WRONG, "no such step");
	return step;
}

static void
set_abort(struct client_options *o, char *value)
{
	o->abort_after = find_step(value);
}

static void
set_close(struct client_options *o, char *value)
{
	o->close_after = find_step(value);
}

static void
set_hang(struct client_options *o, char *value)
{
	o->hang_after = find_step(value);
}

static void
set_hex_first(struct client_options *o, char *value)
{
	o->hex_first = value;
}

static void
set_hex_then(struct client_options *o, char *value)
{
	o->hex_then = value;
}

static void
set_slow(struct client_options *o, char *value)
{
	(void)value;
	o->slow = true;
}

static void
set_deaf(struct client_options *o, char *value)
{
	(void)value;
	o->deaf = true;
}

static void
set_timeout(struct client_options *o, char *value)
{
	o->timeout_ms = (int)(atof(value) * 1000);
}

/* ---- what the MTA offers ---- */

static void
set_version(struct client_options *o, char *value)
{
	o->version = (uint32_t)strtoul(value, NULL, 0);
}

static void
set_actions(struct client_options *o, char *value)
{
	o->actions = (uint32_t)strtoul(value, NULL, 0);
}

static void
set_steps(struct client_options *o, char *value)
{
	o->steps = (uint32_t)strtoul(value, NULL, 0);
}

/* The NO* steps and SKIP stay. */
static void
set_no_nr(struct client_options *o, char *value)
{
	(void)value;
	o->steps &= 0x77f;
}

/* What a Sendmail of the time before SETSYMLIST offers. */
static void
set_v2(struct client_options *o, char *value)
{
	(void)value;
	o->version = 2;
	o->actions = 0x3f;
	o->steps = 0x7f;
}

static const struct option_row {
	char letter;
	bool has_value;
	void (*set)(struct client_options *, char *value);
} rows[] = {
	{ 'f', true, set_sender },
	{ 't', true, add_recipient },
	{ 'h', true, add_field },
	{ 'F', true, add_fields },
	{ 'b', true, set_body_file },
	{ 'B', true, set_body_size },
	{ 'm', true, set_message },
	{ 'a', true, set_client },
	{ 'l', true, set_login },
	{ 'i', true, set_queue_id },
	{ 'M', true, add_macro },
	{ 'n', true, set_times },
	{ 'N', false, set_new_client },
	{ 'A', true, set_abort },
	{ 'Q', true, set_close },
	{ 'H', true, set_hang },
	{ 'x', true, set_hex_first },
	{ 'X', true, set_hex_then },
	{ 's', false, set_slow },
	{ 'U', false, set_deaf },
	{ 'T', true, set_timeout },
	{ 'V', true, set_version },
	{ 'O', true, set_actions },
	{ 'P', true, set_steps },
	{ '1', false, set_no_nr },
	{ '2', false, set_v2 },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void
set_option(struct client_options *o, int letter, char *value)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].letter == letter) {
			rows[i].set(o, value);
			return;
		}
	exit(EXIT_WRONG);
}

static void
set_defaults(struct client_options *o)
{
	*o = (struct client_options){
		.mail = { .client = "127.0.0.1",
		    .login = "",
		    .queue_id = "4TEST0001",
		    .sender = "martha@domain.com",
		    .body = "" },
		.times = 1,
		.abort_after = MTA_STEP__COUNT,
		.close_after = MTA_STEP__COUNT,
		.hang_after = MTA_STEP__COUNT,
		.version = MILTER_VERSION,
		.actions = MTA_ACTIONS_ALL,
		.steps = MTA_STEPS_ALL,
		.timeout_ms = 20000,
	};
}

void
client_options_parse(struct client_options *o, int argc, char **argv)
{
	static const struct option names[] = { { "no-nr", 0, NULL, '1' },
		{ "v2", 0, NULL, '2' }, { NULL, 0, NULL, 0 } };
	static char nobody[] = "claire@nonprofit.org";
	char letters[2 * ROWS + 1], *p = letters;
	int letter;

	for (size_t i = 0; i < ROWS; i++) {
		*p++ = rows[i].letter;
		if (rows[i].has_value)
			*p++ = ':';
	}
	*p = '\0';
	set_defaults(o);
	while ((letter = getopt_long(argc, argv, letters, names, NULL)) != -1)
		set_option(o, letter, optarg);
	if (optind + 1 != argc)
		client_quit(EXIT_WRONG, "milter_client [options] ENDPOINT");
	o->endpoint = argv[optind];
	if (o->mail.n_recipients == 0)
		add_recipient(o, nobody);
}
