/*
 * Asks signerd's own decision about a message that is named or in a file. It
 * ends with 0 it would be signed, 1 it would not, 3 it cannot be told.
 */
#include "admin/check_explain.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sysexits.h>
#include <time.h>

#include "admin/check_explain_text.h"
#include "admin/check_jail.h"
#include "admin/check_mail.h"
#include "admin/check_recipients.h"
#include "admin/saved_file_in.h"
#include "common/canon.h"
#include "common/record.h"
#include "signerd/config.h"

/* Who sends where neither --client nor --login says: a program on this host. */
static const char this_host[] = "127.0.0.1";

/* What the command was given. */
struct explain {
	const char *client, *login, *from;
	const char *file; /* NULL: the message is made up */
	struct check_recipients to;
	struct buffer octets; /* of the file */
	char *made_up;        /* To: */
	struct saved_mail saved;
	struct mail_kept kept;
};

/* ---- the decision ---- */

/* As signerd's mail_in.c: the fields, then the body. false: no memory. */
static bool
digest(const struct explain *e, char out[RECORD_DIGEST_TEXT])
{
	const char *values[CANON_FIELDS];
	size_t lengths[CANON_FIELDS];
	struct canon *canon = canon_new();

	out[0] = '\0';
	if (canon == NULL)
		return false;
	mail_first_fields(
	    &e->kept.message, canon_field_names, CANON_FIELDS, values, lengths);
	canon_header(canon, values, lengths);
	canon_body(canon, (const uint8_t *)e->saved.body, e->saved.body_len);
	canon_end(canon, out);
	canon_free(canon);
	return out[0] != '\0';
}

/* What would be published; NULL: the decision says why it is not. */
static struct plan *
plan_of(const struct explain *e, const struct sign_rules *rules,
    struct sign_decision *d)
{
	uint8_t random[PLAN_GROUPS_MAX][MESSAGE_ID_RANDOM];
	char bind[RECORD_DIGEST_TEXT];
	bool binds = rules->options->bind && e->file != NULL;

	if ((binds && !digest(e, bind)) ||
	    getrandom(random, sizeof(random), 0) != sizeof(random)) {
		sign_decision_set(d, SIGN_OUT_OF_MEMORY);
		return NULL;
	}
	return plan_new(d, rules, &e->kept.message, binds ? bind : NULL, random,
	    time(NULL));
}

static int
code_of(const struct sign_decision *d)
{
	if (d->reason == SIGN_OUT_OF_MEMORY)
		return CHECK_CANNOT_TELL;
	return d->action == SIGN_SIGN ? CHECK_OK : CHECK_WARNING;
}

static int
decide(const struct explain *e, const struct config *config)
{
	const struct sign_rules rules = { config,
		config_section(config, &signerd_section) };
	const struct explain_view view = { &rules, &e->kept.message, e->to.from,
		e->file != NULL };
	struct sign_decision d = { 0 };
	struct plan *plan = NULL;

	explain_decide(stdout, &view, &d);
	if (d.action == SIGN_SIGN)
		plan = plan_of(e, &rules, &d);
	explain_outcome(stdout, &view, &d, plan);
	plan_free(plan);
	return code_of(&d);
}

/* ---- the message ---- */

/* "a@b.test, c@d.test": shown to each other, as if To: named them. */
static char *
make_up(const struct check_recipients *to)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < to->n; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", to->v[i]);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static int
read_message(struct explain *e)
{
	if (e->file != NULL &&
	    saved_mail_read(
		&e->saved, (const char *)e->octets.data, e->octets.len) != 0)
		return -1;
	if (e->file == NULL &&
	    ((e->made_up = make_up(&e->to)) == NULL ||
		saved_mail_set(&e->saved, "To", e->made_up) != 0))
		return -1;
	if (e->from != NULL && saved_mail_set(&e->saved, "From", e->from) != 0)
		return -1;
	return check_recipients_shown(&e->to, &e->saved);
}

