/*
 * The table of a milter session: which command may come in which state, what
 * it does, where it leads. For milter_session alone.
 */
#ifndef DNSMAIL_MILTER_STEP_H
#define DNSMAIL_MILTER_STEP_H

#include "mail_protocol.h"
#include "milter.h"

enum milter_state {
	MILTER_STATE_START,    /* OPTNEG must come first */
	MILTER_STATE_READY,    /* between messages */
	MILTER_STATE_ENVELOPE, /* MAIL has come */
	MILTER_STATE_HEADERS,  /* a header field has come */
	MILTER_STATE_BODY,     /* the header is over */
	MILTER_STATE_WAIT,     /* the MTA waits for mail_finish() */
	MILTER_STATE_CLOSED,
	MILTER_STATE_SAME /* in a rule: stay */
};

struct milter_session {
	struct mail mail; /* first: see mail_protocol.h */
	enum milter_state state;
	uint32_t actions; /* MILTER_F_*, as negotiated */
	uint32_t steps;   /* MILTER_P_*, as well */
	/* What holds for all messages of the connection; NULL: unknown. */
	char *connection[MAIL_FACT__COUNT];
	bool has_address;      /* CONNECT named it: no macro may change it */
	struct buffer changes; /* INSHEADER etc. until the verdict */
};

struct milter_step {
	unsigned from;          /* bits: the states in which it may come */
	enum milter_state next; /* entered before run, which may go further */
	uint32_t spare; /* MILTER_P_*: without it CONTINUE must answer; 0:
			   it has no answer of its own */
	/* NULL, or why the connection is broken. */
	const char *(*run)(
	    struct milter_session *, const struct milter_packet *);
};

/* NULL: no such command. */
const struct milter_step *milter_step_find(uint8_t command);

void milter_step_drop_connection(struct milter_session *);
/* What holds for the connection from now on. NULL, or why it is broken. */
const char *milter_step_know(
    struct milter_session *, enum mail_fact, const char *value);
/* The steps, and replies, that we would do without. */
uint32_t milter_step_wanted(const struct milter_session *);

#endif
