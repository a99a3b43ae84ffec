/*
 * verifyd's side of the milter: which messages are looked at, what of them is
 * read, and how the verdict goes back to the MTA.
 */
#ifndef DNSMAIL_VERIFYD_MAIL_IN_H
#define DNSMAIL_VERIFYD_MAIL_IN_H

#include "common/config.h"
#include "common/mail.h"
#include "verifyd/lookup_out.h"

/* Messages begun go on with the configuration that they began with. */
struct mail_in {
	struct config *config; /* a reference of its owner's */
	const struct lookups *lookups;
};

/* `arg` of the handler; must live as long as the sessions. */
void mail_in_handler(struct mail_handler *, struct mail_in *);

#endif
