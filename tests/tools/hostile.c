/*
 * hostile -e ENDPOINT -l LOG [-t TABLE -r RESOLVER] [-p PUBLISHED] [-n FIRST]
 *     [-o ONLY] FILE: runs the rows of that file (tests/hostile/README) as TAP
 * hostile -c [-o ONLY] [-y | -f PROGRAM] FILE...: how many rows they have
 *
 *  -e ENDPOINT   the daemon's milter socket
 *  -l LOG        its log
 *  -t TABLE      the file that dns_fake reads
 *  -r RESOLVER   the address that the daemon asks for server lists
 *  -p PUBLISHED  the file that publish_fake writes
 *  -n FIRST      number of the first test
 *  -o ONLY       rows with this in their name, no others
 *  -y            by the line protocol: the rows that can be said in it
 *  -f PROGRAM    by dnsmail-check message, which this is; without -e and -l
 *  -k CONFIG     its configuration
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tools/hostile.h"

struct hostile_options hostile = { .first_text = "1" };

static char *
request(const struct rows *rows, const struct mta_mail *mail)
{
	return lines_request(mail, rows->signer ? "sign" : "verify");
}

static bool
is_sayable(const struct rows *rows, const struct row *row)
{
	struct row_mail *m = row_mail_new(rows, row, "");
	size_t n;
	char *text = hostile.by_lines ? request(rows, row_mail(m))
				      : file_text(row_mail(m), &n);
	bool sayable = text != NULL;

	free(text);
	row_mail_free(m);
	return sayable;
}

static bool
is_wanted(const struct rows *rows, const struct row *row)
{
	if (hostile.only != NULL && strstr(row->name, hostile.only) == NULL)
		return false;
	return (!hostile.by_lines && hostile.program == NULL) ||
	    is_sayable(rows, row);
}

static char *
ask_file(const struct mta_mail *mail, char **logged_r)
{
	size_t n;
	char *text = file_text(mail, &n);
	char *said = file_send(mail, text, n, logged_r);

	free(text);
	return said;
}

/* What the daemon says to it. */
static char *
ask(const struct rows *rows, const struct mta_mail *mail, char **logged_r)
{
	char *text, *said;

	if (hostile.program != NULL)
		return ask_file(mail, logged_r);
	if (!hostile.by_lines)
		return mail_send(mail);
	text = request(rows, mail);
	said = lines_send(text);
	free(text);
	return said;
}

/* ---- what was seen ---- */

/* "INDEX NAME: VALUE" of a field that goes in. */
static void
see_inserted(struct facts *facts, char *text)
{
	static const char ours[] = "0 Authentication-Results: ";
	char *fold;

	facts_count(facts, "inserted");
	if (strncmp(text, ours, sizeof(ours) - 1) != 0)
		return;
	text += sizeof(ours) - 1;
	facts_add(facts, "field", 5, text);
	while ((fold = strstr(text, "\\n ")) != NULL)
		memcpy(fold, "   ", 3);
	facts_words(facts, text);
}

static void
see_removed(struct facts *facts, char *text)
{
	text[strcspn(text, " ")] = '\0';
	facts_append(facts, "removed", text);
}

static void
see_reply(struct facts *facts, char *text)
{
	char code[16];

	snprintf(code, sizeof(code), "%.9s", text);
	if (strlen(code) > 3)
		code[3] = '_';
	facts_add(facts, "reply", 5, code);
}

static void
see_line(struct facts *facts, char *line)
{
	static const struct {
		const char *word;
		void (*see)(struct facts *, char *);
	} words[] = { { "INSHEADER ", see_inserted },
		{ "CHGHEADER ", see_removed }, { "REPLYCODE ", see_reply } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i].word);

		if (strncmp(line, words[i].word, n) == 0)
			words[i].see(facts, line + n);
	}
}

static void
see(struct facts *facts, char *said)
{
	char *line;

	while ((line = strsep(&said, "\n")) != NULL)
		see_line(facts, line);
}

/* What publish_fake has written since the last time. */
static char *
published(void)
{
	static long at;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n), *f;
	int ch;

	f = fopen(hostile.published, "r");
	if (f == NULL || out == NULL || fseek(f, at, SEEK_SET) != 0)
		err(1, "%s", hostile.published);
	while ((ch = getc(f)) != EOF)
		putc(ch, out);
	at = ftell(f);
	fclose(f);
	fclose(out);
	return text;
}

