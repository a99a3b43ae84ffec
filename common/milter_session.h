/*
 * One milter connection as a state machine: packets in, messages handed to
 * the daemon, replies out into a buffer. No socket, no clock: milter_server
 * moves the octets and keeps the time.
 */
#ifndef DNSMAIL_MILTER_SESSION_H
#define DNSMAIL_MILTER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "milter.h"

struct milter_session;

enum {
	MILTER_FIELDS_MAX = 2000,          /* header fields of one message */
	MILTER_FIELD_MAX = 64 * 1024,      /* octets of one of them */
	MILTER_KEPT_MAX = 2 * 1024 * 1024, /* octets kept of one message */
};

/* What was over a bound; the daemon answers (451 or permerror). */
enum milter_overflow {
	MILTER_FITS,
	MILTER_TOO_MANY_FIELDS,
	MILTER_FIELD_TOO_LONG,
	MILTER_TOO_MANY_RECIPIENTS,
	MILTER_KEPT_TOO_MUCH,
};

struct milter_field {
	const char *name;  /* as sent */
	const char *value; /* NUL-terminated, as sent */
	size_t len;
	unsigned nth; /* of its name (any case), from 1: what
			 milter_change() wants */
};

/* All strings belong to the session, until forget. Never NULL: "". */
struct milter_message {
	const char *client_addr;       /* "192.0.2.1", "::1", "" for
					  a local or unknown client */
	const char *auth_authen;       /* login */
	const char *queue_id;          /* macro i */
	const char *sender;            /* MAIL argument, raw */
	const char *const *recipients; /* RCPT arguments, raw, with
					  their ESMTP parameters */
	size_t n_recipients;
	const struct milter_field *fields; /* those asked for, in the
					      order of the message */
	size_t n_fields;
	enum milter_overflow overflow;
};

struct milter_handler {
	const char *name;          /* for the log */
	uint32_t actions;          /* MILTER_F_* */
	const char *const *fields; /* names to keep, NULL ends */
	size_t max_recipients;
	bool wants_body; /* read when a connection
			    negotiates */
	/* All header fields are there, the body begins. */
	void (*headers)(struct milter_session *);
	void (*body)(struct milter_session *, const uint8_t *, size_t);
	/* The end. Leads to one milter_finish(), now or later. */
	void (*eom)(struct milter_session *);
	/*
	 * The message is over, finished or not (ABORT, QUIT, a lost
	 * connection, a malformed packet): cancel what is under way, free
	 * what milter_set_data() holds. Called once per message for which
	 * headers was called.
	 */
	void (*forget)(struct milter_session *);
	void *arg; /* milter_arg() */
};

struct milter_session *milter_session_new(
    const struct milter_handler *, struct buffer *out);
void milter_session_free(struct milter_session *); /* forgets */

enum milter_next {
	MILTER_NEXT_READ,   /* wants more packets */
	MILTER_NEXT_WAIT,   /* the daemon is thinking: milter_finish() */
	MILTER_NEXT_CLOSE,  /* QUIT, after out is written */
	MILTER_NEXT_BROKEN, /* malformed or out of order; *why_r */
};
/* `now` in seconds, CLOCK_MONOTONIC; only kept for milter_began(). */
enum milter_next milter_session_input(struct milter_session *,
    const struct milter_packet *, double now, const char **why_r);

/* --- for the daemon's handlers --- */
const struct milter_message *milter_message(const struct milter_session *);
void *milter_arg(const struct milter_session *);
void milter_set_data(struct milter_session *, void *);
void *milter_data(const struct milter_session *);
double milter_began(const struct milter_session *); /* first packet of
					       this message */

/* The first field of that name (any case) at or after *i; NULL: none. */
const struct milter_field *milter_find(
    const struct milter_message *, const char *name, size_t *i);

/* The first field of each of n names: its value, or NULL and 0. */
void milter_first_fields(const struct milter_message *,
    const char *const *names, size_t n, const char **values, size_t *lengths);

/* Does the MTA send bodies on this connection (wants_body when it began)? */
bool milter_has_body(const struct milter_session *);

/* In eom only, before finish. -1: out of memory (then tempfail). */
int milter_insert(struct milter_session *, uint32_t index, const char *name,
    const char *value);
int milter_remove(struct milter_session *, const char *name, unsigned nth);
int milter_quarantine(struct milter_session *, const char *reason);

enum milter_verdict {
	MILTER_ACCEPT,
	MILTER_DISCARD,
	MILTER_TEMPFAIL,
	MILTER_REJECT,
};
/*
 * `text` is a whole SMTP reply ("451 4.7.1 ..."), NULL: the MTA's own words.
 * Drops the insertions etc. made so far unless MILTER_ACCEPT.
 */
void milter_finish(
    struct milter_session *, enum milter_verdict, const char *text);

/* A message is under way: the MTA would have to send it again. */
bool milter_session_busy(const struct milter_session *);
/* A reply was lost to want of memory: close, so that the MTA tempfails. */
bool milter_session_broken(const struct milter_session *);

/* milter_server sets it: called by milter_finish() when it was awaited. */
void milter_session_on_finish(
    struct milter_session *, void (*)(void *arg), void *arg);

#endif
