/*
 * From a verification to what is done and said (protocol.md section 6): the
 * action by the on-* options, the wish and the domain lists, the SMTP reply,
 * the Authentication-Results field, the words of the log line. Pure.
 */
#ifndef DNSMAIL_VERIFYD_VERDICT_H
#define DNSMAIL_VERIFYD_VERDICT_H

#include "verifyd/config.h"
#include "verifyd/verification.h"

struct verdict {
	enum verify_action decided; /* what options, wish and lists say */
	bool wished;                /* the wish, not the options */
	bool listed;                /* a list, none of the others */
	enum verify_action action;  /* what to do: accept if observing */
	const char *reply;          /* fixed SMTP reply, or NULL */
	const char *quarantine;     /* fixed reason for the MTA */
};

/*
 * on-changed acts on a pass whose last hop bound another content than the one
 * in hand: with one hop that is policy.content=changed; with more (through
 * trusted forwarders) somebody changed it after the last one.
 *
 * The wish of the author's domain can only make the action stricter than the
 * option says: `missing` where the result is none, `fail` where it is fail.
 * Nor can a list make it milder.
 */
void verdict_decide(struct verdict *, const struct verification *,
    const struct verifyd_config *);

/* Could the wish of author.domain, not known yet, change what is decided? */
bool verdict_wants_wish(
    const struct verification *, const struct verifyd_config *);

/* Could a domain list? */
bool verdict_wants_reputation(
    const struct verification *, const struct verifyd_config *);

/*
 * The field's value, folded with "\n ", malloc'd; NULL: out of memory. Names
 * no recipient; what comes from the message is a token or quoted.
 */
char *verdict_field(const struct verification *, const char *authserv_id);

/* The forwarders, comma separated ("" none), malloc'd; NULL: out of memory. */
char *verdict_via(const struct verification *);

/*
 * " list=… answer=… list-domain=… list-action=…" of the strictest hit, or "";
 * in buf, which is returned.
 */
enum { VERDICT_LIST_MAX = 2 * DOMAIN_MAX + 96 };
const char *verdict_list(
    const struct verification *, char buf[VERDICT_LIST_MAX]);

extern const char verdict_later[]; /* the reply of a tempfail */
extern const char *const verify_action_names[ACTION__COUNT];

#endif
