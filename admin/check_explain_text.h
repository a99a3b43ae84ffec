/*
 * Why signerd signs a message or does not, in plain words. Pure: signerd's own
 * decision, told step by step, and what it would publish.
 */
#ifndef DNSMAIL_ADMIN_CHECK_EXPLAIN_TEXT_H
#define DNSMAIL_ADMIN_CHECK_EXPLAIN_TEXT_H

#include <stdio.h>

#include "signerd/plan.h"
#include "signerd/sign.h"

struct explain_view {
	const struct sign_rules *rules;
	const struct mail_message *message;
	const char *recipients_from; /* who named them */
	bool has_content; /* there is a body to be bound, else it is made up */
};

/* sign_decide(), each step written as it is made. */
void explain_decide(
    FILE *, const struct explain_view *, struct sign_decision *);

/* What comes of it; the plan is NULL unless it is signed. */
void explain_outcome(FILE *, const struct explain_view *,
    const struct sign_decision *, const struct plan *);

#endif
