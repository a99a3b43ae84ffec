/*
 * dnsmail-status [-c FILE] [--json] [DAEMON...]: how the daemons fare. It
 * ends with 0 all well, 1 one has warned lately, 2 one is down, 3 it cannot
 * tell (as monitoring plug-ins do), 64 wrong use.
 */
#include "admin/status.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/config.h"
#include "common/version.h"

#define DEFAULT_CONFIG "/etc/dnsmail/dnsmail.conf"

static const char *const daemons[] = {
	"signerd",
	"publishd",
	"verifyd",
	"reaperd",
};
enum { DAEMONS = sizeof(daemons) / sizeof(daemons[0]) };

enum { EXIT_WELL, EXIT_DEGRADED, EXIT_DOWN, EXIT_UNKNOWN };

const char *const status_state_names[STATUS__COUNT] = {
	[STATUS_UP] = "up",
	[STATUS_DEGRADED] = "degraded",
	[STATUS_DOWN] = "down",
	[STATUS_UNKNOWN] = "unknown",
};

struct arguments {
	const char *config;
	bool json;
	struct status status[DAEMONS];
	size_t n;
};

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr,
	    "usage: dnsmail-status [-c FILE] [--json] [DAEMON...]\n"
	    "DAEMON is one of signerd publishd verifyd reaperd\n");
	exit(EX_USAGE);
}

static void
add_daemon(struct arguments *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->status[i].daemon, name) == 0)
			return;
	for (size_t i = 0; i < DAEMONS; i++)
		if (strcmp(daemons[i], name) == 0) {
			a->status[a->n++].daemon = daemons[i];
			return;
		}
	fprintf(stderr, "dnsmail-status: there is no daemon \"%s\"\n", name);
	usage();
}

static void
option_read(struct arguments *a, int option)
{
	switch (option) {
	case 'c':
		a->config = optarg;
		break;
	case 'j':
		a->json = true;
		break;
	case 'V':
		printf("dnsmail-status (DNS Mail) %s\n", dnsmail_version);
		exit(EX_OK);
	case 'm':
		fprintf(stderr,
		    "dnsmail-status: --metrics is not implemented yet\n");
		exit(EX_USAGE);
	case 'w':
		fprintf(
		    stderr, "dnsmail-status: --watch is not implemented yet\n");
		exit(EX_USAGE);
	default:
		usage();
	}
}

static void
arguments_read(struct arguments *a, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "metrics", no_argument, NULL, 'm' },
		{ "watch", no_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	bool none;
	int ch;

	*a = (struct arguments){ .config = DEFAULT_CONFIG };
	while ((ch = getopt_long(argc, argv, "c:V", options, NULL)) != -1)
		option_read(a, ch);
	none = optind == argc;
	for (; optind < argc; optind++)
		add_daemon(a, argv[optind]);
	for (size_t i = 0; none && i < DAEMONS; i++)
		add_daemon(a, daemons[i]);
}

static void
complain(void *arg, const char *text)
{
	(void)arg;
	fprintf(stderr, "dnsmail-status: %s\n", text);
}

/* The worst of all; "down" is worse news than "cannot tell". */
static int
verdict(const struct status *s, size_t n)
{
	static const int codes[STATUS__COUNT] = {
		[STATUS_UP] = EXIT_WELL,
		[STATUS_DEGRADED] = EXIT_DEGRADED,
		[STATUS_DOWN] = EXIT_DOWN,
		[STATUS_UNKNOWN] = EXIT_UNKNOWN,
	};
	static const enum status_state worst_first[] = { STATUS_DOWN,
		STATUS_UNKNOWN, STATUS_DEGRADED };

	for (size_t w = 0; w < sizeof(worst_first) / sizeof(worst_first[0]);
	     w++)
		for (size_t i = 0; i < n; i++)
			if (s[i].state == worst_first[w])
				return codes[worst_first[w]];
	return EXIT_WELL;
}

int
main(int argc, char **argv)
{
	struct arguments a;
	struct config *config;
	int code;

	arguments_read(&a, argc, argv);
	config = config_load(a.config, complain, NULL);
	if (config == NULL)
		return EXIT_UNKNOWN;
	status_ask(a.status, a.n, config_global(config)->run_dir);
	if (a.json)
		status_json_print(a.status, a.n);
	else
		status_table_print(a.status, a.n);
	code = verdict(a.status, a.n);
	for (size_t i = 0; i < a.n; i++)
		status_msg_free(&a.status[i].msg);
	config_unref(config);
	fflush(stdout);
	if (code == EXIT_DOWN)
		_exit(code); /* status_ask() */
	return code;
}
