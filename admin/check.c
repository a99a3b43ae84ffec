/*
 * dnsmail-check: the doctor. Without a command it looks at the whole site. It
 * ends with 0 all well, 1 a warning, 2 something critical, 3 it cannot tell
 * (as monitoring plug-ins do), 64 wrong use.
 */
#include "admin/check.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/check_explain.h"
#include "admin/check_message.h"
#include "admin/check_site.h"
#include "admin/check_words.h"
#include "common/config_number.h"
#include "common/version.h"

#define DEFAULT_CONFIG "/etc/dnsmail/dnsmail.conf"

/* In seconds. */
enum { TIMEOUT_DEFAULT = 45, TIMEOUT_MAX = 3600 };

/* Each gets the arguments from its name on. */
static const struct command {
	const char *name;
	const char *usage, *what;
	int (*run)(const struct check_options *, struct config *, int argc,
	    char **argv);
} commands[] = {
	{ "message", "message FILE", "verifies a saved message step by step",
	    check_message_run },
	{ "explain", "explain ...", "why mail would be signed or not",
	    check_explain_run },
	{ 0 },
};

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr,
	    "usage: dnsmail-check [-c FILE] [--json] [--timeout DURATION]\n"
	    "           [--mta-user USER] [--outside ADDRESS]... [--ignore "
	    "NAME]...\n"
	    "           [COMMAND]\n"
	    "       dnsmail-check -V\n"
	    "COMMAND is one of\n"
	    "  site              the whole site; so it is without a command\n");
	for (const struct command *c = commands; c->name != NULL; c++)
		fprintf(stderr, "  %-16s  %s\n", c->usage, c->what);
	exit(EX_USAGE);
}

static void __attribute__((noreturn))
wrong(const char *option, const char *text, const char *what)
{
	fprintf(stderr, "dnsmail-check: --%s: \"%s\" is not %s\n", option, text,
	    what);
	exit(EX_USAGE);
}

static void
timeout_read(struct check_options *o, const char *text)
{
	int64_t ms = config_duration_ms(text);

	if (ms < 1000 || ms > (int64_t)TIMEOUT_MAX * 1000)
		wrong("timeout", text, "a duration from 1s to 1h");
	o->timeout = (double)ms / 1000;
}

static void
outside_add(struct check_options *o, const char *text)
{
	struct net_address *v =
	    realloc(o->outside.v, (o->outside.n + 1) * sizeof(*o->outside.v));

	if (v == NULL)
		abort();
	o->outside.v = v;
	if (net_address_parse(&v[o->outside.n], text, strlen(text)) == -1)
		wrong("outside", text, "an address, or ADDRESS@PORT");
	o->outside.n++;
}

/* A name that is none would ignore nothing, and nobody would know. */
static void
ignored_add(struct check_options *o, char *name)
{
	char **v =
	    realloc(o->ignored.v, (o->ignored.n + 1) * sizeof(*o->ignored.v));
	size_t code = 0;

	if (v == NULL)
		abort();
	o->ignored.v = v;
	while (code < CHECK_CODE__COUNT &&
	    strcmp(check_words[code].name, name) != 0)
		code++;
	if (code == CHECK_CODE__COUNT)
		wrong("ignore", name, "the name of a finding");
	v[o->ignored.n++] = name;
}

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "timeout", required_argument, NULL, 't' },
	{ "mta-user", required_argument, NULL, 'm' },
	{ "outside", required_argument, NULL, 'o' },
	{ "ignore", required_argument, NULL, 'i' },
	{ 0 },
};

static void
option_read(struct check_options *o, int option)
{
	switch (option) {
	case 'c':
		o->config = optarg;
		break;
	case 'j':
		o->json = true;
		break;
	case 't':
		timeout_read(o, optarg);
		break;
	case 'm':
		o->mta_user = optarg;
		break;
	case 'o':
		outside_add(o, optarg);
		break;
	case 'i':
		ignored_add(o, optarg);
		break;
	case 'V':
		printf("dnsmail-check (DNS Mail) %s\n", dnsmail_version);
		exit(EX_OK);
	default:
		usage();
	}
}

static void
complain(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "dnsmail-check: %s\n", text);
}

static int
command_run(const struct command *command, const struct check_options *o,
    int argc, char **argv)
{
	struct config *config = config_load(o->config, complain, NULL);
	int code;

	if (config == NULL)
		return CHECK_CANNOT_TELL;
	code = command->run(o, config, argc, argv);
	config_unref(config);
	return code;
}

static const struct command *
command_find(const char *name)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	fprintf(stderr, "dnsmail-check: there is no command \"%s\"\n", name);
	usage();
}

/* "+": what follows a command is its own. */
int
main(int argc, char **argv)
{
	struct check_options o = { .config = DEFAULT_CONFIG,
		.timeout = TIMEOUT_DEFAULT };
	const char *name = "site";
	int option, code;

	while ((option = getopt_long(argc, argv, "+c:V", options, NULL)) != -1)
		option_read(&o, option);
	argc -= optind;
	argv += optind;
	optind = 0;
	if (argc > 0)
		name = argv[0];
	if (strcmp(name, "site") != 0)
		code = command_run(command_find(name), &o, argc, argv);
	else if (argc > 1)
		usage();
	else
		code = check_site_run(&o);
	free(o.outside.v);
	free(o.ignored.v);
	fflush(stdout);
	return code;
}
