/*
 * The configuration: defaults as the design writes them, every kind of mistake
 * with its line, the limits of every type, and the sample file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ctype.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/config.h"
#include "common/config_file.h"
#include "common/config_value.h"
#include "publishd/config.h"
#include "reaperd/config.h"
#include "signerd/config.h"
#include "verifyd/config.h"

#define SAMPLE "etc/dnsmail.conf" /* tests run in the top directory */

static char dir[64], path[128];
static char complaints[8192]; /* one per line, without the path */

static int
begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_config.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/c", dir);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void
complain(void *arg, const char *text)
{
	size_t used = strlen(complaints);

	(void)arg;
	assert_int_equal(strncmp(text, path, strlen(path)), 0);
	snprintf(complaints + used, sizeof(complaints) - used, "%s\n",
	    text + strlen(path) + 1);
}

static void
write_file(const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static struct config *
load(const char *text)
{
	complaints[0] = '\0';
	write_file(text, strlen(text));
	return config_load(path, complain, NULL);
}

static struct config *
load_good(const char *text)
{
	struct config *config = load(text);

	if (config == NULL)
		fail_msg("%s\nwas refused: %s", text, complaints);
	return config;
}

/* The file is refused, and the complaints are of just these lines. */
static void
refuse(const char *text, const char *lines)
{
	char seen[256] = "", *line = complaints;
	struct config *config = load(text);

	if (config != NULL)
		fail_msg("%s\nwas taken", text);
	for (; *line != '\0'; line = strchr(line, '\n') + 1) {
		size_t used = strlen(seen);

		snprintf(seen + used, sizeof(seen) - used, "%s%.*s",
		    used > 0 ? " " : "", (int)strspn(line, "0123456789"), line);
	}
	if (strcmp(seen, lines) != 0)
		fail_msg("%s\nexpected complaints of lines %s\nsaw: %s", text,
		    lines, complaints);
}

/* ... and the words contain `what`. */
static void
refuse_as(const char *text, const char *lines, const char *what)
{
	refuse(text, lines);
	if (strstr(complaints, what) == NULL)
		fail_msg("%s\nexpected: %s\nsaw: %s", text, what, complaints);
}

/* ---- what is taken ---- */

static void
an_empty_file_gives_the_designs_defaults(void **state)
{
	struct config *config = load_good("");
	const struct config_global *g = config_global(config);
	const struct signerd_config *s =
	    config_section(config, &signerd_section);
	const struct publishd_config *p =
	    config_section(config, &publishd_section);
	const struct verifyd_config *v =
	    config_section(config, &verifyd_section);
	const struct reaperd_config *r =
	    config_section(config, &reaperd_section);
	char host[256];
	size_t n;

	(void)state;
	assert_int_equal(gethostname(host, sizeof(host)), 0);
	assert_string_equal(g->authserv_id, host);
	assert_string_equal(g->run_dir, "/run/dnsmail");
	assert_int_equal(g->log, LOG_TO_STDERR);
	assert_int_equal(g->log_addresses, LOG_ADDRESSES_YES);
	config_domains(config, &n);
	assert_int_equal(n, 0);

	assert_int_equal(s->milter.n, 1);
	assert_string_equal(
	    s->milter.v[0].text, "unix:/run/dnsmail/signerd/milter.sock");
	assert_int_equal(s->socket_mode, 0660);
	assert_int_equal(s->trusted.n, 2);
	assert_int_equal(s->trusted.v[0].bits, 8);
	assert_int_equal(s->trusted.v[1].bits, 128);
	assert_true(s->forward && s->bind && !s->require_login);
	assert_int_equal(s->on_error, ON_ERROR_TEMPFAIL);
	assert_int_equal(s->private, PRIVATE_BLIND);
	assert_int_equal(s->login_match, LOGIN_MATCH_NONE);
	assert_true(s->timeout == 10);
	assert_int_equal(s->max_recipients, 1000);

	assert_string_equal(p->key_file, "/etc/dnsmail/update.key");
	assert_int_equal(p->max_batch, 500);
	assert_int_equal(p->max_pending, 20000);
	assert_true(p->timeout == 8);
	assert_string_equal(p->signers.v[0], "dnsmail-sign");
	assert_string_equal(p->removers.v[0], "dnsmail-reap");

	assert_int_equal(v->resolvers.n, 0);
	assert_int_equal(v->on_temperror, ACTION_TEMPFAIL);
	assert_int_equal(v->on_fail, ACTION_ACCEPT);
	assert_true(v->honour_wish && !v->observe);
	assert_true(v->propagation_wait == 5 && v->timeout == 10);
	assert_true(v->max_age == 14 * 86400.0);
	assert_int_equal(v->max_ids, 8);
	assert_int_equal(v->max_hops, 4);
	assert_int_equal(v->max_servers, 4);
	assert_int_equal(v->allow_ports.n, 1);
	assert_int_equal(v->allow_ports.v[0], 53);
	assert_int_equal(v->cache_size, 100000);

	assert_string_equal(r->key_file, "");
	assert_true(r->poll == 60);
	assert_int_equal(r->rate, 2000);
	config_unref(config);
}

static void
a_domain_has_its_defaults_from_its_title_and_primary(void **state)
{
	struct config *config =
	    load_good("domain \"My_ISP.Net.\" { primary = \"127.0.0.1@54\" }");
	const struct config_domain *d = config_domain(config, "my_isp.net");

	(void)state;
	assert_non_null(d);
	assert_string_equal(d->name, "my_isp.net");
	assert_string_equal(d->zone, "my_isp.net");
	assert_int_equal(d->servers.n, 1);
	assert_int_equal(d->primaries.n, 1);
	assert_true(net_address_equal(&d->servers.v[0], &d->primaries.v[0]));
	assert_int_equal(net_address_port(&d->primaries.v[0]), 54);
	assert_int_equal(d->ttl, 60);
	assert_true(d->lifetime == 7 * 86400.0);
	config_unref(config);
}

static void
a_domain_has_several_primaries_which_are_its_servers(void **state)
{
	struct config *config =
	    load_good("domain x.test { primary = {\"10.0.0.1\", \"::1@5\"} }");
	const struct config_domain *d = config_domain(config, "x.test");

	(void)state;
	assert_int_equal(d->primaries.n, 2);
	assert_int_equal(net_address_port(&d->primaries.v[0]), 53);
	assert_int_equal(net_address_port(&d->primaries.v[1]), 5);
	assert_int_equal(d->servers.n, 2);
	for (size_t i = 0; i < 2; i++)
		assert_true(
		    net_address_equal(&d->servers.v[i], &d->primaries.v[i]));
	config_unref(config);
}

static void
primaries_are_one_to_eight_and_different(void **state)
{
#define EIGHT                                                             \
	"\"::1\", \"::2\", \"::3\", \"::4\", \"::5\", \"::6\", \"::7\", " \
	"\"::8\""
	(void)state;
	refuse_as("domain x.test {\n primary = {} }", "2", "is empty");
	config_unref(load_good("domain x.test { primary = {" EIGHT "} }"));
	refuse_as("domain x.test {\n primary = {" EIGHT ", \"::9\"} }", "2",
	    "more than 8");
	refuse_as(
	    "domain x.test {\n primary = {\"::1\", \"::2\", \"::1@53\"} }", "2",
	    "twice");
	refuse_as("domain x.test { primary = {\"::1\",\n\"ns.x.test\"} }", "2",
	    "ADDRESS");
#undef EIGHT
}
static void
a_domain_is_found_among_many_and_others_are_not(void **state)
{
	static char text[64 * 1024];
	char name[32];
	struct config *config;
	size_t n;

	(void)state;
	text[0] = '\0';
	for (int i = 999; i >= 0; i--)
		snprintf(text + strlen(text), 64,
		    "domain d%d.test { primary = \"::1\" }\n", i);
	config = load_good(text);
	config_domains(config, &n);
	assert_int_equal(n, 1000);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "d%d.test", i);
		assert_string_equal(config_domain(config, name)->name, name);
	}
	assert_null(config_domain(config, "d1000.test"));
	assert_null(config_domain(config, "test"));
	assert_null(config_domain(config, ""));
	config_unref(config);
}

