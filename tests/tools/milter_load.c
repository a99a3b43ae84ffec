/*
 * milter_load [options] ENDPOINT: plays MTAs, many at once, against any
 * milter, and reports in one line of key=value. One thread, on libev.
 *
 *  -c N  connections (1)       -n N  messages in all (1000)
 *  -k N  messages per connection, then a new one (0: all on one)
 *  -b N  octets of body (2048) -R N  recipients (1)
 *  -f, -t PATTERN  sender and From:, recipient and To:; %m is the number of
 *        the message, %r of the recipient (martha%m@domain.com,
 *        claire%r@nonprofit.org)
 *  -a ADDRESS  client (192.0.2.1)   -l LOGIN   -M C:NAME=VALUE  macro
 *  -x FILE  blocks of header fields with an empty line between them; message i
 *        has block i % n on top of its own
 *  -w FILE  the fields that the milter inserts, as blocks for -x: a signing run
 *        feeds a verifying run with the same -n -f -t -b -R
 *  -P PID   also report its processor time per message and its memory
 *  -T SEC   a message that takes longer is lost, its connection too (60)
 *  -L TEXT  label
 *
 * A message's time runs from its first packet to the final reply. Exit status
 * 1 when a message was lost.
 */
#include "tests/tools/milter_load.h"

#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/monotonic.h"

struct connection {
	ev_io io; /* fd -1: none */
	ev_timer late;
	struct buffer in, out;
	struct load_mail mail;
	struct mta_place place;
	enum mta_step sent; /* what is waiting for an answer */
	uint32_t steps;
	bool negotiated, busy;
	size_t number, done; /* of the message; messages on this connection */
	double began;
};

static struct load_options options;
static struct load_tally tally;
static size_t started, running; /* messages begun; connections in use */
static struct ev_loop *loop;

static void next_message(struct connection *);
static void dial(struct connection *);

/* ---- octets ---- */

static void
watch(struct connection *c, int events)
{
	if ((c->io.events & (EV_READ | EV_WRITE)) == events)
		return;
	ev_io_stop(loop, &c->io);
	ev_io_set(&c->io, c->io.fd, events);
	ev_io_start(loop, &c->io);
}

/* What goes wrong here shows itself when reading. */
static void
flush(struct connection *c)
{
	if (c->out.len > 0)
		buffer_write(&c->out, c->io.fd);
	watch(c, EV_READ | (c->out.len > 0 ? EV_WRITE : 0));
}

static void
hang_up(struct connection *c)
{
	if (c->io.fd == -1)
		return;
	ev_io_stop(loop, &c->io);
	close(c->io.fd);
	c->io.fd = -1;
	c->negotiated = false;
	c->done = 0;
	buffer_clear(&c->in);
	buffer_clear(&c->out);
}

/* The message is not tried again; the connection is, for the next one. */
static void
lose(struct connection *c)
{
	ev_timer_stop(loop, &c->late);
	hang_up(c);
	if (c->busy)
		tally.lost++;
	c->busy = false;
	next_message(c);
}

/* ---- a message ---- */

/* Packets until one is to be answered. */
static void
drive(struct connection *c)
{
	bool wait = false;

	while (!wait)
		c->sent = mta_put_next(
		    &c->out, &c->place, &c->mail.mail, c->steps, &wait);
	flush(c);
}

static void
begin(struct connection *c)
{
	c->place =
	    (struct mta_place){ .step = c->done == 0 ? MTA_CONNECT : MTA_MAIL };
	c->began = monotonic_now();
	drive(c);
}

static void
rest(struct connection *c)
{
	ev_timer_stop(loop, &c->late);
	hang_up(c);
	if (--running == 0)
		ev_break(loop, EVBREAK_ALL);
}

static void
next_message(struct connection *c)
{
	if (started == options.messages) {
		rest(c);
		return;
	}
	c->number = started++;
	c->busy = true;
	load_mail_make(&c->mail, c->number);
	ev_timer_again(loop, &c->late);
	if (options.per_connection > 0 && c->done >= options.per_connection)
		hang_up(c);
	if (c->io.fd == -1)
		dial(c);
	else
		begin(c);
}

static void
count_verdict(uint8_t code, const struct milter_packet *reply)
{
	switch (code) {
	case MILTER_REPLY_TEMPFAIL:
		tally.tempfail++;
		break;
	case MILTER_REPLY_REJECT:
		tally.reject++;
		break;
	case MILTER_REPLY_DISCARD:
		tally.discard++;
		break;
	case MILTER_REPLY_CODE:
		if (reply->len > 0 && reply->data[0] == '4')
			tally.tempfail++;
		else
			tally.reject++;
		break;
	default:
		tally.accept++;
	}
}

static void
end_message(struct connection *c, const struct milter_packet *reply)
{
	if (c->sent != MTA_EOM &&
	    milter_put(&c->out, MILTER_ABORT, NULL, 0) == -1)
		abort();
	count_verdict(reply->command, reply);
	tally.latencies[tally.done++] = monotonic_now() - c->began;
	c->done++;
	c->busy = false;
	next_message(c);
}

/* ---- replies ---- */

static void
capture(struct connection *c, const struct milter_packet *reply)
{
	struct milter_cursor cursor;
	uint32_t index;
	const char *name, *value;
	char *text, *old = tally.captured[c->number];
	size_t len;

	milter_cursor_init(&cursor, reply);
	if (milter_u32(&cursor, &index) == -1 ||
	    (name = milter_string(&cursor, &len)) == NULL ||
	    (value = milter_string(&cursor, &len)) == NULL ||
	    asprintf(
		&text, "%s: %s\n%s", name, value, old == NULL ? "" : old) == -1)
		return;
	free(old);
	tally.captured[c->number] = text;
}

