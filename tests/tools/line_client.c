/*
 * line_client [-s] [-1] [-n ANSWERS] ENDPOINT <REQUESTS: an MTA's side of the
 * line protocol. Sends its standard input, NUL octets and all, and prints what
 * comes back until the peer closes or so many answers (1) are there.
 *
 *   -s  ends its side after the last request (shutdown)
 *   -1  one octet with each write
 *
 * Ends with "closed" if the peer closed; exit 1 after 20 seconds of silence.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/endpoint.h"

enum { SILENCE = 20 * 1000, READ_MOST = 65536 };

struct client {
	int fd;
	bool end_side, by_octets;
	struct buffer out, answer;
	unsigned wanted, seen;
	char last;
};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* Less than all may be written, and the peer may have had enough. */
static void
send_some(struct client *c)
{
	size_t n = c->by_octets ? 1 : c->out.len;
	ssize_t sent = send(c->fd, c->out.data, n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent == -1 && (errno == EPIPE || errno == ECONNRESET))
		buffer_clear(&c->out);
	else if (sent == -1 && errno != EAGAIN)
		die("send");
	else if (sent > 0)
		buffer_consume(&c->out, (size_t)sent);
	if (c->out.len == 0 && c->end_side)
		shutdown(c->fd, SHUT_WR);
}

/* Answers end with an empty line. */
static void
print_some(struct client *c, const char *text, size_t n)
{
	fwrite(text, 1, n, stdout);
	for (size_t i = 0; i < n; i++) {
		c->seen += text[i] == '\n' && c->last == '\n';
		c->last = text[i];
	}
}

/* false: the peer has closed. */
static bool
read_some(struct client *c)
{
	char text[READ_MOST];
	ssize_t n = read(c->fd, text, sizeof(text));

	if (n == -1 && errno == ECONNRESET)
		n = 0;
	if (n == -1)
		die("read");
	print_some(c, text, (size_t)n);
	return n > 0;
}

static void
talk(struct client *c)
{
	while (c->seen < c->wanted) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };

		if (c->out.len > 0)
			p.events |= POLLOUT;
		if (poll(&p, 1, SILENCE) <= 0)
			die("no answer");
		if (p.revents & POLLOUT)
			send_some(c);
		if ((p.revents & (POLLIN | POLLHUP | POLLERR)) &&
		    !read_some(c)) {
			printf("closed\n");
			return;
		}
	}
}

int
main(int argc, char **argv)
{
	struct client c = { .wanted = 1 };
	struct endpoint e = { .text = argv[argc - 1] };
	const char *why;
	int opt;

	while ((opt = getopt(argc, argv, "s1n:")) != -1) {
		c.end_side |= opt == 's';
		c.by_octets |= opt == '1';
		if (opt == 'n')
			c.wanted = (unsigned)strtoul(optarg, NULL, 10);
	}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: line_client [-s1] [-n N] ENDPOINT\n");
		return 64;
	}
	while (buffer_read(&c.out, STDIN_FILENO, READ_MOST) > 0)
		;
	if (endpoint_parse(&e, argv[optind], &why) == -1)
		die(argv[optind]);
	/* A full backlog of a Unix socket: a mail server waits, too. */
	while ((c.fd = endpoint_connect(&e)) == -1 && errno == EAGAIN)
		usleep(1000);
	if (c.fd == -1)
		die(argv[optind]);
	talk(&c);
	buffer_free(&c.out);
	close(c.fd);
	return 0;
}