static int
explain_message(struct explain *e, const struct config *config)
{
	const struct signerd_config *options =
	    config_section(config, &signerd_section);
	struct check_envelope envelope = { .client = e->client,
		.login = e->login };

	if (read_message(e) != 0)
		return -1;
	envelope.recipients = (const char *const *)e->to.v;
	envelope.n_recipients = e->to.n;
	if (e->client == NULL && e->login == NULL)
		envelope.client = this_host;
	return check_mail_keep(&e->kept, sign_fields, &e->saved, &envelope,
	    (size_t)options->max_recipients);
}

static int
explain(struct explain *e, const struct config *config)
{
	if (explain_message(e, config) == 0)
		return decide(e, config);
	fprintf(stderr, "dnsmail-check: out of memory\n");
	return CHECK_CANNOT_TELL;
}

static void
explain_free(struct explain *e)
{
	mail_kept_free(&e->kept);
	saved_mail_free(&e->saved);
	check_recipients_free(&e->to);
	buffer_free(&e->octets);
	free(e->made_up);
}

/* ---- the command ---- */

static int
usage(void)
{
	fprintf(stderr,
	    "usage: dnsmail-check [-c FILE] explain [--client ADDRESS] "
	    "[--login USER]\n"
	    "           --from ADDRESS --to ADDRESS... [FILE]\n"
	    "  With FILE, a saved message (- is the standard input), --from "
	    "and --to\n"
	    "  stand in place of what it says.\n");
	return EX_USAGE;
}

static int
wrong(const char *option, const char *text, const char *what)
{
	fprintf(stderr, "dnsmail-check: --%s: \"%s\" is no %s\n", option, text,
	    what);
	return EX_USAGE;
}

/* A line end in it would be another field. */
static bool
is_address(const char *text)
{
	struct address a;
	enum address_result r = address_from_header(&a, text, strlen(text));

	return strpbrk(text, "\r\n") == NULL &&
	    (r == ADDRESS_OK || r == ADDRESS_UNREPRESENTABLE);
}

static int
take_option(struct explain *e, int option, const char *value)
{
	struct net_address client;

	switch (option) {
	case 'a':
		e->client = value;
		return net_address_parse(&client, value, strlen(value)) == 0
		    ? 0
		    : wrong("client", value, "IP address");
	case 'l':
		e->login = value;
		return 0;
	case 'f':
		e->from = value;
		return is_address(value) ? 0 : wrong("from", value, "address");
	case 't':
		return check_recipients_add(&e->to, value) == 0
		    ? 0
		    : wrong("to", value, "address");
	default:
		return usage();
	}
}

static int
read_options(struct explain *e, int argc, char **argv)
{
	static const struct option options[] = {
		{ "client", required_argument, NULL, 'a' },
		{ "login", required_argument, NULL, 'l' },
		{ "from", required_argument, NULL, 'f' },
		{ "to", required_argument, NULL, 't' },
		{ 0 },
	};
	int option, code = 0;

	while (code == 0 &&
	    (option = getopt_long(argc, argv, "", options, NULL)) != -1)
		code = take_option(e, option, optarg);
	if (code != 0)
		return code;
	if (argc - optind > 1 ||
	    (argc == optind && (e->from == NULL || e->to.n == 0)))
		return usage();
	e->file = argv[optind]; /* NULL at the end */
	return 0;
}

int
check_explain_run(const struct check_options *options, struct config *config,
    int argc, char **argv)
{
	const struct signerd_config *signerd =
	    config_section(config, &signerd_section);
	struct explain e = { 0 };
	int code = read_options(&e, argc, argv);

	if (code == 0 && options->json) {
		fprintf(stderr, "dnsmail-check: --json is not for this\n");
		code = EX_USAGE;
	}
	if (code == 0 && e.file != NULL &&
	    saved_file_read(e.file, &e.octets) != 0)
		code = EX_NOINPUT;
	if (code == 0)
		code = check_jail_enter(0, signerd->user) == 0
		    ? explain(&e, config)
		    : CHECK_CANNOT_TELL;
	explain_free(&e);
	return code;
}
