/* What the parts of check_publish() share: one domain being probed. */
#ifndef DNSMAIL_CHECK_PUBLISH_H
#define DNSMAIL_CHECK_PUBLISH_H

#include "admin/check_run.h"
#include "admin/door.h"
#include "common/probe_msg.h"

struct probe {
	struct check_run *run;
	struct door *door;
	const struct config_domain *domain;
	const struct net_address *at; /* the primary that is probed */
	char primary[NET_ADDRESS_TEXT_MAX];
	bool good; /* the primary has taken a record with the update key */
};

/* Begins to ask publishd. -1: it cannot. */
int probe_ask(struct probe *, const struct probe_req *);

/* --- check_probe.c: a record comes and goes; sets `good` --- */

void check_probe(struct probe *);

/* --- check_reach.c: what else the key may change, and the clocks --- */

void check_reach(struct probe *);

#endif
