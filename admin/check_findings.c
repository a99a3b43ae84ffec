/* Owns the list of findings. Must not know how any is made. */
#include "admin/check_findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "common/log.h"

enum { ARGUMENTS_MAX = 9 };

struct arguments {
	const char *v[ARGUMENTS_MAX];
	size_t n;
};

/* ---- words ---- */

static const char *
argument(const struct arguments *a, char digit)
{
	size_t i = (size_t)(digit - '1');

	return i < a->n ? a->v[i] : NULL;
}

/* What comes from DNS or a file may hold anything: no line is broken. */
static size_t
put(char *buf, size_t at, const char *text)
{
	for (; *text != '\0' && at + 1 < CHECK_TEXT_MAX; text++) {
		unsigned char c = (unsigned char)*text;

		buf[at++] = c < ' ' || c >= 0x7f ? '?' : (char)c;
	}
	return at;
}

static char *
fill(const char *words, const struct arguments *a)
{
	char buf[CHECK_TEXT_MAX];
	size_t at = 0;

	for (; *words != '\0'; words++) {
		char one[2] = { *words, '\0' };
		const char *value =
		    *words == '$' ? argument(a, words[1]) : NULL;

		at = put(buf, at, value != NULL ? value : one);
		words += value != NULL;
	}
	buf[at] = '\0';
	return strdup(buf);
}

static struct check_finding *
append(struct check_findings *f)
{
	struct check_finding *v = realloc(f->v, (f->n + 1) * sizeof(*v));

	if (v == NULL)
		return NULL;
	f->v = v;
	return &v[f->n++];
}

/* Two who look at one thing, the daemon and the mail server, find the same. */
static void
drop_twin(struct check_findings *f)
{
	const struct check_finding *last = &f->v[f->n - 1], *other = f->v;

	while (
	    other->code != last->code || strcmp(other->text, last->text) != 0)
		other++;
	if (other == last)
		return;
	free(last->text);
	free(last->remedy);
	f->n--;
}

void
check_say(struct check_findings *f, enum check_code code, ...)
{
	const struct check_words *words = &check_words[code];
	struct arguments a = { .n = 0 };
	struct check_finding *finding = append(f);
	va_list ap;

	va_start(ap, code);
	while (a.n < ARGUMENTS_MAX &&
	    (a.v[a.n] = va_arg(ap, const char *)) != NULL)
		a.n++;
	va_end(ap);
	if (finding == NULL)
		fatal(EX_OSERR, "out of memory");
	*finding = (struct check_finding){ .code = code,
		.text = fill(words->text, &a),
		.remedy =
		    fill(words->remedy != NULL ? words->remedy : "", &a) };
	if (finding->text == NULL || finding->remedy == NULL)
		fatal(EX_OSERR, "out of memory");
	drop_twin(f);
}

void
check_findings_free(struct check_findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].text);
		free(f->v[i].remedy);
	}
	free(f->v);
	*f = (struct check_findings){ 0 };
}

/* ---- what they say together ---- */

/* What is to be ignored is told, and counts for nothing. */
static bool
ignored(const struct check_findings *f, const struct check_finding *finding)
{
	const char *name = check_words[finding->code].name;

	for (size_t i = 0; f->ignored != NULL && i < f->ignored->n; i++)
		if (strcmp(f->ignored->v[i], name) == 0)
			return true;
	return false;
}

static const char *
level_name(const struct check_findings *f, const struct check_finding *finding)
{
	return ignored(f, finding)
	    ? "ignored"
	    : check_level_names[check_words[finding->code].level];
}

static size_t
count(const struct check_findings *f, enum check_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += check_words[f->v[i].code].level == level &&
		    !ignored(f, &f->v[i]);
	return n;
}

enum check_level
check_findings_level(const struct check_findings *f)
{
	static const enum check_level worst_first[] = { CHECK_CRITICAL,
		CHECK_CANNOT_TELL, CHECK_WARNING };

	for (size_t i = 0; i < sizeof(worst_first) / sizeof(worst_first[0]);
	     i++)
		if (count(f, worst_first[i]) > 0)
			return worst_first[i];
	return CHECK_OK;
}

const char *
check_summary(const struct check_findings *f, char *buf)
{
	size_t warnings = count(f, CHECK_WARNING);

	snprintf(buf, CHECK_SUMMARY_MAX,
	    "%s: %zu critical, %zu warning%s, %zu not known, %zu ok",
	    check_level_names[check_findings_level(f)],
	    count(f, CHECK_CRITICAL), warnings, warnings == 1 ? "" : "s",
	    count(f, CHECK_CANNOT_TELL), count(f, CHECK_OK));
	return buf;
}

/* ---- forms ---- */

void
check_findings_text(const struct check_findings *f)
{
	char summary[CHECK_SUMMARY_MAX];

	for (size_t i = 0; i < f->n; i++) {
		printf("%-11s  %s\n", level_name(f, &f->v[i]), f->v[i].text);
		if (f->v[i].remedy[0] != '\0')
			printf("%11s  -> %s\n", "", f->v[i].remedy);
	}
	printf("%s\n", check_summary(f, summary));
}

static void
json_string(const char *name, const char *text, const char *after)
{
	printf("\"%s\": \"", name);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	printf("\"%s", after);
}

void
check_findings_json(const struct check_findings *f)
{
	char summary[CHECK_SUMMARY_MAX];

	printf("{\n  ");
	json_string(
	    "level", check_level_names[check_findings_level(f)], ",\n  ");
	json_string("summary", check_summary(f, summary), ",\n");
	printf("  \"findings\": [");
	for (size_t i = 0; i < f->n; i++) {
		const struct check_words *words = &check_words[f->v[i].code];

		printf("%s\n    { ", i == 0 ? "" : ",");
		json_string("level", level_name(f, &f->v[i]), ", ");
		json_string("name", words->name, ",\n      ");
		json_string("text", f->v[i].text, ",\n      ");
		json_string("remedy", f->v[i].remedy, " }");
	}
	printf("\n  ]\n}\n");
}
