/* The table of verifyd's options, and what must fit together. */
#include "verifyd/config.h"

#include <stddef.h>
#include <string.h>

#include "verifyd/reputation.h"
#include "verifyd/server_list.h"
#include "verifyd/verification.h"

static const char *const action_words[] = {
	[ACTION_ACCEPT] = "accept",
	[ACTION_QUARANTINE] = "quarantine",
	[ACTION_TEMPFAIL] = "tempfail",
	[ACTION_REJECT] = "reject",
	[ACTION_DISCARD] = "discard",
	[ACTION__COUNT] = NULL,
};

#define OPTION(field) offsetof(struct verifyd_config, field)
static const struct config_option options[] = {
	{ "user", CONFIG_STRING, OPTION(user), "dnsmail-verify", 1, 0, NULL },
	{ "milter", CONFIG_ENDPOINTS, OPTION(milter),
	    "unix:/run/dnsmail/verifyd/milter.sock", 0, 0, NULL },
	{ "policy", CONFIG_ENDPOINTS, OPTION(policy), "", 0, 0, NULL },
	{ "socket-mode", CONFIG_MODE, OPTION(socket_mode), "0660", 0, 0, NULL },
	{ "socket-group", CONFIG_STRING, OPTION(socket_group), "", 0, 0, NULL },
	{ "resolvers", CONFIG_SERVERS, OPTION(resolvers), "", 0, 0, NULL },
	{ "exempt", CONFIG_NETWORKS, OPTION(exempt), "127.0.0.0/8 ::1/128", 0,
	    0, NULL },
	{ "trusted-forwarders", CONFIG_DOMAINS, OPTION(trusted_forwarders), "",
	    0, 0, NULL },
	{ "require", CONFIG_DOMAINS, OPTION(require), "", 0, 0, NULL },
	{ "on-fail", CONFIG_WORD, OPTION(on_fail), "accept", 0, 0,
	    action_words },
	{ "on-permerror", CONFIG_WORD, OPTION(on_permerror), "accept", 0, 0,
	    action_words },
	{ "on-temperror", CONFIG_WORD, OPTION(on_temperror), "tempfail", 0, 0,
	    action_words },
	{ "on-policy", CONFIG_WORD, OPTION(on_policy), "accept", 0, 0,
	    action_words },
	{ "on-missing", CONFIG_WORD, OPTION(on_missing), "accept", 0, 0,
	    action_words },
	{ "on-changed", CONFIG_WORD, OPTION(on_changed), "accept", 0, 0,
	    action_words },
	{ "honour-wish", CONFIG_BOOL, OPTION(honour_wish), "true", 0, 0, NULL },
	{ "observe", CONFIG_BOOL, OPTION(observe), "false", 0, 0, NULL },
	{ "propagation-wait", CONFIG_DURATION, OPTION(propagation_wait), "5s",
	    0, 60 * 1000, NULL },
	{ "timeout", CONFIG_DURATION, OPTION(timeout), "10s", 100,
	    5 * 60 * 1000, NULL },
	{ "max-age", CONFIG_DURATION, OPTION(max_age), "14d", 1000,
	    366LL * 24 * 60 * 60 * 1000, NULL },
	{ "max-ids", CONFIG_INT, OPTION(max_ids), "8", 1, VERIFY_IDS_MAX,
	    NULL },
	{ "max-hops", CONFIG_INT, OPTION(max_hops), "4", 1, VERIFY_IDS_MAX,
	    NULL },
	{ "max-servers", CONFIG_INT, OPTION(max_servers), "4", 1,
	    SERVER_LIST_MAX, NULL },
	{ "allow-networks", CONFIG_NETWORKS, OPTION(allow_networks), "", 0, 0,
	    NULL },
	{ "allow-ports", CONFIG_PORTS, OPTION(allow_ports), "53", 0, 0, NULL },
	{ "cache-size", CONFIG_INT, OPTION(cache_size), "100000", 1, 10000000,
	    NULL },
	{ "max-queries", CONFIG_INT, OPTION(max_queries), "4096", 16, 60000,
	    NULL },
	{ "max-queries-per-server", CONFIG_INT, OPTION(max_queries_per_server),
	    "256", 0, 60000, NULL },
	{ "max-query-rate", CONFIG_INT, OPTION(max_query_rate), "500", 0,
	    1000000, NULL },
	{ "max-tcp-queries", CONFIG_INT, OPTION(max_tcp_queries), "512", 0,
	    60000, NULL },
	{ "max-tcp-queries-per-server", CONFIG_INT,
	    OPTION(max_tcp_queries_per_server), "16", 0, 60000, NULL },
	{ "max-connections", CONFIG_INT, OPTION(max_connections), "4096", 16,
	    1000000, NULL },
	{ "max-memory", CONFIG_INT, OPTION(max_memory), "256", 16, 1048576,
	    NULL },
	{ "workers", CONFIG_INT, OPTION(workers), "1", 1, 64, NULL },
};
#undef OPTION

#define OPTION(field) offsetof(struct reputation_config, field)
static const struct config_option reputation_options[] = {
	{ "answers", CONFIG_NET_WORDS, OPTION(answers), "", 0, 0,
	    action_words },
	{ "action-default", CONFIG_WORD, OPTION(action_default), "accept", 0, 0,
	    action_words },
};
#undef OPTION

static bool
is_answer(const struct network *network)
{
	struct net_address first = { .in4 = { .sin_family = AF_INET } };

	memcpy(&first.in4.sin_addr, network->bytes, sizeof(struct in_addr));
	return network->family == AF_INET &&
	    network_contains(&reputation_answers, &first) &&
	    !network_contains(&reputation_errors, &first);
}

static bool
is_same(const struct network *a, const struct network *b)
{
	return a->family == b->family && a->bits == b->bits &&
	    memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static const char *
check_answers(const struct net_words *answers)
{
	for (size_t i = 0; i < answers->n; i++) {
		if (!is_answer(&answers->v[i].network))
			return "answers: no list answers so: answers are in"
			       " 127.0.0.0/8, and 127.255.255.0/24 are errors";
		for (size_t j = 0; j < i; j++)
			if (is_same(
				&answers->v[i].network, &answers->v[j].network))
				return "answers: has an address twice";
	}
	return NULL;
}

/* The library tells of two titles that are the same octet for octet. */
static const char *
check_reputation(void *section, const struct config *config)
{
	const struct verifyd_config *verifyd =
	    config_section(config, &verifyd_section);
	const struct reputation_config *this = section;
	const struct reputation_config *one = verifyd->reputation.v;

	for (; one != this; one++)
		if (strcmp(one->zone, this->zone) == 0)
			return "reputation: the list of the section that ends"
			       " here is given twice";
	return check_answers(&this->answers);
}

static const struct config_section reputation_section = {
	.name = "reputation",
	.options = reputation_options,
	.n_options = sizeof(reputation_options) / sizeof(reputation_options[0]),
	.size = sizeof(struct reputation_config),
	.titled = true,
	.title_offset = offsetof(struct reputation_config, zone),
	.check = check_reputation,
};

static const char *
check(void *section, const struct config *config)
{
	const struct verifyd_config *c = section;

	(void)config;
	if (c->allow_ports.n == 0)
		return "allow-ports: is empty";
	return NULL;
}

const struct config_section verifyd_section = {
	.name = "verifyd",
	.options = options,
	.n_options = sizeof(options) / sizeof(options[0]),
	.size = sizeof(struct verifyd_config),
	.child = &reputation_section,
	.child_offset = offsetof(struct verifyd_config, reputation),
	.check = check,
};
