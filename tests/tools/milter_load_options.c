/* The options of milter_load, a row each. */
#include "tests/tools/milter_load.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
wrong(const char *why)
{
	fprintf(stderr, "milter_load: %s\n", why);
	exit(64);
}

static void
set_number(void *field, char *value)
{
	size_t *number = field;
	char *end;

	*number = strtoul(value, &end, 10);
	if (end == value || *end != '\0')
		wrong("not a number");
}

static void
set_text(void *field, char *value)
{
	const char **text = field;

	*text = value;
}

static void
set_seconds(void *field, char *value)
{
	double *seconds = field;

	*seconds = atof(value);
}

static const struct option_row {
	char letter;
	void (*set)(void *field, char *value);
	size_t offset;
} rows[] = {
	{ 'c', set_number, offsetof(struct load_options, connections) },
	{ 'n', set_number, offsetof(struct load_options, messages) },
	{ 'k', set_number, offsetof(struct load_options, per_connection) },
	{ 'b', set_number, offsetof(struct load_options, body) },
	{ 'R', set_number, offsetof(struct load_options, recipients) },
	{ 'f', set_text, offsetof(struct load_options, sender) },
	{ 't', set_text, offsetof(struct load_options, recipient) },
	{ 'a', set_text, offsetof(struct load_options, client) },
	{ 'l', set_text, offsetof(struct load_options, login) },
	{ 'x', set_text, offsetof(struct load_options, blocks) },
	{ 'w', set_text, offsetof(struct load_options, capture) },
	{ 'T', set_seconds, offsetof(struct load_options, timeout) },
	{ 'L', set_text, offsetof(struct load_options, label) },
};

static void
add_pid(struct load_options *o, const char *value)
{
	if (o->n_pids == LOAD_PIDS)
		wrong("too many -P");
	o->pids[o->n_pids++] = atol(value);
}

static void
add_macro(struct load_options *o, char *text)
{
	char *value = strchr(text, '=');

	if (o->n_macros == LOAD_MACROS || value == NULL || text[1] != ':')
		wrong("-M C:NAME=VALUE");
	*value++ = '\0';
	o->macros[o->n_macros++] = (struct mta_macro){
		.command = (uint8_t)text[0], .name = text + 2, .value = value
	};
}

static void
set_option(struct load_options *o, int letter, char *value)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].letter == letter)
			rows[i].set((char *)o + rows[i].offset, value);
	if (letter == 'P')
		add_pid(o, value);
	else if (letter == 'M')
		add_macro(o, value);
	else if (letter == '?')
		exit(64);
}

void
load_options_parse(struct load_options *o, int argc, char **argv)
{
	const char *why;
	int letter;

	*o = (struct load_options){ .connections = 1,
		.messages = 1000,
		.body = 2048,
		.recipients = 1,
		.sender = "martha%m@domain.com",
		.recipient = "claire%r@nonprofit.org",
		.client = "192.0.2.1",
		.login = "",
		.timeout = 60,
		.label = "-" };
	while ((letter = getopt(
		    argc, argv, "c:n:k:b:R:f:t:a:l:x:w:T:L:P:M:")) != -1)
		set_option(o, letter, optarg);
	if (optind + 1 != argc)
		wrong("[options] ENDPOINT");
	if (o->connections == 0 || o->messages == 0)
		wrong("nothing to do");
	o->endpoint.text = argv[optind];
	if (endpoint_parse(&o->endpoint, argv[optind], &why) == -1)
		wrong(why);
}
