/* The connection of milter_client, and replies as lines. */
#include "tests/tools/milter_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/endpoint.h"

/* ---- octets ---- */

static void
write_some(struct client_peer *peer, size_t most)
{
	ssize_t n = send(peer->fd, peer->out.data,
	    peer->out.len < most ? peer->out.len : most, MSG_NOSIGNAL);

	if (n == -1 && errno == EAGAIN)
		client_quit(EXIT_BLOCKED, "BLOCKED");
	/* The milter may have closed; what it said before can be read. */
	buffer_consume(&peer->out, n == -1 ? peer->out.len : (size_t)n);
}

void
client_limit_writes(struct client_peer *peer)
{
	struct timeval t = { .tv_sec = peer->timeout_ms / 1000,
		.tv_usec = peer->timeout_ms % 1000 * 1000 };

	setsockopt(peer->fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

void
client_flush(struct client_peer *peer)
{
	while (peer->out.len > 0)
		write_some(peer, peer->slow ? 1 : peer->out.len);
}

static void
read_more(struct client_peer *peer)
{
	struct pollfd p = { .fd = peer->fd, .events = POLLIN };

	client_flush(peer);
	if (poll(&p, 1, peer->timeout_ms) == 0)
		client_quit(EXIT_TIMEOUT, "TIMEOUT");
	if (buffer_read(&peer->in, peer->fd, 65536) <= 0)
		client_quit(EXIT_CLOSED, "CLOSED");
}

/* Reads one reply; it stands in peer->in until *used_r are consumed. */
static struct milter_packet
read_reply(struct client_peer *peer, size_t *used_r)
{
	struct milter_packet reply;
	int got;

	while ((got = milter_packet_get(
		    &reply, peer->in.data, peer->in.len, used_r)) == 0)
		read_more(peer);
	if (got == -1)
		client_quit(EXIT_CLOSED, "MALFORMED");
	return reply;
}

/* ---- replies as lines ---- */

static void
print_escaped(FILE *say, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '\n')
			fputs("\\n", say);
		else if (*text == '\t')
			fputs("\\t", say);
		else
			putc(*text, say);
}

static void
print_header(struct client_peer *peer, struct milter_cursor *c)
{
	uint32_t index;
	const char *name, *value;
	size_t len;

	if (milter_u32(c, &index) == -1 ||
	    (name = milter_string(c, &len)) == NULL ||
	    (value = milter_string(c, &len)) == NULL)
		client_quit(EXIT_CLOSED, " MALFORMED");
	fprintf(peer->say, " %u %s: ", index, name);
	print_escaped(peer->say, value);
}

static void
print_text(struct client_peer *peer, struct milter_cursor *c)
{
	size_t len;
	const char *text = milter_string(c, &len);

	if (text == NULL)
		client_quit(EXIT_CLOSED, " MALFORMED");
	putc(' ', peer->say);
	print_escaped(peer->say, text);
}

static void
print_negotiated(struct client_peer *peer, struct milter_cursor *c)
{
	uint32_t version, actions, steps, stage;
	const char *list;
	size_t len;

	if (milter_u32(c, &version) == -1 || milter_u32(c, &actions) == -1 ||
	    milter_u32(c, &steps) == -1)
		client_quit(EXIT_CLOSED, " MALFORMED");
	fprintf(peer->say, " version=%u actions=0x%x steps=0x%x", version,
	    actions, steps);
	while (milter_u32(c, &stage) == 0 &&
	    (list = milter_string(c, &len)) != NULL)
		fprintf(peer->say, " macros%u=%s", stage, list);
	peer->steps = steps;
}

static const struct reply_row {
	const char *name;
	void (*print)(struct client_peer *, struct milter_cursor *);
} replies[] = {
	[MILTER_OPTNEG] = { "OPTNEG", print_negotiated },
	[MILTER_REPLY_ACCEPT] = { "ACCEPT", NULL },
	[MILTER_REPLY_CONTINUE] = { "CONTINUE", NULL },
	[MILTER_REPLY_DISCARD] = { "DISCARD", NULL },
	[MILTER_REPLY_REJECT] = { "REJECT", NULL },
	[MILTER_REPLY_TEMPFAIL] = { "TEMPFAIL", NULL },
	[MILTER_REPLY_CODE] = { "REPLYCODE", print_text },
	[MILTER_REPLY_PROGRESS] = { "PROGRESS", NULL },
	[MILTER_REPLY_INSHEADER] = { "INSHEADER", print_header },
	[MILTER_REPLY_CHGHEADER] = { "CHGHEADER", print_header },
	[MILTER_REPLY_QUARANTINE] = { "QUARANTINE", print_text },
	[MILTER_REPLY_SKIP] = { "SKIP", NULL },
};

/* Prints the next reply and returns its code. */
uint8_t
client_take_reply(struct client_peer *peer)
{
	size_t used;
	struct milter_packet reply = read_reply(peer, &used);
	const struct reply_row *row = NULL;
	struct milter_cursor c;
	uint8_t code = reply.command;

	if (code < sizeof(replies) / sizeof(replies[0]))
		row = &replies[code];
	if (row == NULL || row->name == NULL)
		client_quit(EXIT_CLOSED, "UNKNOWN REPLY");
	milter_cursor_init(&c, &reply);
	fputs(row->name, peer->say);
	if (row->print != NULL)
		row->print(peer, &c);
	putc('\n', peer->say);
	fflush(peer->say);
	buffer_consume(&peer->in, used);
	return code;
}

uint8_t
client_take_final_reply(struct client_peer *peer)
{
	uint8_t code;

	do
		code = client_take_reply(peer);
	while (!mta_reply_is_final(code));
	return code;
}

void
client_dial(struct client_peer *peer, const struct client_options *options)
{
	struct endpoint e = { .text = (char *)options->endpoint };
	struct pollfd p = { .events = POLLOUT };
	const char *why;
	int error = 0;
	socklen_t len = sizeof(error);

	*peer = (struct client_peer){ .say = stdout,
		.slow = options->slow,
		.timeout_ms = options->timeout_ms };
	if (endpoint_parse(&e, options->endpoint, &why) == -1)
		client_quit(EXIT_WRONG, why);
	/* A full backlog of a Unix socket: a mail server waits, too. */
	while ((p.fd = endpoint_connect(&e)) == -1 && errno == EAGAIN)
		usleep(1000);
	peer->fd = p.fd;
	if (peer->fd == -1 || poll(&p, 1, peer->timeout_ms) != 1 ||
	    getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ||
	    error != 0)
		client_quit(EXIT_REFUSED, "REFUSED");
	fcntl(peer->fd, F_SETFL, fcntl(peer->fd, F_GETFL) & ~O_NONBLOCK);
}
