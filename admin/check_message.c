/*
 * Brings a message from a file to verifyd's own code, with the look-ups that
 * it makes, and has the course of it written. It ends with 0 pass, 1 not pass
 * (none, policy), 2 fail or permerror, 3 it cannot be told now (temperror).
 */
#include "admin/check_message.h"

#include <ev.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>

#include "admin/check_jail.h"
#include "admin/check_message_text.h"
#include "admin/check_recipients.h"
#include "admin/saved_file_in.h"
#include "common/jail.h"
#include "common/log.h"
#include "verifyd/config.h"
#include "verifyd/verifier_out.h"

/* One run. */
struct check {
	struct config *config;
	struct ev_loop *loop;
	struct verifier verifier;
	struct seen seen;
	struct saved_mail saved;
	struct check_mail mail;
	struct check_view view;
	struct buffer trouble;
	char log[2048]; /* as long as a line of the log is */
	int code;
	bool over;
};

/* verifyd's line of the verdict is the only one of that level. */
static void
take_line(void *arg, int priority, const char *text)
{
	struct check *c = arg;

	if (priority > LOG_WARNING) {
		snprintf(c->log, sizeof(c->log), "%s", text);
		return;
	}
	if (buffer_append(&c->trouble, "    ", 4) != 0 ||
	    buffer_append(&c->trouble, text, strlen(text)) != 0 ||
	    buffer_append(&c->trouble, "\n", 1) != 0)
		c->seen.no_memory = true;
}

static int
code_of(const struct check_view *v)
{
	static const int codes[VERIFY_RESULT__COUNT] = {
		[VERIFY_NONE] = CHECK_WARNING,
		[VERIFY_PASS] = CHECK_OK,
		[VERIFY_POLICY] = CHECK_WARNING,
		[VERIFY_FAIL] = CHECK_CRITICAL,
		[VERIFY_TEMPERROR] = CHECK_CANNOT_TELL,
		[VERIFY_PERMERROR] = CHECK_CRITICAL,
	};

	if (!check_message_verified(v))
		return CHECK_CANNOT_TELL;
	return codes[verify_verdict(v->seen->verify)->result];
}

/* The verify ends with this call's return: all is written now. */
static void
told(void *arg)
{
	struct check *c = arg;

	if (buffer_append(&c->trouble, "", 1) == 0)
		c->view.trouble = (const char *)c->trouble.data;
	c->view.message = mail_message(&c->mail.mail);
	check_message_text(stdout, &c->view);
	c->code = code_of(&c->view);
	c->over = true;
	ev_break(c->loop, EVBREAK_ALL);
}

/* The look-ups have their deadline, so the loop ends. */
static int
verify_it(struct check *c, const struct check_envelope *envelope)
{
	const struct verifyd_config *options =
	    config_section(c->config, &verifyd_section);
	struct lookup_watcher watcher = { &seen_watch, &c->seen };

	if (verifier_open(&c->verifier) != 0 ||
	    check_jail_enter(JAIL_NET, options->user) != 0 ||
	    verifier_start(&c->verifier, c->loop, c->config) != 0)
		return -1;
	c->verifier.lookups.watcher = watcher;
	ev_now_update(c->loop);
	if (check_mail_bring(
		&c->mail, &c->verifier.handler, &c->saved, envelope) != 0)
		return -1;
	if (!c->over)
		ev_run(c->loop, 0);
	return c->over ? 0 : -1;
}

static int
check_begin(struct check *c, struct config *config, const char *from)
{
	c->config = config;
	c->loop = ev_loop_new(EVFLAG_AUTO);
	c->mail.told = told;
	c->mail.arg = c;
	c->view = (struct check_view){
		.config = config,
		.saved = &c->saved,
		.answer = &c->mail,
		.seen = &c->seen,
		.recipients_from = from,
		.log = c->log,
		.trouble = "",
		.now = time(NULL),
	};
	return c->loop != NULL ? 0 : -1;
}

static void
check_end(struct check *c)
{
	log_divert(NULL, NULL);
	check_mail_free(&c->mail);
	verifier_close(&c->verifier);
	seen_free(&c->seen);
	saved_mail_free(&c->saved);
	buffer_free(&c->trouble);
	if (c->loop != NULL)
		ev_loop_destroy(c->loop);
}

/* Nothing was written: memory is short, or what the log says. */
static int
cannot(const struct check *c)
{
	if (c->trouble.len > 0)
		fprintf(stderr, "dnsmail-check:\n%.*s", (int)c->trouble.len,
		    (const char *)c->trouble.data);
	else
		fprintf(stderr, "dnsmail-check: out of memory\n");
	return CHECK_CANNOT_TELL;
}

static int
check_octets(struct config *config, const struct buffer *octets,
    struct check_recipients *to)
{
	struct check c = { 0 };
	struct check_envelope envelope = { 0 };
	int code;

	if (saved_mail_read(
		&c.saved, (const char *)octets->data, octets->len) == 0 &&
	    check_recipients_received(to, &c.saved) == 0 &&
	    check_begin(&c, config, to->from) == 0) {
		envelope.recipients = (const char *const *)to->v;
		envelope.n_recipients = to->n;
		log_divert(take_line, &c);
		verify_it(&c, &envelope);
	}
	code = c.over ? c.code : cannot(&c);
	check_end(&c);
	return code;
}

/* ---- the command ---- */

static int
usage(void)
{
	fprintf(stderr,
	    "usage: dnsmail-check [-c FILE] message [--to ADDRESS]... FILE\n"
	    "  FILE is a saved message, - the standard input;\n"
	    "  --to names the envelope recipients, else the message does\n");
	return EX_USAGE;
}

static int
read_options(struct check_recipients *to, int argc, char **argv)
{
	static const struct option options[] = {
		{ "to", required_argument, NULL, 't' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 't')
			return usage();
		if (check_recipients_add(to, optarg) != 0) {
			fprintf(stderr,
			    "dnsmail-check: --to: \"%s\" is no address\n",
			    optarg);
			return EX_USAGE;
		}
	}
	return argc - optind == 1 ? 0 : usage();
}

int
check_message_run(const struct check_options *options, struct config *config,
    int argc, char **argv)
{
	struct check_recipients to = { 0 };
	struct buffer octets = { 0 };
	int code = read_options(&to, argc, argv);

	if (code == 0 && options->json) {
		fprintf(stderr, "dnsmail-check: --json is not for messages\n");
		code = EX_USAGE;
	}
	if (code == 0)
		code = saved_file_read(argv[optind], &octets) == 0
		    ? check_octets(config, &octets, &to)
		    : EX_NOINPUT;
	buffer_free(&octets);
	check_recipients_free(&to);
	return code;
}
