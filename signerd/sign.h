/*
 * Which mail is signed, as what, and why not (protocol.md section 7). Pure:
 * a message and the configuration in, a decision out. What is then published
 * stands in plan.h.
 */
#ifndef SIGNERD_SIGN_H
#define SIGNERD_SIGN_H

#include "common/address.h"
#include "common/config.h"
#include "common/mail.h"

struct signerd_config;

/* What a session has to keep of the header section (mail_handler.fields):
   for the decision and for the digest of the content. NULL ends. */
extern const char *const sign_fields[];

struct sign_rules {
	const struct config *config;
	const struct signerd_config *options;
};

enum sign_action {
	SIGN_SIGN,
	SIGN_SKIP, /* let it go as it is */
	SIGN_TEMPFAIL,
	SIGN__COUNT
};

/* Closed; the names are in the log and the manual. */
enum sign_reason {
	/* with SIGN_SIGN: as what */
	SIGN_AUTHOR,
	SIGN_FORWARDER,
	/* with SIGN_SKIP */
	SIGN_UNTRUSTED_CLIENT,
	SIGN_NO_RECIPIENTS,
	SIGN_BAD_FROM,        /* none, or it does not parse */
	SIGN_SEVERAL_FROM,    /* fields, or mailboxes in one */
	SIGN_UNREPRESENTABLE, /* From or a recipient: 2.2 */
	SIGN_LOGIN_REQUIRED,
	SIGN_LOGIN_MISMATCH,
	SIGN_OUTSIDE_NOT_PASS, /* ours, but came from outside without a pass */
	SIGN_FORWARD_OFF,
	SIGN_NO_ID_TO_FORWARD, /* foreign, without an ID of its author */
	SIGN_FAILED_VERIFICATION,
	SIGN_NO_FORWARD_DOMAIN,
	SIGN_TOO_MANY_IDS, /* it carries so many that ours would break it */
	/* with SIGN_TEMPFAIL */
	SIGN_TOO_LARGE,
	SIGN_TOO_MANY_RECIPIENTS,
	SIGN_OUT_OF_MEMORY,
	SIGN_REASON__COUNT
};

struct sign_decision {
	enum sign_action action;
	enum sign_reason reason;
	struct address author; /* empty if none was understood */
};

/*
 * Once the header section is complete; the body has no say.
 *
 * - A client is trusted by its network or by a login. One without an address
 *   (unknown to the MTA) is in no network. require-login and login-match are
 *   for authors only: forwarded mail comes out of the MTA's own loop, where no
 *   login is left.
 * - Mail came from outside if any Authentication-Results field is ours. Only
 *   those of ours that name dnsmail speak for it; where several do, the worst
 *   counts, and where none does an author is refused.
 */
void sign_decide(struct sign_decision *, const struct sign_rules *,
    const struct mail_message *);

/* What is looked at, in this order; an author's and a forwarder's mail each
   in their own way. */
enum sign_step {
	SIGN_STEP_CLIENT,
	SIGN_STEP_SIZE,
	SIGN_STEP_FROM,
	SIGN_STEP_LOGIN,   /* author */
	SIGN_STEP_OUTSIDE, /* author */
	SIGN_STEP_FORWARD, /* forwarder, as the next two */
	SIGN_STEP_ID,
	SIGN_STEP_VERIFIED,
	SIGN_STEP_RECIPIENTS,
	SIGN_STEP_RECEIVED, /* forwarder */
	SIGN_STEP__COUNT
};

/* sign_decide(), which tells of each step; the last one may have objected. */
typedef void sign_told_fn(void *arg, enum sign_step, bool objects);
void sign_decide_told(struct sign_decision *, const struct sign_rules *,
    const struct mail_message *, sign_told_fn *, void *arg);

/* Another reason, with the action that belongs to it. */
void sign_decision_set(struct sign_decision *, enum sign_reason);

extern const char *const sign_action_names[SIGN__COUNT];
extern const char *const sign_reason_names[SIGN_REASON__COUNT];

#endif
