/*
 * The envelope's recipients, as RCPT arguments: those given by --to, or those
 * that a saved message names. Pure.
 */
#ifndef DNSMAIL_ADMIN_CHECK_RECIPIENTS_H
#define DNSMAIL_ADMIN_CHECK_RECIPIENTS_H

#include "admin/saved_mail.h"

/* A zeroed struct has none. */
struct check_recipients {
	char **v;
	size_t n;
	const char *from; /* who named them */
};

/* -1: no address (logged nowhere), or out of memory. */
int check_recipients_add(struct check_recipients *, const char *address);

/*
 * Where --to named none: those of the first field of these that has any. The
 * newest, which is the topmost, counts. -1: out of memory.
 */
int check_recipients_received(
    struct check_recipients *, const struct saved_mail *);
/* The same for a message that is yet to be sent: of To: and Cc: together. */
int check_recipients_shown(
    struct check_recipients *, const struct saved_mail *);

void check_recipients_free(struct check_recipients *);

#endif
