/*
 * A row's mail as a file, and what dnsmail-check says of it in the words of a
 * milter's replies, so that one row says what is expected of both.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/address.h"
#include "tests/tools/hostile.h"

/* hostile_mail.c's, which no configuration exempts. */
static const char stranger[] = "198.51.100.7";

/* ---- the file ---- */

static bool
is_recipient(const char *path)
{
	struct address a;
	enum address_result r = address_from_path(&a, path);

	return r == ADDRESS_OK || r == ADDRESS_UNREPRESENTABLE;
}

static bool
is_name(const char *name)
{
	size_t n = strlen(name);

	while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == '\t'))
		n--;
	for (size_t i = 0; i < n; i++)
		if (name[i] <= ' ' || name[i] == 0x7f || name[i] == ':')
			return false;
	return n > 0;
}

/* Line ends are followed by a blank, or they would not be the field's. */
static bool
is_value(const char *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool ends = i + 1 == n;

		if (v[i] == '\0' || (v[i] == '\r' && ends))
			return false;
		if (v[i] == '\n' &&
		    (ends || (v[i + 1] != ' ' && v[i + 1] != '\t')))
			return false;
	}
	return true;
}

static size_t
length(const struct mta_field *f)
{
	return f->len != 0 ? f->len : strlen(f->value);
}

static bool
is_sayable(const struct mta_mail *mail)
{
	if (strcmp(mail->client, stranger) != 0 || mail->login[0] != '\0' ||
	    mail->n_recipients == 0)
		return false;
	for (size_t i = 0; i < mail->n_recipients; i++)
		if (!is_recipient(mail->recipients[i]))
			return false;
	for (size_t i = 0; i < mail->n_fields; i++)
		if (!is_name(mail->fields[i].name) ||
		    !is_value(mail->fields[i].value, length(&mail->fields[i])))
			return false;
	return true;
}

char *
file_text(const struct mta_mail *mail, size_t *n_r)
{
	char *text = NULL;
	FILE *out;

	if (!is_sayable(mail))
		return NULL;
	out = open_memstream(&text, n_r);
	if (out == NULL)
		err(1, "a file");
	for (size_t i = 0; i < mail->n_fields; i++) {
		const struct mta_field *f = &mail->fields[i];

		fprintf(out, "%s: ", f->name);
		fwrite(f->value, 1, length(f), out);
		putc('\n', out);
	}
	putc('\n', out);
	fwrite(mail->body, 1, mail->body_len, out);
	fclose(out);
	return text;
}

/* ---- the program ---- */

static void
write_file(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(text, 1, n, f) != n || fclose(f) != 0)
		err(1, "%s", path);
}

static void __attribute__((noreturn))
become(const struct mta_mail *mail, const char *path)
{
	const char **argv = calloc(2 * mail->n_recipients + 6, sizeof(*argv));
	size_t n = 0;

	if (argv == NULL)
		err(1, "arguments");
	argv[n++] = hostile.program;
	argv[n++] = "-c";
	argv[n++] = hostile.config;
	argv[n++] = "message";
	for (size_t i = 0; i < mail->n_recipients; i++) {
		argv[n++] = "--to";
		argv[n++] = mail->recipients[i];
	}
	argv[n++] = path;
	execv(hostile.program, (char *const *)argv);
	err(127, "%s", hostile.program);
}

/* Started with its output in the pipe. */
static pid_t
start(const struct mta_mail *mail, const char *path, FILE **output_r)
{
	int fds[2];
	pid_t pid;

	fflush(stdout);
	if (pipe(fds) == -1 || (pid = fork()) == -1)
		err(1, "%s", hostile.program);
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		become(mail, path);
	}
	close(fds[1]);
	*output_r = fdopen(fds[0], "r");
	if (*output_r == NULL)
		err(1, "%s", hostile.program);
	return pid;
}

/* ---- what it says ---- */

static bool
is_line(const char *line, const char *words, const char **rest_r)
{
	size_t n = strlen(words);

	*rest_r = line + n;
	return strncmp(line, words, n) == 0;
}

/* "Authentication-Results 3,1 (...)": one reply each. */
static void
put_removed(FILE *said, const char *text)
{
	const char *p = strchr(text, ' ');
	size_t n;

	for (; p != NULL && (n = strspn(p + 1, "0123456789")) > 0; p += n + 1)
		fprintf(said, "CHGHEADER %.*s x\n", (int)n, p + 1);
}

static void
take_line(FILE *said, const char *line, char **logged_r)
{
	const char *rest;

	if (is_line(line, "  Authentication-Results: none, as", &rest))
		return;
	if (is_line(line, "  Authentication-Results: ", &rest))
		fprintf(said, "INSHEADER 0 Authentication-Results: %s\n", rest);
	else if (is_line(line, "  SMTP reply: ", &rest))
		fprintf(said, "REPLYCODE %s\n", rest);
	else if (is_line(line, "  Removed: ", &rest))
		put_removed(said, rest);
	else if (is_line(line, "  Log: ", &rest))
		*logged_r = strdup(rest);
}

/* The exit status that belongs to the log's result. */
static bool
status_fits(int status, const char *logged)
{
	static const struct {
		const char *word;
		int status;
	} rows[] = { { "result=pass", 0 }, { "result=none", 1 },
		{ "result=policy", 1 }, { "result=fail", 2 },
		{ "result=permerror", 2 }, { "result=temperror", 3 },
		{ "reason=oversized", 3 } };

	for (size_t i = 0; logged != NULL && i < sizeof(rows) / sizeof(rows[0]);
	     i++)
		if (strstr(logged, rows[i].word) != NULL)
			return WIFEXITED(status) &&
			    WEXITSTATUS(status) == rows[i].status;
	return false;
}

static void
take_output(FILE *output, FILE *said, char **logged_r)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, output)) > 0) {
		line[n - 1] = '\0';
		take_line(said, line, logged_r);
	}
	free(line);
}

char *
file_send(
    const struct mta_mail *mail, const char *text, size_t n, char **logged_r)
{
	char path[4096], *said = NULL;
	size_t size;
	FILE *out = open_memstream(&said, &size), *output;
	int status = -1;
	pid_t pid;

	snprintf(path, sizeof(path), "%s.mail", hostile.table);
	write_file(path, text, n);
	pid = start(mail, path, &output);
	if (out == NULL)
		err(1, "%s", path);
	take_output(output, out, logged_r);
	fclose(output);
	fclose(out);
	waitpid(pid, &status, 0);
	if (status_fits(status, *logged_r))
		return said;
	printf("# %s ended with wait status %d\n", hostile.program, status);
	free(said);
	return NULL;
}
