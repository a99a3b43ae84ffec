/*
 * smtp_sink [-r "RECIPIENT REPLY"]... ADDRESS@PORT DIR: an SMTP server that
 * takes every message but for the recipients of -r, who get that reply
 * ("bob@a.test 550 5.1.1 Nobody"). Message N is the file DIR/00000N:
 *
 *	MAIL FROM:<martha@a.test> SIZE=312
 *	RCPT TO:<claire@b.test> ORCPT=rfc822;claire@b.test
 *
 *	and after an empty line the message, with LF, dots removed
 *
 * It prints "ready" when it listens. Each connection is a process; the number
 * is given when the message is complete.
 */
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/net_address.h"

enum { REFUSED_MAX = 32, BACKLOG = 128 };

static struct refusal {
	const char *recipient, *reply;
} refused[REFUSED_MAX];
static size_t n_refused;

/* One connection. The message is written to `file` until it is complete. */
struct session {
	FILE *in, *out;
	char *line; /* without its end */
	size_t size, length;
	FILE *file;
	char path[64];
};

static bool
read_line(struct session *s)
{
	ssize_t n = getline(&s->line, &s->size, s->in);

	if (n <= 0)
		return false;
	while (n > 0 && (s->line[n - 1] == '\n' || s->line[n - 1] == '\r'))
		n--;
	s->line[n] = '\0';
	s->length = (size_t)n;
	return true;
}

static void
say(struct session *s, const char *reply)
{
	fprintf(s->out, "%s\r\n", reply);
	fflush(s->out);
}

static void
open_message(struct session *s)
{
	if (s->file != NULL) {
		fclose(s->file);
		unlink(s->path);
	}
	snprintf(s->path, sizeof(s->path), ".new.%ld", (long)getpid());
	s->file = fopen(s->path, "w");
	if (s->file == NULL) {
		perror(s->path);
		exit(73);
	}
}

/* The next free number is its name. */
static void
close_message(struct session *s)
{
	char name[32];
	unsigned n = 0;

	fclose(s->file);
	s->file = NULL;
	do
		snprintf(name, sizeof(name), "%06u", ++n);
	while (link(s->path, name) == -1);
	unlink(s->path);
}

static void
on_hello(struct session *s)
{
	say(s,
	    toupper((unsigned char)*s->line) == 'H'
		? "250 sink"
		: "250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 "
		  "SIZE");
}

static void
on_mail(struct session *s)
{
	open_message(s);
	fprintf(s->file, "%s\n", s->line);
	say(s, "250 2.1.0 Ok");
}

static void
on_rcpt(struct session *s)
{
	const char *address = strchr(s->line, '<');

	for (size_t i = 0; i < n_refused && address != NULL; i++) {
		size_t n = strlen(refused[i].recipient);

		if (strncasecmp(address + 1, refused[i].recipient, n) == 0 &&
		    address[1 + n] == '>') {
			say(s, refused[i].reply);
			return;
		}
	}
	if (s->file == NULL) {
		say(s, "503 5.5.1 MAIL first");
		return;
	}
	fprintf(s->file, "%s\n", s->line);
	say(s, "250 2.1.5 Ok");
}

static void
on_data(struct session *s)
{
	if (s->file == NULL) {
		say(s, "503 5.5.1 MAIL first");
		return;
	}
	say(s, "354 Go on");
	putc('\n', s->file);
	while (read_line(s) && strcmp(s->line, ".") != 0) {
		size_t dot = s->line[0] == '.';

		fwrite(s->line + dot, 1, s->length - dot, s->file);
		putc('\n', s->file);
	}
	if (feof(s->in)) {
		unlink(s->path);
		exit(0);
	}
	close_message(s);
	say(s, "250 2.0.0 Taken");
}

static void
on_rset(struct session *s)
{
	if (s->file != NULL) {
		fclose(s->file);
		unlink(s->path);
		s->file = NULL;
	}
	say(s, "250 2.0.0 Ok");
}

static void
on_noop(struct session *s)
{
	say(s, "250 2.0.0 Ok");
}

static void
on_quit(struct session *s)
{
	say(s, "221 2.0.0 Bye");
	if (s->file != NULL)
		unlink(s->path);
	exit(0);
}

static const struct command {
	const char *name;
	void (*run)(struct session *);
} commands[] = {
	{ "EHLO", on_hello },
	{ "HELO", on_hello },
	{ "MAIL FROM:", on_mail },
	{ "RCPT TO:", on_rcpt },
	{ "DATA", on_data },
	{ "RSET", on_rset },
	{ "NOOP", on_noop },
	{ "QUIT", on_quit },
	{ NULL, NULL },
};

static void
serve(int fd)
{
	struct session s = { .in = fdopen(fd, "r"),
		.out = fdopen(dup(fd), "w") };

	if (s.in == NULL || s.out == NULL)
		exit(71);
	say(&s, "220 sink ESMTP");
	while (read_line(&s)) {
		const struct command *c = commands;

		while (c->name != NULL &&
		    strncasecmp(s.line, c->name, strlen(c->name)) != 0)
			c++;
		if (c->run != NULL)
			c->run(&s);
		else
			say(&s, "502 5.5.2 Not here");
	}
	if (s.file != NULL)
		unlink(s.path);
	exit(0);
}

static int
listen_at(const struct net_address *a)
{
	int on = 1, fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    bind(fd, &a->sa, net_address_len(a)) == -1 ||
	    listen(fd, BACKLOG) == -1) {
		perror("smtp_sink");
		exit(71);
	}
	return fd;
}

static void
options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "r:")) != -1) {
		char *space = optarg != NULL ? strchr(optarg, ' ') : NULL;

		if (c != 'r' || space == NULL || n_refused == REFUSED_MAX)
			exit(64);
		*space = '\0';
		refused[n_refused].recipient = optarg;
		refused[n_refused++].reply = space + 1;
	}
}

int
main(int argc, char **argv)
{
	struct net_address at;
	int fd, peer;

	options(argc, argv);
	if (argc - optind != 2 ||
	    net_address_parse(&at, argv[optind], strlen(argv[optind])) != 0) {
		fprintf(stderr,
		    "usage: smtp_sink [-r \"RECIPIENT REPLY\"] "
		    "ADDRESS@PORT DIR\n");
		return 64;
	}
	signal(SIGCHLD, SIG_IGN);
	fd = listen_at(&at);
	if (chdir(argv[optind + 1]) == -1) {
		perror(argv[optind + 1]);
		return 73;
	}
	puts("ready");
	fflush(stdout);
	while ((peer = accept(fd, NULL, NULL)) != -1) {
		if (fork() == 0)
			serve(peer);
		close(peer);
	}
	return 71;
}
