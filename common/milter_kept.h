/*
 * What a milter session keeps of the message under way, within its bounds.
 * For milter_session alone: daemons see a struct milter_message.
 */
#ifndef DNSMAIL_MILTER_KEPT_H
#define DNSMAIL_MILTER_KEPT_H

#include "milter_macro.h"
#include "milter_session.h"

enum { MILTER_NAMES_MAX = 32 }; /* names in milter_handler.fields */

/*
 * A zeroed struct keeps nothing. Strings stand in chunks, so they do not move
 * while the message grows; the memory of an ordinary message is used again.
 */
struct milter_kept {
	struct milter_message message;
	struct milter_chunk *chunks;
	size_t octets;    /* of this message, against MILTER_KEPT_MAX */
	size_t n_headers; /* fields seen, kept or not */
	const char **recipients;
	size_t recipients_cap;
	struct milter_field *fields;
	size_t fields_cap;
	const char *const *names; /* which fields to keep */
	unsigned seen[MILTER_NAMES_MAX];
};

/* Forgets the last message. `names` (NULL ends) must stay until the next. */
void milter_kept_begin(struct milter_kept *, const char *const *names);
void milter_kept_free(struct milter_kept *);

/*
 * 0, or -1 when memory is out. What is over a bound is not kept and makes the
 * message's overflow say so; no recipient or field is kept from then on, but
 * macros are: the log wants the queue ID.
 */
int milter_kept_sender(struct milter_kept *, const char *, size_t len);
/* The address and its ESMTP parameters, a NUL between each and no last one. */
int milter_kept_recipient(
    struct milter_kept *, const uint8_t *strings, size_t len, size_t most);
int milter_kept_field(struct milter_kept *, const char *name, size_t name_len,
    const char *value, size_t len);
int milter_kept_macro(
    struct milter_kept *, enum milter_macro, const char *value);

#endif
