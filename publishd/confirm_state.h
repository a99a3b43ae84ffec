/*
 * What a confirm is inside. For confirm_out.c and confirm_peers.c alone.
 */
#ifndef DNSMAIL_PUBLISHD_CONFIRM_STATE_H
#define DNSMAIL_PUBLISHD_CONFIRM_STATE_H

#include "common/dns_exchange.h"
#include "publishd/confirm_out.h"

struct look {
	struct confirm *confirm;
	const struct net_address *server;
	const struct publish_record *records; /* n at one name */
	size_t n;
	struct dns_question question;
	struct dns_query *query; /* NULL: pausing, left out, or at its end */
	ev_timer pause;
	double next_pause;
	bool seen;
	bool left_out; /* not waited for once another shows it */
};

struct confirm {
	struct confirm_out *out;
	struct ev_loop *loop;
	const struct config_domain *domain;
	confirm_done_fn *done;
	void *arg;
	double began, deadline;
	size_t left; /* looks that are waited for */
	char why[PUBLISH_REASON_MAX];
	size_t servers; /* the looks at one name, which stand together */
	size_t n;
	struct look looks[];
};

/* --- confirm_peers.c: the looks at the same name, at other servers --- */

bool peers_show(const struct look *); /* has one seen it? */
bool peers_look(const struct look *); /* is one not left out? */
/* What is left out is asked after all, as the others do not show it at once. */
void peers_ask(struct look *);
/* It is seen: those that are left out are at their end; how many. */
size_t peers_settle(struct look *);

#endif