/* ---- a row ---- */

static bool
judge(const struct rows *rows, const struct row *row,
    const struct mta_mail *mail, const struct facts *facts)
{
	bool ok = check_expected(rows, row, facts);
	char *text;

	if (!rows->signer)
		return check_answer(mail, facts) && ok;
	text = published();
	ok = check_published(rows, row, text) && ok;
	free(text);
	return ok;
}

/* All that is to be seen, as facts; and what the daemon logged. */
static char *
watch(const struct rows *rows, const struct row_mail *m, int wire,
    struct facts *facts)
{
	const struct mta_mail *mail = row_mail(m);
	char *said, *logged = NULL;

	if (hostile.table != NULL)
		wire_forget(wire);
	said = ask(rows, mail, &logged);
	if (hostile.table != NULL)
		wire_count(wire, hostile.resolver, facts);
	if (said == NULL) {
		facts_words(facts, "action=closed");
		return logged != NULL ? logged
				      : strdup("the connection was closed");
	}
	if (logged == NULL)
		logged = mail_logged(mail->queue_id);
	facts_words(facts, logged);
	see(facts, said);
	free(said);
	return logged;
}

static bool
run(const struct rows *rows, const struct row *row, int wire)
{
	struct row_mail *m;
	struct facts facts = { 0 };
	char queue_id[16], *logged;
	bool ok;

	snprintf(queue_id, sizeof(queue_id), "ROW%u", hostile.number);
	m = row_mail_new(rows, row, queue_id);
	if (hostile.table != NULL)
		row_write_table(rows, row);
	logged = watch(rows, m, wire, &facts);
	ok = judge(rows, row, row_mail(m), &facts);
	if (!ok)
		printf("# %s:%u\n# %s\n", rows->file, row->line, logged);
	facts_free(&facts);
	free(logged);
	row_mail_free(m);
	return ok;
}

static int
run_all(const char *file)
{
	struct rows rows;
	int wire = -1, failed = 0;

	rows_read(&rows, file);
	if (hostile.table != NULL && (wire = wire_open()) == -1)
		err(1, "a packet socket");
	if (rows.signer)
		free(published()); /* by those who ran before */
	for (size_t i = 0; i < rows.n; i++) {
		const struct row *row = &rows.v[i];
		bool ok;

		if (!is_wanted(&rows, row))
			continue;
		ok = run(&rows, row, wire);
		printf("%s %u - %s%s: %s\n", ok ? "ok" : "not ok",
		    hostile.number++, rows.group,
		    hostile.by_lines              ? " by lines"
			: hostile.program != NULL ? " in a file"
						  : "",
		    row->name);
		fflush(stdout);
		failed += !ok;
	}
	rows_free(&rows);
	return failed > 0;
}

static int
count_all(char **files)
{
	size_t n = 0;

	for (; *files != NULL; files++) {
		struct rows rows;

		rows_read(&rows, *files);
		for (size_t i = 0; i < rows.n; i++)
			n += is_wanted(&rows, &rows.v[i]);
		rows_free(&rows);
	}
	printf("%zu\n", n);
	return 0;
}

static bool
read_options(int argc, char **argv)
{
	const struct {
		int letter;
		const char **text;
	} texts[] = { { 'e', &hostile.endpoint }, { 'l', &hostile.log },
		{ 't', &hostile.table }, { 'r', &hostile.resolver },
		{ 'p', &hostile.published }, { 'n', &hostile.first_text },
		{ 'o', &hostile.only }, { 'f', &hostile.program },
		{ 'k', &hostile.config } };
	bool counts = false;
	int ch;

	while ((ch = getopt(argc, argv, "cye:l:t:r:p:n:o:f:k:")) != -1) {
		if (ch == '?')
			exit(2);
		counts |= ch == 'c';
		hostile.by_lines |= ch == 'y';
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			if (texts[i].letter == ch)
				*texts[i].text = optarg;
	}
	hostile.number = (unsigned)atoi(hostile.first_text);
	return counts;
}

int
main(int argc, char **argv)
{
	if (read_options(argc, argv))
		return count_all(argv + optind);
	if (argc - optind != 1 ||
	    (hostile.program == NULL &&
		(hostile.endpoint == NULL || hostile.log == NULL)))
		errx(2, "usage: see the head of tests/tools/hostile.c");
	return run_all(argv[optind]);
}
