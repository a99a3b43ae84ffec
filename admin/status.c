/*
 * dnsmail-status [-c FILE] [FORM] [DAEMON...]: how the daemons fare. It ends
 * with 0 all well, 1 one has warned lately, 2 one is down, 3 it cannot tell
 * (as monitoring plug-ins do), 64 wrong use.
 */
#include "admin/status.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/metrics_text.h"
#include "admin/watch.h"
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

typedef void print_fn(const struct status *, size_t n);

static void
metrics_print(const struct status *s, size_t n)
{
	metrics_text_print(stdout, s, n);
}

/* By the option's letter; --watch prints nothing here. */
static const struct form {
	int letter;
	const char *option;
	print_fn *print;
	bool rates; /* it shows them */
} forms[] = {
	{ 't', "table", status_table_print, true },
	{ 'j', "json", status_json_print, false },
	{ 'm', "metrics", metrics_print, false },
	{ 'b', "brief", status_brief_print, false },
	{ 'w', "watch", NULL, false },
};
enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

struct arguments {
	const char *config;
	const struct form *form;
	struct status status[DAEMONS];
	size_t n;
};

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr,
	    "usage: dnsmail-status [-c FILE] [--table | --json | --metrics |"
	    " --brief | --watch]\n"
	    "                      [DAEMON...]\n"
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
form_choose(struct arguments *a, int letter)
{
	for (size_t i = 0; i < FORMS; i++) {
		if (forms[i].letter != letter)
			continue;
		if (a->form != NULL && a->form != &forms[i]) {
			fprintf(stderr,
			    "dnsmail-status: --%s and --%s: one of them\n",
			    a->form->option, forms[i].option);
			usage();
		}
		a->form = &forms[i];
		return;
	}
	usage();
}

static void
option_read(struct arguments *a, int option)
{
	switch (option) {
	case 'c':
		a->config = optarg;
		break;
	case 'V':
		printf("dnsmail-status (DNS Mail) %s\n", dnsmail_version);
		exit(EX_OK);
	default:
		form_choose(a, option);
	}
}

static void
arguments_read(struct arguments *a, int argc, char **argv)
{
	struct option options[FORMS + 1] = { 0 };
	bool none;
	int ch;

	for (size_t i = 0; i < FORMS; i++)
		options[i] = (struct option){ forms[i].option, no_argument,
			NULL, forms[i].letter };
	*a = (struct arguments){ .config = DEFAULT_CONFIG };
	while ((ch = getopt_long(argc, argv, "c:V", options, NULL)) != -1)
		option_read(a, ch);
	if (a->form == NULL)
		a->form = &forms[0];
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

int
main(int argc, char **argv)
{
	struct arguments a;
	struct config *config;
	const char *run_dir;
	int code;

	arguments_read(&a, argc, argv);
	config = config_load(a.config, complain, NULL);
	if (config == NULL)
		return status_exit_code(
		    &(struct status){ .state = STATUS_UNKNOWN }, 1);
	run_dir = config_global(config)->run_dir;
	if (a.form->print == NULL)
		watch_run(a.status, a.n, run_dir);
	status_ask(a.status, a.n, run_dir);
	if (a.form->rates)
		status_again(a.status, a.n, run_dir);
	a.form->print(a.status, a.n);
	code = status_exit_code(a.status, a.n);
	for (size_t i = 0; i < a.n; i++)
		status_free(&a.status[i]);
	status_ask_end(a.status, a.n);
	config_unref(config);
	fflush(stdout);
	if (status_worst(a.status, a.n) == STATUS_DOWN)
		_exit(code); /* status_ask() */
	return code;
}
