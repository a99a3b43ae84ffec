/*
 * What happened to a saved message on its way through verifyd's code, in plain
 * words, step by step. Pure: it only writes.
 */
#ifndef DNSMAIL_ADMIN_CHECK_MESSAGE_TEXT_H
#define DNSMAIL_ADMIN_CHECK_MESSAGE_TEXT_H

#include <stdio.h>
#include <time.h>

#include "admin/check_mail.h"
#include "admin/check_seen.h"
#include "common/config.h"

struct check_view {
	const struct config *config;
	const struct saved_mail *saved;
	const struct mail_message *message;
	const struct check_mail *answer;
	const struct seen *seen;
	const char *recipients_from; /* "--to", "To:" ...: who named them */
	const char *log;             /* verifyd's line; "": none */
	const char *trouble; /* what else it logged, a line each; "": nothing */
	time_t now;
};

void check_message_text(FILE *, const struct check_view *);

/* Its parts, in their order. */
void check_message_dns(FILE *, const struct check_view *);
void check_message_verdict(FILE *, const struct check_view *);

/* What it comes to; false: it was not verified (too large, no memory). */
bool check_message_verified(const struct check_view *);

#endif
