/*
 * One SMTP session as the filter sees it: envelope, message, the daemon's
 * answer, what smtpd is told. Pure but for the spool file: events and answers
 * go in, lines for smtpd come out.
 */
#ifndef FILTER_SESSION_H
#define FILTER_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "filter/message.h"

struct answer;
struct buffer;
struct smtpd_event;

enum session_role { SESSION_SIGNS, SESSION_VERIFIES, SESSION_ROLE__COUNT };

struct session_options {
	enum session_role role;
	const char *authserv_id; /* whose Authentication-Results are forged */
	struct message_limits limits;
};

/* What the session waits for. */
enum session_want {
	SESSION_WANTS_EVENT,
	SESSION_WANTS_ANSWER, /* session_request(), then session_answer() */
	SESSION_WANTS_ROOM,   /* session_write() while it does */
};

struct session;

/* Tells smtpd which events are wanted. 0, or -1: out of memory. */
int session_register(struct buffer *out);

/* options must stay. NULL: out of memory. */
struct session *session_new(const struct session_options *, uint64_t id);
void session_free(struct session *);

/* An event of this session. A line for smtpd needs no more than 1024 octets
   of room in out. An answer that is then not wanted any more is dropped. */
enum session_want session_event(
    struct session *, const struct smtpd_event *, struct buffer *out);

/* The question to the daemon. 0, or -1: out of memory. */
int session_request(const struct session *, struct buffer *request);

/* NULL: there is none. */
enum session_want session_answer(struct session *, const struct answer *);

/* Whole lines for smtpd, until out has so many octets more. */
enum session_want session_write(
    struct session *, struct buffer *out, size_t most);

/* Why this message was put off without asking the daemon, for the log; "" if
   it was not. And its queue ID. */
const char *session_trouble(const struct session *);
const char *session_queue_id(const struct session *);

/*
 * For an event of a session of which nothing is known (memory was out when it
 * began): its mail is put off.
 */
void session_refuse(const struct smtpd_event *, struct buffer *out);

#endif
