/*
 * One message of the MTA, whichever protocol brings it (milter, line
 * protocol): what a daemon sees of it and what it may answer. Pure.
 */
#ifndef DNSMAIL_MAIL_H
#define DNSMAIL_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mail;

enum {
	MAIL_FIELDS_MAX = 2000,          /* header fields of one message */
	MAIL_FIELD_MAX = 64 * 1024,      /* octets of one of them */
	MAIL_KEPT_MAX = 2 * 1024 * 1024, /* octets kept of one message */
};

/* What was over a bound; the daemon answers (451 or permerror). */
enum mail_overflow {
	MAIL_FITS,
	MAIL_TOO_MANY_FIELDS,
	MAIL_FIELD_TOO_LONG,
	MAIL_TOO_MANY_RECIPIENTS,
	MAIL_KEPT_TOO_MUCH,
	MAIL_NO_ROOM, /* others hold the memory (max-memory): 451 */
};

struct mail_field {
	const char *name;  /* as sent */
	const char *value; /* NUL-terminated, as sent */
	size_t len;
	unsigned nth; /* of its name (any case), from 1: what
			 mail_remove() wants */
};

/* All strings belong to the message, until forget. Never NULL: "". */
struct mail_message {
	const char *client_addr; /* "192.0.2.1", "::1", "" for
				    a local or unknown client */
	const char *auth_authen; /* login */
	const char *queue_id;
	const char *digest; /* of the content, canon.h's form, where the MTA's
			       side made it; "": none */
	const char *sender; /* MAIL argument, raw */
	const char *const *recipients; /* RCPT arguments, raw, with
					  their ESMTP parameters */
	size_t n_recipients;
	const struct mail_field *fields; /* those asked for, in the
					      order of the message */
	size_t n_fields;
	enum mail_overflow overflow;
};

/* What a daemon does with messages. */
struct mail_handler {
	const char *name;          /* for the log */
	const char *request;       /* its name in the line protocol */
	uint32_t actions;          /* MILTER_F_*: what a milter asks for */
	const char *const *fields; /* names to keep, NULL ends */
	size_t max_recipients;
	bool wants_body; /* read when a milter connection negotiates */
	/* All header fields are there, the body begins. */
	void (*headers)(struct mail *);
	/* Not called where mail_has_body() is false. */
	void (*body)(struct mail *, const uint8_t *, size_t);
	/* The end. Leads to one mail_finish(), now or later. */
	void (*eom)(struct mail *);
	/*
	 * The message is over, finished or not (ABORT, QUIT, a lost
	 * connection, a malformed packet): cancel what is under way, free
	 * what mail_set_data() holds. Called once per message for which
	 * headers was called.
	 */
	void (*forget)(struct mail *);
	void *arg; /* mail_arg() */
};

/* --- for the daemon's handlers --- */
const struct mail_message *mail_message(const struct mail *);
void *mail_arg(const struct mail *);
void mail_set_data(struct mail *, void *);
void *mail_data(const struct mail *);
double mail_began(const struct mail *); /* its first octets, monotonic */

/* The first field of that name (any case) at or after *i; NULL: none. */
const struct mail_field *mail_find(
    const struct mail_message *, const char *name, size_t *i);

/* The first field of each of n names: its value, or NULL and 0. */
void mail_first_fields(const struct mail_message *, const char *const *names,
    size_t n, const char **values, size_t *lengths);

/* Does the MTA send this message's body? */
bool mail_has_body(const struct mail *);

/*
 * In eom only, before finish. -1: out of memory (then tempfail). The line
 * protocol cannot remove: there the MTA does that itself.
 */
int mail_insert(
    struct mail *, uint32_t index, const char *name, const char *value);
int mail_remove(struct mail *, const char *name, unsigned nth);
int mail_quarantine(struct mail *, const char *reason);

enum mail_verdict {
	MAIL_ACCEPT,
	MAIL_DISCARD,
	MAIL_TEMPFAIL,
	MAIL_REJECT,
	MAIL_VERDICT__COUNT
};
/*
 * `text` is a whole SMTP reply ("451 4.7.1 ..."), NULL: the MTA's own words.
 * Drops the insertions etc. made so far unless MAIL_ACCEPT.
 */
void mail_finish(struct mail *, enum mail_verdict, const char *text);

#endif
