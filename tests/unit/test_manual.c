/*
 * dnsmail.conf(5) against the tables of options: each option stands in the
 * subsection of its section, with its type, range and default, and nothing
 * else does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/config.h"
#include "common/config_file.h"
#include "common/config_number.h"

#define PAGE "doc/dnsmail.conf.5" /* tests run in the top directory */

enum { LINE = 512, LINES = 4000 };

static char (*lines)[LINE];
static size_t n_lines;

static int
begin(void **state)
{
	FILE *f = fopen(PAGE, "r");

	(void)state;
	lines = calloc(LINES, sizeof(*lines));
	if (f == NULL || lines == NULL)
		return -1;
	while (n_lines < LINES && fgets(lines[n_lines], LINE, f) != NULL) {
		lines[n_lines][strcspn(lines[n_lines], "\n")] = '\0';
		n_lines++;
	}
	return fclose(f);
}

static int
finish(void **state)
{
	(void)state;
	free(lines);
	return 0;
}

/* ---- what the page must say of an option ---- */

static const char *const type_words[CONFIG__COUNT] = {
	[CONFIG_BOOL] = "true or false",
	[CONFIG_INT] = "number",
	[CONFIG_MODE] = "mode, 0000 to 0777",
	[CONFIG_STRING] = "text",
	[CONFIG_WORD] = "one of",
	[CONFIG_DURATION] = "duration",
	[CONFIG_DOMAIN] = "domain",
	[CONFIG_STRINGS] = "list of texts",
	[CONFIG_DOMAINS] = "list of domains",
	[CONFIG_SERVERS] = "list of name servers",
	[CONFIG_NETWORKS] = "list of networks",
	[CONFIG_NET_WORDS] = "list of NETWORK=WORD, each one of",
	[CONFIG_PORTS] = "list of ports, 0 to 65535",
	[CONFIG_ENDPOINTS] = "list of sockets",
};

static void
put_range(FILE *out, const struct config_option *o)
{
	char low[CONFIG_DURATION_TEXT], high[CONFIG_DURATION_TEXT];

	if (o->type == CONFIG_INT)
		fprintf(out, ", %lld to %lld", (long long)o->min,
		    (long long)o->max);
	if (o->type == CONFIG_DURATION)
		fprintf(out, ", %s to %s", config_duration_text(low, o->min),
		    config_duration_text(high, o->max));
	if (o->type == CONFIG_STRING && o->max > 0)
		fprintf(out, ", %lld to %lld octets", (long long)o->min,
		    (long long)o->max);
	else if (o->type == CONFIG_STRING && o->min > 0)
		fputs(", not empty", out);
	for (int i = 0; o->words != NULL && o->words[i] != NULL; i++)
		fprintf(out, " %s", o->words[i]);
}

/* A list's members are blank separated in the table. */
static void
put_default(FILE *out, const struct config_option *o)
{
	const char *p = o->fallback;

	if (p == NULL) {
		fputs("; required", out);
		return;
	}
	fprintf(out, "; default %s", *p == '\0' ? "empty" : "");
	for (; *p != '\0'; p++)
		fprintf(out, *p == ' ' ? ", " : "%c", *p);
}

static const char *
wanted(const struct config_option *o, char buf[LINE])
{
	FILE *out = fmemopen(buf, LINE, "w");

	assert_non_null(out);
	assert_non_null(type_words[o->type]);
	fprintf(out, ".Pq %s", type_words[o->type]);
	put_range(out, o);
	put_default(out, o);
	assert_int_equal(fclose(out), 0);
	return buf;
}

/* ---- where it must stand ---- */

static const char *
heading(const struct config_section *section, char buf[LINE])
{
	if (section->name[0] == '\0')
		return strcpy(buf, ".Ss The file itself");
	snprintf(buf, LINE, ".Ss The section %s", section->name);
	return buf;
}

/* The first line behind the heading; n_lines: there is none. */
static size_t
subsection(const struct config_section *section)
{
	char buf[LINE];

	heading(section, buf);
	for (size_t i = 0; i < n_lines; i++)
		if (strcmp(lines[i], buf) == 0)
			return i + 1;
	return n_lines;
}

static size_t
end_of(size_t at)
{
	while (at < n_lines && strncmp(lines[at], ".S", 2) != 0)
		at++;
	return at;
}

static void
has_option(const struct config_section *section, const struct config_option *o)
{
	char item[LINE], line[LINE];
	size_t i = subsection(section), end = end_of(i);

	snprintf(item, sizeof(item), ".It Cm %s", o->name);
	while (i < end && strcmp(lines[i], item) != 0)
		i++;
	if (i == end)
		fail_msg(PAGE ": section \"%s\" lacks \"%s\"", section->name,
		    o->name);
	wanted(o, line);
	if (strcmp(lines[i + 1], line) != 0)
		fail_msg(
		    PAGE ":%zu: %s: \"%s\" is wanted", i + 2, o->name, line);
}

static void
has_section(const struct config_section *section)
{
	const struct config_section *child;

	for (size_t i = 0; i < section->n_options; i++)
		has_option(section, &section->options[i]);
	if (section == config_sections[0])
		return;
	for (size_t i = 0; (child = config_file_child(section, i)) != NULL; i++)
		has_section(child);
}

static void
the_page_has_every_option_with_type_range_and_default(void **state)
{
	(void)state;
	for (size_t i = 0; config_sections[i] != NULL; i++)
		has_section(config_sections[i]);
}

static bool
is_option(const struct config_section *section, const char *name)
{
	for (size_t i = 0; i < section->n_options; i++)
		if (strcmp(section->options[i].name, name) == 0)
			return true;
	return false;
}

static void
has_no_others(const struct config_section *section)
{
	static const char item[] = ".It Cm ";
	const struct config_section *child;
	size_t i = subsection(section), end = end_of(i);

	for (; i < end; i++)
		if (strncmp(lines[i], item, strlen(item)) == 0 &&
		    !is_option(section, lines[i] + strlen(item)))
			fail_msg(PAGE ":%zu: no option of \"%s\": %s", i + 1,
			    section->name, lines[i]);
	if (section == config_sections[0])
		return;
	for (i = 0; (child = config_file_child(section, i)) != NULL; i++)
		has_no_others(child);
}

static void
the_page_has_no_option_that_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; config_sections[i] != NULL; i++)
		has_no_others(config_sections[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_page_has_every_option_with_type_range_and_default),
		cmocka_unit_test(the_page_has_no_option_that_is_none),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