static void
values_come_quoted_bare_and_in_lists_over_lines(void **state)
{
	struct config *config = load_good("log = syslog # a comment\n"
					  "/* { \" ' */ run-dir = '/x/{y}'\n"
					  "signerd {\n"
					  "	trusted = {\n"
					  "		10.0.0.0/8, # one\n"
					  "		\"::/0\" // two\n"
					  "	}\n"
					  "	trusted += {\"1.2.3.4\"}\n"
					  "	publishers = ipc:///a//b\n"
					  "	policy = {}\n"
					  "}\n");
	const struct signerd_config *s =
	    config_section(config, &signerd_section);

	(void)state;
	assert_int_equal(config_global(config)->log, LOG_TO_SYSLOG);
	assert_string_equal(config_global(config)->run_dir, "/x/{y}");
	assert_int_equal(s->trusted.n, 3);
	assert_int_equal(s->publishers.n, 1);
	assert_string_equal(s->publishers.v[0], "ipc:///a//b");
	config_unref(config);
}

static double
timeout_of(const char *written)
{
	char text[128];
	struct config *config;
	double seconds;

	snprintf(text, sizeof(text), "signerd { timeout = \"%s\" }", written);
	config = load_good(text);
	seconds = ((const struct signerd_config *)config_section(
		       config, &signerd_section))
		      ->timeout;
	config_unref(config);
	return seconds;
}

