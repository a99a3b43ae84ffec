/*
 * The macros of the MTA that we use: their names, and when we ask for them.
 * For milter_session alone.
 */
#ifndef DNSMAIL_MILTER_MACRO_H
#define DNSMAIL_MILTER_MACRO_H

#include "buffer.h"

enum milter_macro {
	MILTER_MACRO_CLIENT_ADDR,
	MILTER_MACRO_AUTH_AUTHEN,
	MILTER_MACRO_QUEUE_ID,
	MILTER_MACRO__COUNT /* also: one that we do not use */
};

/* "i" and "{i}" are one macro. */
enum milter_macro milter_macro_find(const char *name);

/* What SETSYMLIST wants behind a negotiation; 0, -1: out of memory. */
int milter_macro_put_lists(struct buffer *);

#endif
