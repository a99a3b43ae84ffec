/*
 * What is kept of the message under way, within its bounds. For the protocols
 * alone: daemons see a struct mail_message.
 */
#ifndef DNSMAIL_MAIL_KEPT_H
#define DNSMAIL_MAIL_KEPT_H

#include "mail.h"

enum { MAIL_NAMES_MAX = 32 };        /* names in mail_handler.fields */
enum { MAIL_KEPT_IDLE = 64 * 1024 }; /* octets kept between two messages */

/* What is known of a message besides its sender, recipients and fields. */
enum mail_fact {
	MAIL_CLIENT_ADDR,
	MAIL_LOGIN,
	MAIL_QUEUE_ID,
	MAIL_DIGEST,
	MAIL_FACT__COUNT /* also: one that we do not use */
};

/*
 * A zeroed struct keeps nothing. Strings stand in chunks, so they do not move
 * while the message grows; the memory of an ordinary message is used again.
 */
struct mail_kept {
	struct mail_message message;
	struct mail_chunk *chunks;
	size_t octets;    /* of this message, against MAIL_KEPT_MAX */
	size_t n_headers; /* fields seen, kept or not */
	bool no_room;     /* no recipient or field more, within bounds or not */
	const char **recipients;
	size_t recipients_cap;
	struct mail_field *fields;
	size_t fields_cap;
	const char *const *names; /* which fields to keep */
	unsigned seen[MAIL_NAMES_MAX];
};

/* Forgets the last message. `names` (NULL ends) must stay until the next. */
void mail_kept_begin(struct mail_kept *, const char *const *names);
/* The message is over: what is above MAIL_KEPT_IDLE is given back at once, and
   the message then is empty. The next one may be long in coming. */
void mail_kept_end(struct mail_kept *);
void mail_kept_free(struct mail_kept *);
/* What it takes of memory. */
size_t mail_kept_octets(const struct mail_kept *);

/*
 * 0, or -1 when memory is out. What is over a bound is not kept and makes the
 * message's overflow say so; no recipient or field is kept from then on, but
 * facts are: the log wants the queue ID.
 */
int mail_kept_sender(struct mail_kept *, const char *, size_t len);
/* The address and its ESMTP parameters, a NUL between each and no last one. */
int mail_kept_recipient(
    struct mail_kept *, const uint8_t *strings, size_t len, size_t most);
int mail_kept_field(struct mail_kept *, const char *name, size_t name_len,
    const char *value, size_t len);
int mail_kept_fact(struct mail_kept *, enum mail_fact, const char *value);

#endif