static void
durations_have_units(void **state)
{
	(void)state;
	assert_true(timeout_of("100ms") == 0.1);
	assert_true(timeout_of("1500ms") == 1.5);
	assert_true(timeout_of("010s") == 10); /* not octal */
	assert_true(timeout_of("5m") == 300);
}

static void
references_keep_a_configuration(void **state)
{
	struct config *config = load_good("run-dir = /a");

	(void)state;
	assert_ptr_equal(config_ref(config), config);
	config_unref(config);
	assert_string_equal(config_global(config)->run_dir, "/a");
	config_unref(config);
	config_unref(NULL);
}

static void
an_option_knows_where_it_stands(void **state)
{
	struct config *config =
	    load_good("\npublishd {\n\n\tkey-file = \"/k\"\n}\n");
	char buf[CONFIG_WHERE_MAX], wanted[256];

	(void)state;
	snprintf(wanted, sizeof(wanted), "%s:4", path);
	assert_string_equal(
	    config_where(config, &publishd_section, "key-file", buf), wanted);
	assert_string_equal(
	    config_where(config, &publishd_section, "timeout", buf), path);
	assert_string_equal(
	    config_where(config, &reaperd_section, "key-file", buf), path);
	config_unref(config);
}

/* ---- what is refused ---- */

static void
an_unknown_name_is_refused_with_its_line(void **state)
{
	(void)state;
	refuse_as("log = stderr\nlgo = syslog\n", "2", "lgo");
	refuse_as("signerd {\n\n\tmax-batch = 5\n}\n", "3", "max-batch");
	refuse_as("\n\nsignd {\n}\n", "3", "signd");
	refuse_as("include(\"/etc/passwd\")\n", "1", "include");
}

static void
a_value_of_the_wrong_type_is_refused_with_its_line(void **state)
{
	(void)state;
	refuse_as("\nsignerd { max-recipients = many }", "2", "a number");
	refuse_as("signerd {\n forward = maybe }", "2", "true or false");
	refuse_as("signerd {\n timeout = 5 }", "2", "a duration");
	refuse_as("signerd {\n timeout = nan }", "2", "a duration");
	refuse_as("signerd {\n timeout = \"1.5s\" }", "2", "a duration");
	refuse_as("signerd {\n timeout = \"-1s\" }", "2", "a duration");
	refuse_as("signerd {\n socket-mode = 888 }", "2", "a mode");
	refuse_as("signerd {\n socket-mode = 7777 }", "2", "a mode");
	refuse_as("log =\n files", "2", "stderr syslog");
	refuse_as("signerd { trusted = {\"::1\",\n \"10.0.0.1/8\"} }", "2",
	    "a network");
	refuse_as("signerd { milter =\n \"/run/x\" }", "2", "unix:");
	refuse_as("verifyd { resolvers = {\"127.0.0.1\",\n\n\"one\"} }", "3",
	    "ADDRESS");
	refuse_as("verifyd { allow-ports = {\n65536} }", "2", "a port");
	refuse_as("verifyd { require = {\n\"a b\"} }", "2", "a domain");
	refuse_as(
	    "domain x.test { primary =\n \"ns.x.test\" }", "2", "ADDRESS");
	refuse_as(
	    "domain \"x test\" { primary = \"::1\" }", "1", "no domain name");
}

