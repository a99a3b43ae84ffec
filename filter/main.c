/*
 * dnsmail-filter -s SOCKET | -v SOCKET [-a ID] [-d DIRECTORY] [-m MEBIBYTES]
 * [-t SECONDS]: a filter for OpenSMTPD that signs outgoing mail (asks signerd)
 * or verifies incoming mail (asks verifyd) by the line protocol. smtpd starts
 * it, as smtpd's own user.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <ev.h>

#include "common/endpoint.h"
#include "common/jail.h"
#include "common/log.h"
#include "common/loop_memory.h"
#include "common/version.h"
#include "filter/ask_out.h"
#include "filter/session.h"
#include "filter/smtpd_in.h"

struct arguments {
	const char *socket;
	double timeout;
	char host[HOST_NAME_MAX + 1];
	struct session_options options;
};

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr,
	    "usage: dnsmail-filter -s SOCKET | -v SOCKET [-a AUTHSERV-ID]\n"
	    "           [-d DIRECTORY] [-m MEBIBYTES] [-t SECONDS]\n"
	    "-s asks signerd, -v asks verifyd; SOCKET is unix:PATH\n");
	exit(EX_USAGE);
}

static unsigned
number(char option, const char *text, unsigned most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n == 0 || n > most)
		fatal(EX_USAGE, "-%c \"%s\" is not a number from 1 to %u",
		    option, text, most);
	return (unsigned)n;
}

static void
ask_whom(struct arguments *a, enum session_role role)
{
	if (a->socket != NULL)
		usage();
	a->socket = optarg;
	a->options.role = role;
	a->options.limits.bind_always = role == SESSION_SIGNS;
}

static void
option_read(struct arguments *a, int option)
{
	switch (option) {
	case 's':
		ask_whom(a, SESSION_SIGNS);
		break;
	case 'v':
		ask_whom(a, SESSION_VERIFIES);
		break;
	case 'a':
		a->options.authserv_id = optarg;
		break;
	case 'd':
		a->options.limits.spool = optarg;
		break;
	case 'm':
		a->options.limits.most = (uint64_t)number('m', optarg, 4096)
		    << 20;
		break;
	case 't':
		a->timeout = number('t', optarg, 3600);
		break;
	case 'V':
		printf("dnsmail-filter (DNS Mail) %s\n", dnsmail_version);
		exit(EX_OK);
	default:
		usage();
	}
}

static void
arguments_read(struct arguments *a, int argc, char **argv)
{
	int ch;

	*a = (struct arguments){ .timeout = 30. };
	a->options.limits.spool = "/tmp";
	a->options.limits.most = 64 << 20;
	if (gethostname(a->host, sizeof(a->host) - 1) == 0)
		a->options.authserv_id = a->host;
	while ((ch = getopt(argc, argv, "a:d:m:s:t:v:V")) != -1)
		option_read(a, ch);
	if (optind != argc || a->socket == NULL)
		usage();
}

/* It writes only into its spool, and reads nothing: /proc is for a leak checker
   at its end. */
static void
enter_jail(const struct arguments *a, const struct endpoint *e)
{
	const char *const readable[] = { "/proc", NULL };
	const char *const writable[] = { a->options.limits.spool, NULL };
	unsigned promises = JAIL_IPC;

	if (access(a->options.limits.spool, W_OK | X_OK) == -1)
		fatal(EX_CANTCREAT, "-d %s: %s", a->options.limits.spool,
		    strerror(errno));
	if (e->sa.ss_family != AF_UNIX)
		promises |= JAIL_NET;
	if (jail_enter(promises, readable, writable) == -1)
		exit(EX_OSERR);
}

int
main(int argc, char **argv)
{
	struct arguments a;
	struct endpoint e = { 0 };
	struct ev_loop *loop;
	struct asker *asker;
	struct smtpd_in *in;
	const char *why;

	arguments_read(&a, argc, argv);
	if (endpoint_parse(&e, a.socket, &why) == -1)
		fatal(EX_USAGE, "%s: %s", a.socket, why);
	signal(SIGPIPE, SIG_IGN);
	loop_memory_keep();
	loop = ev_default_loop(EVFLAG_NOENV);
	enter_jail(&a, &e);
	asker = loop != NULL ? asker_new(loop, &e, a.timeout) : NULL;
	in = asker != NULL
	    ? smtpd_in_new(loop, STDIN_FILENO, STDOUT_FILENO, &a.options, asker)
	    : NULL;
	if (in == NULL)
		fatal(EX_OSERR, "cannot begin: %s", strerror(errno));
	ev_run(loop, 0);
	smtpd_in_free(in);
	asker_free(asker);
	ev_loop_destroy(loop);
	return EX_OK;
}
