/*
 * policy_fake ENDPOINT: signerd's or verifyd's side of the line protocol, with
 * ways to go wrong. Each connection is a process that reads one request, prints
 * it, and answers as the local part of its sender= says:
 *
 *   silent	nothing, until the peer closes
 *   close	closes without a word
 *   half	"action=DUN", and closes
 *   garbage	what is no answer
 *   endless	fields without end
 *   early	"not now" and closes, before the request is read to its end
 *   octets	the usual answer, an octet with each write
 *   dunno, defer, reject, hold
 *   any other	two fields to put on top, the second above the first
 *
 * It prints "ready" when it listens.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/endpoint.h"

enum { REQUEST_MAX = 4 * 1024 * 1024 };

static const char usual[] =
    "action=PREPEND X-First: yes\naction=PREPEND X-Second: yes\n\n";

static const struct {
	const char *sender, *answer;
} answers[] = {
	{ "close", "" },
	{ "half", "action=DUN" },
	{ "garbage", "220 mail.example ESMTP\n\n" },
	{ "early", "action=DEFER 4.3.0 too long\n\n" },
	{ "dunno", "action=DUNNO\n\n" },
	{ "defer", "action=DEFER 4.7.1 not now\n\n" },
	{ "reject", "action=REJECT 5.7.1 no\n\n" },
	{ "hold", "action=PREPEND X-First: yes\naction=HOLD why\n\n" },
};

static void
say(int fd, const char *text, size_t at_once)
{
	for (size_t n = strlen(text); n > 0;) {
		ssize_t done = write(fd, text, n < at_once ? n : at_once);

		if (done <= 0)
			exit(0);
		text += done;
		n -= (size_t)done;
	}
}

static char request[REQUEST_MAX + 1];
static size_t length;

/* Up to the empty line; or, for "early", until its sender is known. */
static void
read_request(int fd)
{
	ssize_t n;

	while (length < REQUEST_MAX &&
	    (n = read(fd, request + length, REQUEST_MAX - length)) > 0) {
		length += (size_t)n;
		request[length] = '\0';
		if (strstr(request, "\nsender=early") != NULL ||
		    strstr(request, "\n\n") != NULL)
			return;
	}
	exit(0);
}

static void
serve(int fd)
{
	struct pollfd gone = { .fd = fd };
	const char *sender;
	size_t n;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	read_request(fd);
	if (write(STDOUT_FILENO, request, length) == -1)
		exit(1);
	sender = strstr(request, "\nsender=");
	sender = sender != NULL ? sender + 8 : "";
	n = strcspn(sender, "@\n");
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strlen(answers[i].sender) == n &&
		    memcmp(sender, answers[i].sender, n) == 0) {
			say(fd, answers[i].answer, 4096);
			exit(0);
		}
	if (strncmp(sender, "silent@", 7) == 0) {
		poll(&gone, 1, -1); /* the peer's half-close is no end */
		exit(0);
	}
	while (strncmp(sender, "endless@", 8) == 0)
		say(fd, "action=PREPEND X: yes\n", 4096);
	say(fd, usual, strncmp(sender, "octets@", 7) == 0 ? 1 : 4096);
	exit(0);
}

int
main(int argc, char **argv)
{
	struct endpoint e = { 0 };
	const char *why;
	int fd, one;

	if (argc != 2 || endpoint_parse(&e, argv[1], &why) == -1 ||
	    (fd = endpoint_listen(&e, 0666, NULL)) == -1) {
		fprintf(stderr, "usage: policy_fake ENDPOINT\n");
		return 64;
	}
	fcntl(fd, F_SETFL, 0);
	signal(SIGCHLD, SIG_IGN);
	puts("ready");
	fflush(stdout);
	while ((one = accept(fd, NULL, NULL)) != -1) {
		if (fork() == 0)
			serve(one);
		close(one);
	}
	return 1;
}