static void
ranges_end_where_they_say(void **state)
{
	(void)state;
	config_unref(load_good("domain x.test { primary = ::1\n ttl = 0 }"));
	config_unref(load_good("domain x.test { primary = ::1\n ttl = 3600 }"));
	refuse("domain x.test { primary = ::1\n ttl = 3601 }", "2");
	refuse("domain x.test { primary = ::1\n ttl = -1 }", "2");
	refuse(
	    "domain x.test { primary = ::1\n ttl = 9999999999999999999 }", "2");
	refuse("domain x.test { primary = ::1\n lifetime = \"999ms\" }", "2");
	refuse("domain x.test { primary = ::1\n lifetime = \"367d\" }", "2");
	refuse("domain x.test { primary = ::1\n"
	       " lifetime = \"999999999999999d\" }",
	    "2");
	refuse("publishd {\n max-batch = 0 }", "2");
	refuse_as("signerd {\n timeout = \"99ms\" }", "2", "100ms to 5m");
}

static void
every_wrong_value_is_told_at_once(void **state)
{
	(void)state;
	refuse("log = x\n"
	       "domain a.test { }\n"
	       "signerd {\n"
	       "	trusted = {a,\n"
	       "	    \"::1\", b}\n"
	       "	bind = x\n"
	       "}\n"
	       "reaperd { rate = 0 }\n",
	    "1 2 4 5 6 8");
}

static void
a_required_option_that_is_missing_is_named(void **state)
{
	(void)state;
	refuse_as("domain x.test {\n ttl = 5\n}", "3", "primary");
}

static void
the_same_thing_twice_is_refused(void **state)
{
	(void)state;
	refuse_as("log = stderr\nlog = syslog\n", "2", "twice");
	refuse_as("signerd {\n bind = true\n bind = true\n}", "3", "twice");
	refuse_as(
	    "signerd {\n trusted = {a}\n trusted = {\"::1\"}\n}", "3", "twice");
	refuse_as("signerd { }\nsignerd {\n}\n", "3", "twice");
	refuse_as("domain x.test { primary = ::1 }\n"
		  "domain x.test { primary = ::1 }\n",
	    "2", "x.test");
	refuse_as("domain x.test { primary = ::1 }\n"
		  "domain y.test { primary = ::1 }\n"
		  "domain X.Test. { primary = ::1 }\n",
	    "3", "x.test");
}

static void
what_is_not_closed_is_refused_where_it_begins(void **state)
{
	(void)state;
	refuse_as("signerd {\n bind = true\n", "1", "brace");
	refuse_as("\nsignerd {\n trusted = {\"::1\",\n", "3", "brace");
	refuse_as("log = stderr\n/* signerd {\n}\n", "2", "comment");
	refuse_as("log = \"stderr\n\n", "1", "quoted");
	refuse_as("log = 'stderr\\", "1", "quoted");
	refuse("signerd { }\n}\n", "2");
	refuse("{{{{{{{{{{{{{{{{", "1");
}

/* A file that was cut off while it was written must not pass for a whole. */
static void
every_prefix_of_a_section_is_refused(void **state)
{
	static const char text[] =
	    "domain x.test {\n primary = \"127.0.0.1\"\n ttl = 30\n}";
	char cut[sizeof(text)];

	(void)state;
	for (size_t i = 1; i < sizeof(text) - 1; i++) {
		struct config *config;

		snprintf(cut, sizeof(cut), "%.*s", (int)i, text);
		config = load(cut);
		if (config != NULL)
			fail_msg("\"%s\" was taken", cut);
		assert_true(complaints[0] != '\0');
	}
}

