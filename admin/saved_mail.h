/*
 * A message as it is kept in a file: a Maildir's, or the first of an mbox (its
 * "From " line is passed over), with LF or CRLF. Pure; nothing is copied.
 */
#ifndef DNSMAIL_ADMIN_SAVED_MAIL_H
#define DNSMAIL_ADMIN_SAVED_MAIL_H

#include <stdbool.h>
#include <stddef.h>

enum { SAVED_MAIL_MAX = 256 * 1024 * 1024 }; /* octets of a file */

/* As an MTA hands it on: folded as it was, without the blank behind the colon,
   the last line end, and what follows a NUL. Not NUL-terminated. */
struct saved_field {
	const char *name, *value;
	size_t name_len, len;
};

struct saved_mail {
	struct saved_field *fields; /* from the top */
	size_t n_fields;
	const char *body;
	size_t body_len;
	bool mbox;
	bool more;    /* messages after it in the mbox */
	bool quoted;  /* ">From " in its body, as an mbox writes "From " */
	bool cut_off; /* the header section ended at a line that is no field;
			 mail servers take it for the body's first, too */
};

/* Points into `text`, which must stay. -1: out of memory. */
int saved_mail_read(struct saved_mail *, const char *text, size_t n);
void saved_mail_free(struct saved_mail *);

/* In place of all fields of that name this one, at the top; both strings must
   stay. -1: out of memory. */
int saved_mail_set(struct saved_mail *, const char *name, const char *value);

/* The first field of that name (any case), or NULL. */
const struct saved_field *saved_mail_find(
    const struct saved_mail *, const char *name);

#endif
