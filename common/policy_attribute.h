/*
 * The names of the line protocol and what each says of the message. For
 * policy_session alone.
 */
#ifndef DNSMAIL_POLICY_ATTRIBUTE_H
#define DNSMAIL_POLICY_ATTRIBUTE_H

#include "mail_protocol.h"

struct policy_session {
	struct mail mail;     /* first: see mail_protocol.h */
	size_t octets;        /* of this request */
	bool ours;            /* request= named this daemon */
	const char *refused;  /* why it is no request; NULL */
	struct buffer path;   /* the recipient, until the next one comes */
	struct buffer answer; /* lines, until the verdict */
	struct buffer hold;   /* goes behind the answer */
};

/*
 * One line, NUL-terminated and without its end; it is written upon. 0 (also
 * for a name that is not known), -1: out of memory. What makes the request
 * none stands in `refused`.
 */
int policy_attribute(struct policy_session *, char *line, size_t len);

/* The last recipient, once no original_recipient can follow. 0 or -1. */
int policy_keep_recipient(struct policy_session *);

int policy_put(struct buffer *, const char *text); /* 0 or -1 */

#endif