static void
workers_are_1_to_64(void **state)
{
	(void)state;
	refuse_as("signerd {\n\n workers = 0 }", "3", "workers");
	refuse_as("verifyd {\n workers = 65 }", "2", "workers");
}

static void
domain_lists_are_taken_with_their_answers_in_order(void **state)
{
	struct config *config = load_good(
	    "verifyd {\n"
	    " reputation \"DBL.Example.NET.\" {\n"
	    "  answers = {\"127.0.1.2=reject\", \"127.0.1.0/24=quarantine\"}\n"
	    "  action-default = tempfail\n"
	    " }\n"
	    " reputation other.test { }\n"
	    "}\n");
	const struct verifyd_config *v =
	    config_section(config, &verifyd_section);
	const struct reputation_config *list = v->reputation.v;

	(void)state;
	assert_int_equal(v->reputation.n, 2);
	assert_string_equal(list[0].zone, "dbl.example.net");
	assert_int_equal(list[0].answers.n, 2);
	assert_int_equal(list[0].answers.v[0].network.bits, 32);
	assert_int_equal(list[0].answers.v[0].word, ACTION_REJECT);
	assert_int_equal(list[0].answers.v[1].network.bits, 24);
	assert_int_equal(list[0].answers.v[1].word, ACTION_QUARANTINE);
	assert_int_equal(list[0].action_default, ACTION_TEMPFAIL);
	assert_string_equal(list[1].zone, "other.test");
	assert_int_equal(list[1].answers.n, 0);
	assert_int_equal(list[1].action_default, ACTION_ACCEPT);
	config_unref(config);
}

/* Each in a list of two lines, the second of which is wrong: line 3. */
static void
answers_that_no_list_gives_are_refused(void **state)
{
	static const struct {
		const char *answer, *line, *what;
	} rows[] = {
		{ "", "3", "ADDRESS=WORD" },
		{ "127.0.1.2", "3", "ADDRESS=WORD" },
		{ "=reject", "3", "network" },
		{ "127.0.1=reject", "3", "network" },
		{ "127.0.1.256=reject", "3", "network" },
		{ "127.0.1.1/24=reject", "3", "network" },
		{ "127.0.1.2 =reject", "3", "network" },
		{ "a.test=reject", "3", "network" },
		{ "127.0.1.2=", "3", "one of accept" },
		{ "127.0.1.2=drop", "3", "one of accept" },
		{ "127.0.1.2=Reject", "3", "one of accept" },
		{ "127.0.1.2=reject=reject", "3", "network" },
		/* what is wrong with the whole is told at its beginning */
		{ "10.0.0.1=reject", "2", "127.0.0.0/8" },
		{ "126.0.0.0/7=reject", "2", "127.0.0.0/8" },
		{ "::1=reject", "2", "127.0.0.0/8" },
		{ "127.255.255.254=reject", "2", "127.255.255.0/24" },
		{ "127.255.255.0/24=reject", "2", "127.255.255.0/24" },
		{ "127.0.0.0/28=accept", "2", "twice" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text),
		    "verifyd { reputation dbl.test {\n"
		    "answers = {\"127.0.0.0/28=reject\",\n\"%s\"} } }",
		    rows[i].answer);
		refuse_as(text, rows[i].line, rows[i].what);
	}
}

static void
a_domain_list_is_given_once_and_has_a_domain(void **state)
{
	(void)state;
	refuse_as("verifyd { reputation dbl.test {\n}\nreputation dbl.test {\n"
		  "} }",
	    "3", "duplicate");
	refuse_as("verifyd { reputation dbl.test {\n}\nreputation DBL.Test. {\n"
		  "} }",
	    "4", "given twice");
	refuse_as("verifyd { reputation a.test { } reputation b.test { }\n"
		  "reputation c.test { } reputation B.test { } }",
	    "2", "given twice");
	refuse_as("verifyd {\n reputation \"a b\" {\n} }", "3", "domain name");
	refuse_as("verifyd {\n reputation \"\" {\n} }", "3", "domain name");
	refuse("verifyd {\n reputation {\n} }", "2");
	refuse("reputation dbl.test {\n}", "1");
	refuse_as("verifyd { reputation dbl.test {\n action-default = drop } }",
	    "2", "one of accept");
	refuse_as(
	    "verifyd { reputation dbl.test {\n zone = x.test } }", "2", "zone");
	refuse_as("verifyd { reputation a.test {\n answers = {\"::1=accept\"} }"
		  "\nreputation b.test {\n answers = {\"::1=accept\"} } }",
	    "2 4", "127.0.0.0/8");
}

