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
 *   -U               read no reply to a mail; "BLOCKED" when the milter takes
 *                    no more for the time of -T
 *   -s               each octet in a write of its own
 *   -T SECONDS       how long to wait for a reply (20)
 *  what the MTA offers
 *   -V VERSION, -O ACTIONS, -P STEPS; --no-nr, --v2
 *
 * Exit status: 0 every mail was answered, 1 the milter closed, 3 no reply in
 * time, 4 connection refused, 5 blocked.
 */
#include "tests/tools/milter_client.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct client_options options;
static struct client_peer peer;

void
client_quit(int status, const char *line)
{
	if (line != NULL)
		printf("%s\n", line);
	fflush(stdout);
	exit(status);
}

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
		client_take_reply(&peer);
}

static void
hang(void)
{
	for (;;)
		client_take_reply(&peer);
}

/* True if the mail ends here, as the options want. */
static bool
end_early(enum mta_step step, int nth)
{
	if (nth > 0)
		return false;
	if (step == options.close_after) {
		client_flush(&peer);
		client_quit(0, NULL);
	}
	if (step == options.hang_after)
		hang();
	if (step != options.abort_after)
		return false;
	put_command(MILTER_ABORT);
	put_command(MILTER_ABORT);
	client_flush(&peer);
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

/* All mails, and nobody reads the replies. */
static void
send_deaf(void)
{
	client_limit_writes(&peer);
	for (int i = 0; i < options.times; i++) {
		struct mta_place place = { .step = MTA_MAIL };
		bool wait;

		while (mta_put_next(&peer.out, &place, &options.mail,
			   peer.steps, &wait) != MTA_STEP__COUNT)
			;
		client_flush(&peer);
	}
}

static void
send_mail(int nth, bool connect)
{
	struct mta_place place = { .step = connect ? MTA_CONNECT : MTA_MAIL };
	enum mta_step step;
	bool wait;

	while ((step = mta_put_next(&peer.out, &place, &options.mail,
		    peer.steps, &wait)) != MTA_STEP__COUNT) {
		if (step != MTA_EOM && wait &&
		    ends_mail(client_take_reply(&peer), &place)) {
			put_command(MILTER_ABORT);
			return;
		}
		if (end_early(step, nth))
			return;
		if (step == MTA_EOM)
			client_take_final_reply(&peer);
	}
}

static void
talk(void)
{
	if (options.hex_first != NULL)
		send_hex(options.hex_first);
	mta_put_optneg(
	    &peer.out, options.version, options.actions, options.steps);
	client_take_reply(&peer);
	if (options.hex_then != NULL)
		send_hex(options.hex_then);
	if (options.deaf) {
		send_deaf();
		return;
	}
	for (int i = 0; i < options.times; i++) {
		if (i > 0 && options.new_client)
			put_command(MILTER_QUIT_NC);
		send_mail(i, i == 0 || options.new_client);
	}
	put_command(MILTER_QUIT);
	client_flush(&peer);
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	client_options_parse(&options, argc, argv);
	client_dial(&peer, &options);
	talk();
	close(peer.fd);
	return 0;
}
