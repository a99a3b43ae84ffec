/*
 * Messages of the MTA: decided upon, published, given their header field.
 */
#ifndef DNSMAIL_SIGNERD_MAIL_IN_H
#define DNSMAIL_SIGNERD_MAIL_IN_H

#include "common/mail.h"
#include "signerd/publish_out.h"

/* What a message begins with; it keeps the config and the publishers. */
struct mail_in {
	struct config *config;
	struct publishers *publishers;
};

/* Fills the form. `in` is read at each message and must outlive it. */
void mail_in_handler(struct mail_handler *, struct mail_in *in);

#endif
