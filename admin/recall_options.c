/* Knows how criteria are written; reaperd looks at them again. */
#include "admin/recall_options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin/recall_when.h"
#include "common/address.h"
#include "common/message_id.h"
#include "common/version.h"

#define DEFAULT_CONFIG "/etc/dnsmail/dnsmail.conf"

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr,
	    "usage: dnsmail-recall [-c FILE] [--dry-run | --yes] CRITERION...\n"
	    "CRITERION is one of\n"
	    "  --id ID           the name in the field DNS-Mail-ID\n"
	    "  --from ADDRESS    the author\n"
	    "  --to ADDRESS      the recipient\n"
	    "  --domain DOMAIN   of ours, where the ID is\n"
	    "  --since WHEN      signed then or later\n"
	    "  --until WHEN      signed then or before\n"
	    "WHEN is a duration before now (90m, 2d), a local date\n"
	    "(2026-11-26, \"2026-11-26 10:00\") or @SECONDS since 1970\n");
	exit(EX_USAGE);
}

static void __attribute__((noreturn, format(printf, 1, 2)))
wrong(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "dnsmail-recall: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	exit(EX_USAGE);
}

/* ---- one value, into `out` as reaperd takes it ---- */

static bool
id_text(char *out, const char *text)
{
	struct message_id id;
	char name[MESSAGE_ID_NAME_MAX];

	if (!message_id_parse(&id, text, strlen(text)))
		return false;
	snprintf(out, RECALL_VALUE_MAX, "%s", message_id_name(&id, name));
	return true;
}

static bool
address_value(char *out, const char *text)
{
	struct address address;
	char buf[ADDRESS_MAX];

	if (address_from_path(&address, text) != ADDRESS_OK)
		return false;
	snprintf(out, RECALL_VALUE_MAX, "%s", address_text(&address, buf));
	return true;
}

static bool
domain_value(char *out, const char *text)
{
	return domain_normal(out, text, strlen(text));
}

static const struct key_form {
	bool (*take)(char *out, const char *text);
	const char *what;
} key_forms[] = {
	[RECALL_ID] = { id_text, "an ID, as the field DNS-Mail-ID has it" },
	[RECALL_FROM] = { address_value, "an address that a record can hold" },
	[RECALL_TO] = { address_value, "an address that a record can hold" },
	[RECALL_DOMAIN] = { domain_value, "a domain name" },
};
_Static_assert(sizeof(key_forms) / sizeof(key_forms[0]) == RECALL_KEY__COUNT,
    "recall_key without a form");

static void
add_value(struct recall_options *o, enum recall_key key, const char *text)
{
	struct recall_values *values = &o->req.keys[key];

	if (values->n == RECALL_VALUES_MAX)
		wrong("--%s: more than %d of them", recall_key_names[key],
		    RECALL_VALUES_MAX);
	if (!key_forms[key].take(values->v[values->n], text))
		wrong("--%s: \"%s\" is not %s", recall_key_names[key], text,
		    key_forms[key].what);
	values->n++;
}

static int64_t
moment(const char *option, const char *text, int64_t now)
{
	int64_t when;

	if (!recall_when(&when, text, now))
		wrong("--%s: \"%s\" is neither a duration (90m) nor a date "
		      "(\"2026-11-26 10:00\") nor @SECONDS",
		    option, text);
	return when;
}

/* ---- all of them ---- */

enum { FIRST_KEY = 256 }; /* above all letters */

static const struct option options[] = {
	{ "id", required_argument, NULL, FIRST_KEY + RECALL_ID },
	{ "from", required_argument, NULL, FIRST_KEY + RECALL_FROM },
	{ "to", required_argument, NULL, FIRST_KEY + RECALL_TO },
	{ "domain", required_argument, NULL, FIRST_KEY + RECALL_DOMAIN },
	{ "since", required_argument, NULL, 's' },
	{ "until", required_argument, NULL, 'u' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "yes", no_argument, NULL, 'y' },
	{ 0 },
};

static void
option_read(struct recall_options *o, int option, int64_t now)
{
	switch (option) {
	case 'c':
		o->config = optarg;
		break;
	case 'n':
		o->dry_run = true;
		break;
	case 'y':
		o->yes = true;
		break;
	case 's':
		o->req.since = moment("since", optarg, now);
		break;
	case 'u':
		o->req.until = moment("until", optarg, now);
		break;
	case 'V':
		printf("dnsmail-recall (DNS Mail) %s\n", dnsmail_version);
		exit(EX_OK);
	default:
		if (option < FIRST_KEY)
			usage();
		add_value(o, (enum recall_key)(option - FIRST_KEY), optarg);
	}
}

static bool
says_nothing(const struct recall_req *r)
{
	size_t n = 0;

	for (size_t key = 0; key < RECALL_KEY__COUNT; key++)
		n += r->keys[key].n;
	return n == 0 && r->since == INT64_MIN && r->until == INT64_MAX;
}

void
recall_options_read(
    struct recall_options *o, int argc, char **argv, int64_t now)
{
	int option;

	o->config = DEFAULT_CONFIG;
	o->req.since = INT64_MIN;
	o->req.until = INT64_MAX;
	while ((option = getopt_long(argc, argv, "c:nyV", options, NULL)) != -1)
		option_read(o, option, now);
	if (optind < argc)
		wrong("\"%s\": every criterion has an option, as --from",
		    argv[optind]);
	if (says_nothing(&o->req))
		usage();
	if (o->req.since > o->req.until)
		wrong("--since is later than --until");
	if (o->dry_run && o->yes)
		wrong("--dry-run and --yes: one of them");
}