static void
take_negotiated(struct connection *c, const struct milter_packet *reply)
{
	struct milter_cursor cursor;
	uint32_t version, actions;

	milter_cursor_init(&cursor, reply);
	if (milter_u32(&cursor, &version) == -1 ||
	    milter_u32(&cursor, &actions) == -1 ||
	    milter_u32(&cursor, &c->steps) == -1)
		return;
	c->negotiated = true;
	begin(c);
}

static void
take_final(struct connection *c, const struct milter_packet *reply)
{
	if (c->sent != MTA_EOM && reply->command == MILTER_REPLY_CONTINUE)
		drive(c);
	else
		end_message(c, reply);
}

static void
skip_body(struct connection *c)
{
	c->place = (struct mta_place){ .step = MTA_EOM };
	drive(c);
}

static void
take_reply(struct connection *c, const struct milter_packet *reply)
{
	switch (reply->command) {
	case MILTER_OPTNEG:
		take_negotiated(c, reply);
		break;
	case MILTER_REPLY_INSHEADER:
		tally.inserted++;
		if (options.capture != NULL)
			capture(c, reply);
		break;
	case MILTER_REPLY_CHGHEADER:
		tally.changed++;
		break;
	case MILTER_REPLY_QUARANTINE:
		tally.quarantine++;
		break;
	case MILTER_REPLY_SKIP:
		skip_body(c);
		break;
	default:
		if (mta_reply_is_final(reply->command))
			take_final(c, reply);
	}
}

/* A reply may end the connection, or replace it: then its octets are gone. */
static void
take_replies(struct connection *c)
{
	struct milter_packet reply;
	size_t used;
	int got = 0;

	while (c->io.fd != -1 &&
	    (got = milter_packet_get(&reply, c->in.data, c->in.len, &used)) ==
		1) {
		take_reply(c, &reply);
		buffer_consume(&c->in, used);
	}
	if (got == -1)
		lose(c);
}

static void
on_io(struct ev_loop *l, ev_io *w, int events)
{
	struct connection *c = w->data;
	ssize_t n;

	(void)l;
	if (events & EV_READ) {
		n = buffer_read(&c->in, c->io.fd, 65536);
		if (n == 0 || (n == -1 && errno != EAGAIN)) {
			lose(c);
			return;
		}
		take_replies(c);
	}
	if (c->io.fd != -1)
		flush(c);
}

static void
on_late(struct ev_loop *l, ev_timer *w, int events)
{
	(void)l;
	(void)events;
	lose(w->data);
}

/* A full backlog of a Unix socket says EAGAIN: then once more, a bit later. */
static void
dial(struct connection *c)
{
	int fd;

	while (
	    (fd = endpoint_connect(&options.endpoint)) == -1 && errno == EAGAIN)
		usleep(1000);
	if (fd == -1) {
		perror("milter_load: connect");
		exit(69);
	}
	ev_io_init(&c->io, on_io, fd, EV_READ | EV_WRITE);
	c->io.data = c;
	ev_io_start(loop, &c->io);
	/* Postfix's own answer to HDR_LEADSPC adds nothing to a measurement. */
	mta_put_optneg(&c->out, MILTER_VERSION, MTA_ACTIONS_ALL,
	    MTA_STEPS_ALL & ~MILTER_P_HDR_LEADSPC);
	flush(c);
}

/* ---- the run ---- */

static struct connection *
start_connections(const struct load_blocks *blocks)
{
	struct connection *all = calloc(options.connections, sizeof(*all));

	if (all == NULL)
		abort();
	running = options.connections;
	for (size_t i = 0; i < options.connections; i++) {
		struct connection *c = &all[i];

		load_mail_init(&c->mail, &options, blocks);
		c->io.fd = -1;
		ev_timer_init(&c->late, on_late, 0., options.timeout);
		c->late.data = c;
	}
	for (size_t i = 0; i < options.connections; i++)
		next_message(&all[i]);
	return all;
}

static void
free_connections(struct connection *all)
{
	for (size_t i = 0; i < options.connections; i++) {
		buffer_free(&all[i].in);
		buffer_free(&all[i].out);
		load_mail_free(&all[i].mail);
	}
	free(all);
}

static void
free_tally(void)
{
	for (size_t i = 0; i < options.messages; i++)
		free(tally.captured[i]);
	free(tally.captured);
	free(tally.latencies);
}

static void
run(const struct load_blocks *blocks)
{
	struct connection *all;
	double cpu_ms[LOAD_PIDS], began = monotonic_now();

	for (size_t i = 0; i < options.n_pids; i++)
		cpu_ms[i] = load_cpu_ms(options.pids[i]);
	all = start_connections(blocks);

	if (running > 0)
		ev_run(loop, 0);
	for (size_t i = 0; i < options.n_pids; i++)
		cpu_ms[i] = load_cpu_ms(options.pids[i]) - cpu_ms[i];
	load_tally_print(&tally, &options, monotonic_now() - began, cpu_ms);
	free_connections(all);
}

int
main(int argc, char **argv)
{
	struct load_blocks blocks = { 0 };

	signal(SIGPIPE, SIG_IGN);
	load_options_parse(&options, argc, argv);
	if (options.blocks != NULL)
		load_blocks_read(&blocks, options.blocks);
	loop = EV_DEFAULT;
	tally.latencies = calloc(options.messages, sizeof(double));
	tally.captured = calloc(options.messages, sizeof(char *));
	if (tally.latencies == NULL || tally.captured == NULL)
		abort();
	run(&blocks);
	if (options.capture != NULL)
		load_tally_write(&tally, &options);
	free_tally();
	load_blocks_free(&blocks);
	return tally.lost > 0;
}