static void
sections_must_fit_together(void **state)
{
	(void)state;
	refuse_as("run-dir = run", "1", "absolute");
	refuse_as("signerd {\n forward-domain = x.test }", "2", "no domain of");
	config_unref(load_good("signerd { forward-domain = X.test }\n"
			       "domain x.test { primary = ::1 }"));
	refuse_as(
	    "domain a.x.test { primary = ::1\n zone = y.test }", "2", "zone");
	refuse_as(
	    "domain ax.test { primary = ::1\n zone = x.test }", "2", "zone");
	config_unref(
	    load_good("domain a.x.test { primary = ::1\n zone = x.test }"));
	refuse_as("signerd { publishers = {} }", "1", "publishers");
	refuse_as("publishd {\n\n signers = {a, \"tls:*.test\"} }", "3",
	    "signers: \"tls:*.test\": a wildcard");
	refuse_as("publishd {\n removers = {tls:x.} }", "2", "removers: ");
	refuse_as("publishd {\n admins = {tls:x} }", "2", "admins: ");
	refuse_as("reaperd {\n admins = {tls:x} }", "2", "admins: ");
}

static void
what_is_no_text_file_is_refused(void **state)
{
	(void)state;
	complaints[0] = '\0';
	assert_null(config_load(path, complain, NULL));
	assert_non_null(strstr(complaints, "No such file"));

	assert_int_equal(mkdir(path, 0700), 0);
	complaints[0] = '\0';
	assert_null(config_load(path, complain, NULL));
	assert_non_null(strstr(complaints, "not a plain file"));
	assert_int_equal(rmdir(path), 0);

	assert_int_equal(mkfifo(path, 0600), 0);
	complaints[0] = '\0';
	assert_null(config_load(path, complain, NULL));
	assert_non_null(strstr(complaints, "not a plain file"));
	assert_int_equal(unlink(path), 0);

	write_file("log = stderr\n\0", 14);
	complaints[0] = '\0';
	assert_null(config_load(path, complain, NULL));
	assert_non_null(strstr(complaints, "NUL"));

	assert_int_equal(truncate(path, CONFIG_TEXT_MAX + 1), 0);
	complaints[0] = '\0';
	assert_null(config_load(path, complain, NULL));
	assert_non_null(strstr(complaints, "larger"));
}

/* The parser keeps state between files; an error must not spoil the next. */
static void
a_hundred_wrong_files_do_not_spoil_a_right_one(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		refuse("signerd { bind = \"x\n", "1");
		refuse("signerd {\n nothing = 1 }", "2");
		refuse("log = = =", "1");
	}
	config_unref(load_good("signerd { bind = false }"));
}

/* ---- the tables and the sample ---- */

static void
check_defaults(const struct config_section *kind)
{
	const struct config_section *child;

	for (size_t i = 0; i < kind->n_options; i++) {
		const struct config_option *o = &kind->options[i];
		uint64_t field[16] = { 0 };

		if (o->fallback == NULL)
			continue;
		if (config_value_default(o, field) == -1)
			fail_msg("%s: its default \"%s\" is wrong", o->name,
			    o->fallback);
		config_value_clear(o, field);
	}
	if (kind == config_sections[0])
		return;
	for (size_t i = 0; (child = config_file_child(kind, i)) != NULL; i++)
		check_defaults(child);
}

static void
every_default_is_a_value_of_its_type(void **state)
{
	(void)state;
	for (size_t i = 0; config_sections[i] != NULL; i++)
		check_defaults(config_sections[i]);
}

