/*
 * Reads what libconfuse 3.3 must not be given: it ends the process on a
 * directory, takes a file that was cut off inside a section or a comment for
 * a whole one, and miscounts lines in comments. Knows its lexical rules
 * (quotes, escapes, ${VAR}) and nothing of options.
 */
#include "config_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 8 }; /* of braces: a list in a section in a section is 3 */

struct scan {
	struct config_complaints *complaints;
	char *p;
	unsigned line, depth;
	unsigned opened[DEPTH_MAX]; /* lines of the open braces */
};

void
config_text_complain(
    struct config_complaints *c, unsigned line, const char *fmt, ...)
{
	char what[512], text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (line > 0)
		snprintf(text, sizeof(text), "%s:%u: %s", c->path, line, what);
	else
		snprintf(text, sizeof(text), "%s: %s", c->path, what);
	c->n++;
	c->fn(c->arg, text);
}

/* The size of a plain file of bearable size, or -1 after a complaint. */
static off_t
plain_size(struct config_complaints *c, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		config_text_complain(c, 0, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		config_text_complain(c, 0, "is not a plain file");
	else if (st.st_size > CONFIG_TEXT_MAX)
		config_text_complain(
		    c, 0, "is larger than %d octets", CONFIG_TEXT_MAX);
	else
		return st.st_size;
	return -1;
}

/* Up to `size` octets; how many there were, or -1. */
static ssize_t
read_all(int fd, char *text, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, text + used, size - used);

		if (n == 0)
			break;
		if (n == -1 && errno != EINTR)
			return -1;
		used += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)used;
}

/* The whole text; a NUL inside would hide what follows it. */
static char *
read_fd(struct config_complaints *c, int fd)
{
	off_t size = plain_size(c, fd);
	char *text;
	ssize_t n;

	if (size == -1)
		return NULL;
	text = malloc((size_t)size + 1);
	n = text != NULL ? read_all(fd, text, (size_t)size) : -1;
	if (n == -1) {
		config_text_complain(c, 0, "%s", strerror(errno));
		free(text);
		return NULL;
	}
	text[n] = '\0';
	if (strlen(text) != (size_t)n) {
		config_text_complain(c, 0, "is no text, it has a NUL octet");
		free(text);
		return NULL;
	}
	return text;
}

char *
config_text_read(struct config_complaints *c)
{
	/* NONBLOCK: the open of a pipe must not wait for its writer. */
	int fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text;

	if (fd == -1) {
		config_text_complain(c, 0, "%s", strerror(errno));
		return NULL;
	}
	text = read_fd(c, fd);
	close(fd);
	return text;
}

static int
not_closed(struct scan *s, unsigned line, const char *what)
{
	config_text_complain(
	    s->complaints, line, "%s that begins here is not closed", what);
	return -1;
}

/* Over ${VAR}, which may hold a brace or quote of its own. */
static bool
skip_variable(struct scan *s)
{
	size_t n;

	if (strncmp(s->p, "${", 2) != 0)
		return false;
	n = strcspn(s->p, "}\n");
	if (s->p[n] != '}')
		return false;
	s->p += n + 1;
	return true;
}

static int
skip_quoted(struct scan *s)
{
	unsigned line = s->line;
	char quote = *s->p++;

	while (*s->p != quote) {
		if (quote == '"' && skip_variable(s))
			continue;
		if (*s->p == '\\' && s->p[1] != '\0')
			s->p++;
		if (*s->p == '\0')
			return not_closed(s, line, "the quoted text");
		if (*s->p == '\n')
			s->line++;
		s->p++;
	}
	s->p++;
	return 0;
}

static int
blank_line_comment(struct scan *s)
{
	while (*s->p != '\0' && *s->p != '\n')
		*s->p++ = ' ';
	return 0;
}

static int
blank_comment(struct scan *s)
{
	unsigned line = s->line;
	char *end = strstr(s->p + 2, "*/");

	if (end == NULL)
		return not_closed(s, line, "the comment");
	for (; s->p < end + 2; s->p++) {
		if (*s->p == '\n')
			s->line++;
		else
			*s->p = ' ';
	}
	return 0;
}

static int
open_brace(struct scan *s)
{
	if (s->depth == DEPTH_MAX) {
		config_text_complain(
		    s->complaints, s->line, "too many open braces");
		return -1;
	}
	s->opened[s->depth++] = s->line;
	s->p++;
	return 0;
}

static int
close_brace(struct scan *s)
{
	if (s->depth == 0) {
		config_text_complain(
		    s->complaints, s->line, "there is no brace to close");
		return -1;
	}
	s->depth--;
	s->p++;
	return 0;
}

/* Over a bare word: a '/' inside one begins no comment (unix:/run/x). */
static int
skip_word(struct scan *s)
{
	if (skip_variable(s))
		return 0;
	do
		s->p++;
	while (*s->p != '\0' && strchr(" \t\r\n#\"'={}()+,$", *s->p) == NULL);
	return 0;
}

static int
skip_blank(struct scan *s)
{
	if (*s->p == '\n')
		s->line++;
	s->p++;
	return 0;
}

/* What begins at s->p: the first row that fits; the last fits always. */
static const struct scan_rule {
	const char *begin; /* any of these octets ... */
	const char *next;  /* ... followed by this one; "": by any */
	int (*skip)(struct scan *);
} scan_rules[] = {
	{ "\"'", "", skip_quoted },
	{ "#", "", blank_line_comment },
	{ "/", "/", blank_line_comment },
	{ "/", "*", blank_comment },
	{ "{", "", open_brace },
	{ "}", "", close_brace },
	{ " \t\r\n=()+,", "", skip_blank },
	{ "", "", skip_word },
};

static int
scan_step(struct scan *s)
{
	const struct scan_rule *rule = scan_rules;

	while (*rule->begin != '\0' &&
	    (strchr(rule->begin, *s->p) == NULL ||
		(*rule->next != '\0' && s->p[1] != *rule->next)))
		rule++;
	return rule->skip(s);
}

int
config_text_check(struct config_complaints *c, char *text)
{
	struct scan s = { .complaints = c, .p = text, .line = 1 };

	while (*s.p != '\0')
		if (scan_step(&s) == -1)
			return -1;
	if (s.depth > 0)
		return not_closed(&s, s.opened[s.depth - 1], "the brace");
	return 0;
}
