/* verifyd's options (the section "verifyd" of the configuration). */
#ifndef DNSMAIL_VERIFYD_CONFIG_H
#define DNSMAIL_VERIFYD_CONFIG_H

#include "common/config.h"

/* The stricter the later. */
enum verify_action {
	ACTION_ACCEPT,
	ACTION_QUARANTINE,
	ACTION_TEMPFAIL,
	ACTION_REJECT,
	ACTION_DISCARD,
	ACTION__COUNT
};

struct verifyd_config {
	char *user; /* name or number to run as, when started as root */
	struct endpoints milter;
	struct endpoints policy; /* the line protocol; may be none */
	mode_t socket_mode;
	char *socket_group;             /* "": leave */
	struct net_addresses resolvers; /* empty: /etc/resolv.conf */
	struct networks exempt;
	struct strings trusted_forwarders; /* domains, A-labels */
	struct strings require;            /* domains, A-labels */
	int on_fail; /* enum verify_action, to on_changed */
	int on_permerror;
	int on_temperror;
	int on_policy;
	int on_missing;
	int on_changed;
	bool honour_wish;
	bool observe;
	double propagation_wait; /* seconds, as the next two */
	double timeout;
	double max_age;
	int64_t max_ids;
	int64_t max_hops;
	int64_t max_servers;
	struct networks allow_networks;
	struct ports allow_ports;
	int64_t cache_size;
	int64_t max_queries; /* 0 in the others: no bound */
	int64_t max_queries_per_server;
	int64_t max_query_rate;
	int64_t max_tcp_queries;
	int64_t max_tcp_queries_per_server;
	int64_t max_connections;
	int64_t max_memory;            /* MiB */
	int64_t workers;               /* 1 */
	struct config_list reputation; /* struct reputation_config */
};

/* A domain list that verified domains are looked up in. */
struct reputation_config {
	char *zone;               /* A-labels */
	struct net_words answers; /* enum verify_action, as the next one */
	int action_default;
};

extern const struct config_section verifyd_section;

#endif
