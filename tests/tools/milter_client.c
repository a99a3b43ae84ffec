/*
 * milter_client [options] ENDPOINT: one MTA that talks to a milter, for shell
 * tests. Each reply becomes one line on stdout: "INSHEADER 0 NAME: VALUE",
 * "REPLYCODE 451 ...", "CONTINUE", "ACCEPT", "TEMPFAIL", "PROGRESS", "CLOSED".
 *
 *  the mail
 *   -f SENDER, -t "RECIPIENT [ESMTP=PARAMETERS]" (repeated)
 *   -h "NAME: VALUE" (repeated), -F FILE  its header fields
 *   -b FILE, -B OCTETS                    its body
 *   -m FILE                               a whole message, for -F and -b
 *   -a ADDRESS|local|unknown, -l LOGIN, -i QUEUE-ID
 *   -M C:NAME=VALUE                       a macro before command C (CHMRTLNBE)
 *  the connection
 *   -n N             the mail N times
 *   -N               QUIT_NC and a new CONNECT between them
 *   -A STEP, -Q STEP, -H STEP   in the first mail, after STEP (connect helo
 *                    mail rcpt data header eoh body eom): ABORT it (twice, as
 *                    Sendmail does); close the connection; send no more
 *   -x HEX, -X HEX   these octets instead of the negotiation; of the mail
 *   -s               each octet in a write of its own
 *   -T SECONDS       how long to wait for a reply (20)
 *  what the MTA offers
 *   -V VERSION, -O ACTIONS, -P STEPS; --no-nr, --v2
 *
 * Exit status: 0 every mail was answered, 1 the milter closed, 3 no reply in
 * time, 4 connection refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/endpoint.h"
#include "tests/tools/mta_side.h"

enum { EXIT_CLOSED = 1, EXIT_TIMEOUT = 3, EXIT_REFUSED = 4, EXIT_WRONG = 64 };

static struct options {
	struct mta_mail mail;
	int times;
	bool new_client, slow;
	enum mta_step abort_after, close_after, hang_after;
	const char *hex_first, *hex_then;
	int timeout_ms;
	uint32_t version, actions, steps;
} options = {
	.mail = { .client = "127.0.0.1",
	    .login = "",
	    .queue_id = "4TEST0001",
	    .sender = "martha@domain.com",
	    .body = "" },
	.times = 1,
	.abort_after = MTA_STEP__COUNT,
	.close_after = MTA_STEP__COUNT,
	.hang_after = MTA_STEP__COUNT,
	.timeout_ms = 20000,
	.version = MILTER_VERSION,
	.actions = MTA_ACTIONS_ALL,
	.steps = MTA_STEPS_ALL,
};

static struct peer {
	int fd;
	struct buffer in, out;
	uint32_t steps; /* as negotiated */
} peer;

static void
quit(int status, const char *line)
{
	if (line != NULL)
		printf("%s\n", line);
	fflush(stdout);
	exit(status);
}

/* ---- octets
 * ------------------------------------------------------------------- */

static void
write_some(size_t most)
{
	ssize_t n = send(peer.fd, peer.out.data,
	    peer.out.len < most ? peer.out.len : most, MSG_NOSIGNAL);

	/* The milter may have closed; what it said before can be read. */
	buffer_consume(&peer.out, n == -1 ? peer.out.len : (size_t)n);
}

static void
flush(void)
{
	while (peer.out.len > 0)
		write_some(options.slow ? 1 : peer.out.len);
}

static void
read_more(void)
{
	struct pollfd p = { .fd = peer.fd, .events = POLLIN };

	flush();
	if (poll(&p, 1, options.timeout_ms) == 0)
		quit(EXIT_TIMEOUT, "TIMEOUT");
	if (buffer_read(&peer.in, peer.fd, 65536) <= 0)
		quit(EXIT_CLOSED, "CLOSED");
}

/* Reads one reply; it stands in peer.in until *used_r are consumed. */
static struct milter_packet
read_reply(size_t *used_r)
{
	struct milter_packet reply;
	int got;

	while ((got = milter_packet_get(
		    &reply, peer.in.data, peer.in.len, used_r)) == 0)
		read_more();
	if (got == -1)
		quit(EXIT_CLOSED, "MALFORMED");
	return reply;
}

/* ---- replies as lines
 * ----------------------------------------------------------- */

static void
print_escaped(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '\n')
			printf("\\n");
		else if (*text == '\t')
			printf("\\t");
		else
			putchar(*text);
}

static void
print_header(struct milter_cursor *c)
{
	uint32_t index;
	const char *name, *value;
	size_t len;

	if (milter_u32(c, &index) == -1 ||
	    (name = milter_string(c, &len)) == NULL ||
	    (value = milter_string(c, &len)) == NULL)
		quit(EXIT_CLOSED, " MALFORMED");
	printf(" %u %s: ", index, name);
	print_escaped(value);
}

static void
print_text(struct milter_cursor *c)
{
	size_t len;
	const char *text = milter_string(c, &len);

	if (text == NULL)
		quit(EXIT_CLOSED, " MALFORMED");
	putchar(' ');
	print_escaped(text);
}

