/*
 * A daemon's answer as dnsmail-status shows it: whatever it says, it drives no
 * terminal and ends no line, and the forms for programs are well-formed.
 * Input: an answer of a second ago, which may be empty; the answer.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/history.h"
#include "admin/metrics_text.h"
#include "admin/status.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/json.h"

/* What is printed to stdout. free() it. */
static char *
printed(void (*print)(const struct status *, size_t), const struct status *s)
{
	FILE *saved = stdout;
	char *text = NULL;
	size_t n;

	stdout = open_memstream(&text, &n);
	assert(stdout != NULL);
	print(s, 2);
	fclose(stdout);
	stdout = saved;
	assert(strlen(text) == n);
	return text;
}

static void
check_plain(const char *text)
{
	for (; *text != '\0'; text++)
		assert((*text >= ' ' && *text <= '~') || *text == '\n');
}

static void
print_metrics(const struct status *s, size_t n)
{
	metrics_text_print(stdout, s, n);
}

/* Each line is a comment, or a name of ours, a blank and a number. */
static void
check_metrics(const char *text)
{
	static const char eof[] = "# EOF\n";
	size_t len = strlen(text);

	assert(len >= 6 && strcmp(text + len - 6, eof) == 0);
	for (const char *lf; *text != '\0'; text = lf + 1) {
		const char *number;
		char *end;

		lf = strchr(text, '\n');
		assert(lf != NULL);
		if (*text == '#')
			continue;
		assert(strncmp(text, "dnsmail_", 8) == 0);
		number = memrchr(text, ' ', (size_t)(lf - text));
		assert(number != NULL);
		strtod(number + 1, &end);
		assert(end == lf);
	}
}

static void
check(const struct status *s)
{
	char *table = printed(status_table_print, s);
	char *brief = printed(status_brief_print, s);
	char *json = printed(status_json_print, s);
	char *metrics = printed(print_metrics, s);

	check_plain(table);
	check_plain(brief);
	assert(strchr(brief, '\n') == brief + strlen(brief) - 1);
	assert(json_is_valid(json));
	check_plain(metrics);
	check_metrics(metrics);
	free(table);
	free(brief);
	free(json);
	free(metrics);
}

/* As status_again() does. */
static void
compare(struct status *s, const uint8_t *earlier, size_t n)
{
	struct status before = { .daemon = s->daemon };
	struct history *h;

	if (n == 0 || s->reason != REASON_NONE)
		return;
	status_read(&before, earlier, n);
	if (before.reason != REASON_NONE)
		return;
	h = history_new();
	assert(h != NULL);
	history_add(h, &before.msg, 0);
	history_add(h, &s->msg, 1.001);
	s->lately = h;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct status s[2] = { { .daemon = "signerd" },
		{ .daemon = "verifyd" } };

	struct fuzz_input in = { data, size };
	size_t n;
	uint8_t *earlier = fuzz_part(&in, &n);

	status_read(&s[0], in.p, in.n);
	compare(&s[0], earlier, n);
	free(earlier);
	status_fail(
	    &s[1], (enum status_reason)(1 + size % (REASON__COUNT - 1)), NULL);
	check(s);
	if (s[0].reason == REASON_NONE)
		status_msg_free(&s[0].msg);
	history_free(s[0].lately);
	return 0;
}
