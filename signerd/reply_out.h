/* What the MTA and the log are told of a message. */
#ifndef DNSMAIL_SIGNERD_REPLY_OUT_H
#define DNSMAIL_SIGNERD_REPLY_OUT_H

#include "common/mail.h"
#include "signerd/config.h"
#include "signerd/plan.h"
#include "signerd/publish_out.h"

struct reply {
	struct mail *mail;
	const struct signerd_config *options;
	const struct sign_decision *decision;
	const struct plan *plan; /* NULL: nothing was to be published */
	double seconds;          /* since the end of the message */
};

/* Each ends the message: one mail_finish(), one line in the log. */
void reply_decided(const struct reply *); /* skipped or tempfailed */
void reply_published(const struct reply *, enum publish_outcome);
void reply_no_memory(struct mail *);

#endif