static void
print_negotiated(struct milter_cursor *c)
{
	uint32_t version, actions, steps, stage;
	const char *list;
	size_t len;

	if (milter_u32(c, &version) == -1 || milter_u32(c, &actions) == -1 ||
	    milter_u32(c, &steps) == -1)
		quit(EXIT_CLOSED, " MALFORMED");
	printf(" version=%u actions=0x%x steps=0x%x", version, actions, steps);
	while (milter_u32(c, &stage) == 0 &&
	    (list = milter_string(c, &len)) != NULL)
		printf(" macros%u=%s", stage, list);
	peer.steps = steps;
}

static const struct reply_row {
	const char *name;
	void (*print)(struct milter_cursor *);
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
static uint8_t
take_reply(void)
{
	size_t used;
	struct milter_packet reply = read_reply(&used);
	const struct reply_row *row = NULL;
	struct milter_cursor c;
	uint8_t code = reply.command;

	if (code < sizeof(replies) / sizeof(replies[0]))
		row = &replies[code];
	if (row == NULL || row->name == NULL)
		quit(EXIT_CLOSED, "UNKNOWN REPLY");
	milter_cursor_init(&c, &reply);
	printf("%s", row->name);
	if (row->print != NULL)
		row->print(&c);
	printf("\n");
	fflush(stdout);
	buffer_consume(&peer.in, used);
	return code;
}

static uint8_t
take_final_reply(void)
{
	uint8_t code;

	do
		code = take_reply();
	while (!mta_reply_is_final(code));
	return code;
}

/* ---- what is sent
 * ---------------------------------------------------------------- */

static void
put_command(uint8_t command)
{
	if (milter_put(&peer.out, command, NULL, 0) == -1)
		abort();
}

/* The octets go out; whatever comes back is printed until the milter closes. */
static void
send_hex(const char *hex)
{
	unsigned octet;
	int n;

	for (; sscanf(hex, " %2x%n", &octet, &n) == 1; hex += n) {
		uint8_t byte = (uint8_t)octet;

		if (buffer_append(&peer.out, &byte, 1) == -1)
			abort();
	}
	for (;;)
		take_reply();
}

static void
hang(void)
{
	for (;;)
		take_reply();
}

/* True if the mail ends here, as the options want. */
static bool
end_early(enum mta_step step, int nth)
{
	if (nth > 0)
		return false;
	if (step == options.close_after) {
		flush();
		quit(0, NULL);
	}
	if (step == options.hang_after)
		hang();
	if (step != options.abort_after)
		return false;
	put_command(MILTER_ABORT);
	put_command(MILTER_ABORT);
	flush();
	printf("ABORTED\n");
	return true;
}

/* A reply to a step before the end: true if the mail is over with it. */
static bool
ends_mail(uint8_t code, struct mta_place *place)
{
	if (code == MILTER_REPLY_SKIP)
		place->item = options.mail.body_len;
	return code != MILTER_REPLY_CONTINUE && code != MILTER_REPLY_SKIP;
}

static void
send_mail(int nth, bool connect)
{
	struct mta_place place = { .step = connect ? MTA_CONNECT : MTA_MAIL };
	enum mta_step step;
	bool wait;

	while ((step = mta_put_next(&peer.out, &place, &options.mail,
		    peer.steps, &wait)) != MTA_STEP__COUNT) {
		if (end_early(step, nth))
			return;
		if (step == MTA_EOM)
			take_final_reply();
		else if (wait && ends_mail(take_reply(), &place)) {
			put_command(MILTER_ABORT);
			return;
		}
	}
}

static void
talk(void)
{
	if (options.hex_first != NULL)
		send_hex(options.hex_first);
	mta_put_optneg(
	    &peer.out, options.version, options.actions, options.steps);
	take_reply();
	if (options.hex_then != NULL)
		send_hex(options.hex_then);
	for (int i = 0; i < options.times; i++) {
		if (i > 0 && options.new_client)
			put_command(MILTER_QUIT_NC);
		send_mail(i, i == 0 || options.new_client);
	}
	put_command(MILTER_QUIT);
	flush();
}

static void
dial(const char *text)
{
	struct endpoint e = { .text = (char *)text };
	struct pollfd p = { .events = POLLOUT };
	const char *why;
	int error = 0;
	socklen_t len = sizeof(error);

	if (endpoint_parse(&e, text, &why) == -1)
		quit(EXIT_WRONG, why);
	peer.fd = p.fd = endpoint_connect(&e);
	if (peer.fd == -1 || poll(&p, 1, options.timeout_ms) != 1 ||
	    getsockopt(peer.fd, SOL_SOCKET, SO_ERROR, &error, &len) == -1 ||
	    error != 0)
		quit(EXIT_REFUSED, "REFUSED");
	fcntl(peer.fd, F_SETFL, fcntl(peer.fd, F_GETFL) & ~O_NONBLOCK);
}

/* ---- options
 * ----------------------------------------------------------------------- */

static char *
read_file(const char *name, size_t *len_r)
{
	struct buffer b = { 0 };
	int fd = open(name, O_RDONLY);

	if (fd == -1) {
		perror(name);
		exit(EXIT_WRONG);
	}
	while (buffer_read(&b, fd, 65536) > 0)
		;
	close(fd);
	if (len_r != NULL)
		*len_r = b.len;
	if (buffer_append(&b, "", 1) == -1)
		abort();
	return (char *)b.data;
}

static void
set_message(const char *file)
{
	size_t len;
	char *text = read_file(file, &len);

	options.mail.body = mta_parse_fields(text, &options.mail);
	options.mail.body_len = len - (size_t)(options.mail.body - text);
}

static void
set_body(const char *octets)
{
	char *body;

	options.mail.body_len = strtoul(octets, NULL, 10);
	if ((body = malloc(options.mail.body_len + 1)) == NULL)
		abort();
	memset(body, 'x', options.mail.body_len);
	options.mail.body = body;
}

static void
add_recipient(const char *recipient)
{
	struct mta_mail *m = &options.mail;

	m->recipients = realloc(
	    m->recipients, (m->n_recipients + 1) * sizeof(*m->recipients));
	if (m->recipients == NULL)
		abort();
	m->recipients[m->n_recipients++] = recipient;
}

static void
add_macro(char *text)
{
	struct mta_mail *m = &options.mail;
	char *value = strchr(text, '=');

	if (value == NULL || text[1] != ':')
		quit(EXIT_WRONG, "-M C:NAME=VALUE");
	*value++ = '\0';
	m->macros = realloc(m->macros, (m->n_macros + 1) * sizeof(*m->macros));
	if (m->macros == NULL)
		abort();
	m->macros[m->n_macros++] = (struct mta_macro){
		.command = (uint8_t)text[0], .name = text + 2, .value = value
	};
}

static enum mta_step
step_option(const char *name)
{
	enum mta_step step = mta_step_find(name);

	if (step == MTA_STEP__COUNT)
		quit(EXIT_WRONG, "no such step");
	return step;
}

static void
offer_v2(void)
{
	options.version = 2;
	options.actions = 0x3f;
	options.steps = 0x7f;
}

static void
set_mail_option(int option, char *value)
{
	struct mta_mail *m = &options.mail;

	switch (option) {
	case 'f':
		m->sender = value;
		break;
	case 't':
		add_recipient(value);
		break;
	case 'h':
		mta_parse_fields(value, m);
		break;
	case 'F':
		mta_parse_fields(read_file(value, NULL), m);
		break;
	case 'b':
		m->body = read_file(value, &m->body_len);
		break;
	case 'B':
		set_body(value);
		break;
	case 'm':
		set_message(value);
		break;
	case 'a':
		m->client = value;
		break;
	case 'l':
		m->login = value;
		break;
	case 'i':
		m->queue_id = value;
		break;
	case 'M':
		add_macro(value);
		break;
	default:
		exit(EXIT_WRONG);
	}
}

static void
set_option(int option, char *value)
{
	switch (option) {
	case 'n':
		options.times = atoi(value);
		break;
	case 'N':
		options.new_client = true;
		break;
	case 'A':
		options.abort_after = step_option(value);
		break;
	case 'Q':
		options.close_after = step_option(value);
		break;
	case 'H':
		options.hang_after = step_option(value);
		break;
	case 'x':
		options.hex_first = value;
		break;
	case 'X':
		options.hex_then = value;
		break;
	case 's':
		options.slow = true;
		break;
	case 'T':
		options.timeout_ms = (int)(atof(value) * 1000);
		break;
	case 'V':
		options.version = (uint32_t)strtoul(value, NULL, 0);
		break;
	case 'O':
		options.actions = (uint32_t)strtoul(value, NULL, 0);
		break;
	case 'P':
		options.steps = (uint32_t)strtoul(value, NULL, 0);
		break;
	case '1':
		options.steps &= 0x77f;
		break;
	case '2':
		offer_v2();
		break;
	default:
		set_mail_option(option, value);
	}
}

int
main(int argc, char **argv)
{
	static const struct option names[] = { { "no-nr", 0, NULL, '1' },
		{ "v2", 0, NULL, '2' }, { NULL, 0, NULL, 0 } };
	static const char *nobody[] = { "claire@nonprofit.org" };
	int c;

	signal(SIGPIPE, SIG_IGN);
	while ((c = getopt_long(argc, argv,
		    "f:t:h:F:b:B:m:a:l:i:M:n:NA:Q:H:x:X:sT:V:O:P:", names,
		    NULL)) != -1)
		set_option(c, optarg);
	if (optind + 1 != argc) {
		fprintf(stderr, "usage: milter_client [options] ENDPOINT\n");
		return EXIT_WRONG;
	}
	if (options.mail.n_recipients == 0) {
		options.mail.recipients = nobody;
		options.mail.n_recipients = 1;
	}
	dial(argv[optind]);
	talk();
	close(peer.fd);
	return 0;
}
