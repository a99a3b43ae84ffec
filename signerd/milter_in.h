/*
 * Messages of the MTA: decided upon, published, given their header field.
 */
#ifndef DNSMAIL_SIGNERD_MILTER_IN_H
#define DNSMAIL_SIGNERD_MILTER_IN_H

#include "common/milter_session.h"
#include "signerd/publish_out.h"

/* What a message begins with; it keeps the config and the publishers. */
struct milter_in {
	struct config *config;
	struct publishers *publishers;
};

/* Fills the form. `in` is read at each message and must outlive it. */
void milter_in_handler(struct milter_handler *, struct milter_in *in);

#endif
