/* What the parts of check_publish() share: one domain being probed. */
#ifndef DNSMAIL_CHECK_PUBLISH_H
#define DNSMAIL_CHECK_PUBLISH_H

#include "admin/check_look.h"
#include "admin/check_run.h"
#include "admin/door.h"
#include "common/probe_msg.h"

#define CHECK_LOOK_MAX 5.0 /* seconds for a server to follow */

struct probe {
	struct check_run *run;
	struct door *door;
	const struct config_domain *domain;
	struct check_look *look;      /* at its servers, and its primaries */
	const struct net_address *at; /* the primary that is probed */
	char primary[NET_ADDRESS_TEXT_MAX];
	bool good; /* the primary has taken a record with the update key */
	double answered; /* ms, until publishd did the last time */
};

/* Begins to ask publishd. -1: it cannot. */
int probe_ask(struct probe *, const struct probe_req *);

/* --- check_probe.c: a record comes and goes --- */

/* The way of a record for mail; sets `good`, for who is the only primary. */
void check_probe(struct probe *);

/* A new record, which is of that domain. -1: no random octets. */
int probe_record(struct probe_req *, const char *domain);
/*
 * Asks publishd for it and looks who shows it, or no longer does; where that
 * went well for `more` seconds longer.
 */
void probe_step(struct probe *, struct probe_req *, enum probe_op, double more,
    struct publish_answer *);

/* --- check_primary.c: one of several takes a record; sets `good` --- */

void check_primary(struct probe *);

/* --- check_reach.c: what else the key may change, and the clocks --- */

void check_reach(struct probe *);

#endif
