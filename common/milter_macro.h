/*
 * The macros of the MTA that we use: their names, and when we ask for them.
 * For milter_session alone.
 */
#ifndef DNSMAIL_MILTER_MACRO_H
#define DNSMAIL_MILTER_MACRO_H

#include "buffer.h"
#include "mail_kept.h"

/* "i" and "{i}" are one macro. */
enum mail_fact milter_macro_find(const char *name);

/* What SETSYMLIST wants behind a negotiation; 0, -1: out of memory. */
int milter_macro_put_lists(struct buffer *);

#endif
