/*
 * milter_client's parts: its options, and the milter it talks to.
 */
#ifndef DNSMAIL_TESTS_MILTER_CLIENT_H
#define DNSMAIL_TESTS_MILTER_CLIENT_H

#include <stdio.h>

#include "tests/tools/mta_side.h"

enum {
	EXIT_CLOSED = 1,
	EXIT_TIMEOUT = 3,
	EXIT_REFUSED = 4,
	EXIT_BLOCKED = 5,
	EXIT_WRONG = 64
};

struct client_options {
	struct mta_mail mail;
	int times;
	bool new_client; /* QUIT_NC between mails */
	enum mta_step abort_after, close_after, hang_after;
	const char *hex_first, *hex_then;
	uint32_t version, actions, steps; /* offered */
	bool slow, deaf;
	int timeout_ms;
	const char *endpoint;
};

/* Ends the program when they are wrong. */
void client_options_parse(struct client_options *, int argc, char **argv);

/* Says `line` unless it is NULL, and ends the program, which has its own. */
void client_quit(int status, const char *line) __attribute__((noreturn));

/* The connection; trouble with it ends the program, with a line. */
struct client_peer {
	int fd;
	struct buffer in, out;
	uint32_t steps; /* as negotiated */
	bool slow;      /* each octet in a write of its own */
	int timeout_ms;
	FILE *say; /* the replies, a line each; stdout after the dial */
};

void client_dial(struct client_peer *, const struct client_options *);
/* From now on a write that takes longer than the timeout ends the program. */
void client_limit_writes(struct client_peer *);
void client_flush(struct client_peer *);
/* Sends what is in `out`, tells the next reply and returns its code. */
uint8_t client_take_reply(struct client_peer *);
uint8_t client_take_final_reply(struct client_peer *);

#endif
