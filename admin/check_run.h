/* One run over a site: what all its checks work with. */
#ifndef DNSMAIL_CHECK_RUN_H
#define DNSMAIL_CHECK_RUN_H

#include <ev.h>

#include "admin/check.h"
#include "admin/check_findings.h"
#include "common/dns_exchange.h"

struct check_run {
	const struct check_options *options;
	const struct config *config;
	struct check_findings *found;
	struct ev_loop *loop;
	struct dns_exchange *exchange;
	double deadline;                /* on monotonic_now()'s clock */
	struct net_addresses resolvers; /* verifyd's */
};

/* 0: the time is over. */
double check_left(const struct check_run *);
/* Likewise, and it is said: true. */
bool check_late(struct check_run *, const char *what);

/* --- the checks, in the order in which they are told --- */

void check_files(struct check_run *);   /* keys, users */
void check_tls(struct check_run *);     /* certificates, publishers */
void check_daemons(struct check_run *); /* up, and of one version */
void check_lists(struct check_run *);   /* dnsmail.<domain> */
void check_servers(struct check_run *); /* primaries, listed ones */
void check_zones(struct check_run *);   /* transfers, NSEC */
void check_publish(struct check_run *); /* probe, key, primary's clock */
void check_clock(struct check_run *);
void check_ports(struct check_run *);
void check_sockets(struct check_run *);

#endif
