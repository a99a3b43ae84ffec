/*
 * What lies behind a struct mail: the protocol that brings it. The middle
 * between the connections (mail_connection), the protocols (milter_session,
 * policy_session) and the daemons (mail.h).
 */
#ifndef DNSMAIL_MAIL_PROTOCOL_H
#define DNSMAIL_MAIL_PROTOCOL_H

#include "buffer.h"
#include "mail_kept.h"

/* Octets of the largest piece of any protocol. */
enum { MAIL_PIECE_MAX = 1024 * 1024 + 4 };

/* What became of the octets read. */
enum mail_next {
	MAIL_NEXT_READ,   /* nothing whole: more octets, or finish, first */
	MAIL_NEXT_AGAIN,  /* one piece taken; there may be another */
	MAIL_NEXT_CLOSE,  /* the end, after `out` is written; *why_r if it is
			     not a good one */
	MAIL_NEXT_BROKEN, /* malformed or out of order; *why_r */
};

struct mail_protocol {
	const char *name; /* also of sockets that systemd passes */
	/* The peer may end its side after the last request (shutdown(2)), and
	   still gets its answer. */
	bool half_close;
	/* A new connection's; NULL: out of memory. */
	struct mail *(*open)(const struct mail_handler *, struct buffer *out);
	void (*free)(struct mail *);
	/* Takes one piece (packet, line) from `in`. */
	enum mail_next (*input)(
	    struct mail *, struct buffer *in, const char **why_r);
	/* What must be known to go on in another process, from its begin or
	   with a message of which no header has come; -1: not now, or no
	   memory. And there; -1: it cannot. NULL, both: never. */
	int (*store)(const struct mail *, struct buffer *state);
	int (*resume)(struct mail *, const uint8_t *state, size_t n);
	/* A sign of life while the daemon thinks; NULL: there is none. */
	int (*progress)(struct buffer *out);

	/* What the daemon says: 0, -1 out of memory. */
	int (*insert)(
	    struct mail *, uint32_t index, const char *name, const char *value);
	int (*remove)(struct mail *, const char *name, unsigned nth);
	int (*quarantine)(struct mail *, const char *reason);
	int (*verdict)(struct mail *, enum mail_verdict, const char *text);
	/* The message is over; drop what was said of it. */
	void (*over)(struct mail *);
};

/* First member of each protocol's session. */
struct mail {
	const struct mail_protocol *protocol;
	const struct mail_handler *handler;
	struct buffer *out;
	struct mail_kept kept;
	bool begun;    /* kept is this message's */
	bool told;     /* headers was called for it */
	bool waiting;  /* for mail_finish() */
	bool has_body; /* see mail_has_body() */
	bool inside;   /* in mail_input() */
	bool broken;   /* out of memory in an answer: close, so that the MTA
			  tempfails */
	double now, began;
	void *data;
	void (*on_finish)(void *); /* of mail_finish() when it was awaited */
	void *on_finish_arg;
};

/* ---- for mail_connection ---- */

/* `now` in seconds, CLOCK_MONOTONIC; kept for mail_began(). */
enum mail_next mail_input(
    struct mail *, struct buffer *in, double now, const char **why_r);
/* See struct mail_protocol. */
int mail_store(const struct mail *, struct buffer *state);
int mail_resume(struct mail *, double now, const uint8_t *state, size_t n);
void mail_free(struct mail *); /* forgets; NULL is fine */
void mail_on_finish(struct mail *, void (*)(void *arg), void *arg);
/* A message is under way: the MTA would have to send it again. */
bool mail_busy(const struct mail *);

/* ---- for the protocols ---- */

void mail_begin(struct mail *);        /* once per message */
void mail_tell_headers(struct mail *); /* the first time only */
void mail_tell_end(struct mail *);     /* then it waits for the daemon */
void mail_forget(struct mail *);       /* ends what is under way, if any */

#endif