/* The sample with its option lines switched on: "#x" without a blank. */
static char *
sample_switched_on(void)
{
	FILE *f = fopen(SAMPLE, "r");
	char *text = NULL, line[256];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (f == NULL)
		fail_msg("%s cannot be read from here", SAMPLE);
	while (fgets(line, sizeof(line), f) != NULL) {
		char *hash = line + strspn(line, "\t");

		if (*hash == '#' && !isspace((unsigned char)hash[1]))
			*hash = ' ';
		fputs(line, out);
	}
	fclose(f);
	fclose(out);
	return text;
}

static void
given_as_default(const struct config_option *o, const struct config_given *g)
{
	char seen[512] = "";

	if (!g->given)
		fail_msg("the sample lacks %s", o->name);
	for (size_t i = 0; i < g->n; i++)
		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen),
		    "%s%s", i > 0 ? " " : "", g->v[i].text);
	if (o->fallback != NULL && strcmp(seen, o->fallback) != 0)
		fail_msg("%s: the sample says \"%s\", the table \"%s\"",
		    o->name, seen, o->fallback);
}

static void
block_is_complete(const struct config_block *b)
{
	const struct config_section *kind;

	for (size_t i = 0; i < b->section->n_options; i++)
		given_as_default(&b->section->options[i], &b->given[i]);
	for (size_t i = 0; (kind = config_file_child(b->section, i)) != NULL;
	     i++) {
		size_t j = 0;

		while (j < b->n_children && b->children[j].section != kind)
			j++;
		if (j == b->n_children)
			fail_msg("the sample lacks a section %s", kind->name);
		block_is_complete(&b->children[j]);
	}
}

static void
the_sample_shows_every_option_with_its_default(void **state)
{
	struct config_complaints c = { .path = path, .fn = complain };
	char *text = sample_switched_on();
	struct config_block *root;

	(void)state;
	complaints[0] = '\0';
	assert_int_equal(config_text_check(&c, text), 0);
	root = config_file_parse(&c, text);
	assert_string_equal(complaints, "");
	assert_non_null(root);
	block_is_complete(root);
	config_block_free(root);
	free(text);
}

static void
the_sample_is_right_as_it_is(void **state)
{
	struct config *config;

	(void)state;
	strcpy(path, SAMPLE);
	complaints[0] = '\0';
	config = config_load(path, complain, NULL);
	assert_string_equal(complaints, "");
	assert_non_null(config);
	config_unref(config);
}

#define in_a_directory(test) \
	cmocka_unit_test_setup_teardown(test, begin, finish)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_directory(an_empty_file_gives_the_designs_defaults),
		in_a_directory(
		    a_domain_has_its_defaults_from_its_title_and_primary),
		in_a_directory(
		    a_domain_has_several_primaries_which_are_its_servers),
		in_a_directory(primaries_are_one_to_eight_and_different),
		in_a_directory(a_domain_is_found_among_many_and_others_are_not),
		in_a_directory(values_come_quoted_bare_and_in_lists_over_lines),
		in_a_directory(durations_have_units),
		in_a_directory(references_keep_a_configuration),
		in_a_directory(an_option_knows_where_it_stands),
		in_a_directory(an_unknown_name_is_refused_with_its_line),
		in_a_directory(
		    a_value_of_the_wrong_type_is_refused_with_its_line),
		in_a_directory(ranges_end_where_they_say),
		in_a_directory(every_wrong_value_is_told_at_once),
		in_a_directory(a_required_option_that_is_missing_is_named),
		in_a_directory(the_same_thing_twice_is_refused),
		in_a_directory(what_is_not_closed_is_refused_where_it_begins),
		in_a_directory(every_prefix_of_a_section_is_refused),
		in_a_directory(workers_are_1_to_64),
		in_a_directory(
		    domain_lists_are_taken_with_their_answers_in_order),
		in_a_directory(answers_that_no_list_gives_are_refused),
		in_a_directory(a_domain_list_is_given_once_and_has_a_domain),
		in_a_directory(sections_must_fit_together),
		in_a_directory(what_is_no_text_file_is_refused),
		in_a_directory(a_hundred_wrong_files_do_not_spoil_a_right_one),
		cmocka_unit_test(every_default_is_a_value_of_its_type),
		cmocka_unit_test(
		    the_sample_shows_every_option_with_its_default),
		cmocka_unit_test(the_sample_is_right_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
