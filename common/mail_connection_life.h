/*
 * The inside of a connection, for the two files that are one:
 * mail_connection.c has its octets, mail_connection_life.c its beginning, its
 * end, and what it may take of time and memory.
 */
#ifndef DNSMAIL_MAIL_CONNECTION_LIFE_H
#define DNSMAIL_MAIL_CONNECTION_LIFE_H

#include "mail_connection.h"

struct mail_connection {
	struct mail_connection *next, **prev; /* prev: what points here */
	struct mail_connections *all;
	struct mail *mail;
	struct buffer in, out;
	ev_io io;
	ev_timer idle;     /* looks at `heard` when it fires */
	ev_timer progress; /* runs while the daemon thinks */
	double heard;      /* monotonic: last sign of the peer */
	double stuck;      /* since when it has to go on: with a piece, or with
			      reading; 0: it has not */
	struct mail_place place;
	bool whole;    /* a piece has become whole, in this turn */
	bool ended;    /* the peer has said all; it may still read */
	bool closing;  /* after `out` is written */
	bool draining; /* all is written: the peer may finish its words */
};

/* ---- mail_connection_life.c ---- */

/* c is gone after these; break logs why. */
void mail_connection_close(struct mail_connection *);
void mail_connection_break(struct mail_connection *, const char *why);

/* Before octets are taken: makes room if memory is short. */
void mail_connection_relieve(struct mail_connection *);
/* After that: what was said, what is open, what is held. c may be gone. */
void mail_connection_settle(struct mail_connection *);

/* While we stop, and all is written: it goes where it is kept. Else, without a
   message under way, it may still bring one, for a while. 0, -1: c is gone. */
int mail_connection_leave(struct mail_connection *);

/* ---- mail_connection.c ---- */

void mail_connection_io(struct ev_loop *, ev_io *, int events);
void mail_connection_progress(struct ev_loop *, ev_timer *, int events);
void mail_connection_finished(void *connection); /* for mail_on_finish() */

#endif
