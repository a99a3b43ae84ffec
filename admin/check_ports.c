/* Does the network let verifyd ask: the resolvers, and somebody far away? */
#include <stdlib.h>
#include <string.h>

#include "admin/check_dns.h"
#include "admin/check_list.h"

enum { ASK_UDP, ASK_TCP, ASK__COUNT };

/* a and l of root-servers.net; any answer of theirs will do. */
static const char *const roots[] = { "198.41.0.4", "199.7.83.42" };
enum { ROOTS = sizeof(roots) / sizeof(roots[0]) };

static enum check_code
judge(const struct check_question q[ASK__COUNT])
{
	bool udp = q[ASK_UDP].outcome == DNS_ANSWERED;
	bool tcp = q[ASK_TCP].outcome == DNS_ANSWERED;

	if (udp)
		return tcp ? FOUND_PORT_GOOD : FOUND_PORT_TCP;
	return tcp ? FOUND_PORT_UDP : FOUND_PORT_SILENT;
}

static void
check_server(struct check_run *run, const struct net_address *server,
    const char *what, uint16_t flags)
{
	struct check_question q[ASK__COUNT];
	enum check_code code;

	for (size_t k = 0; k < ASK__COUNT; k++)
		check_question_init(&q[k], server, ".", DNS_NS, flags);
	q[ASK_TCP].question.tcp = true;
	check_dns_ask(run, q, ASK__COUNT);
	code = judge(q);
	check_say(run->found, code, q->server_text, what,
	    q[code == FOUND_PORT_TCP ? ASK_TCP : ASK_UDP].why, NULL);
	check_dns_free(q, ASK__COUNT);
}

void
check_ports(struct check_run *run)
{
	const struct net_addresses *outside = &run->options->outside;
	struct net_address root;

	for (size_t i = 0; i < run->resolvers.n; i++)
		if (!check_late(run, "port 53"))
			check_server(run, &run->resolvers.v[i],
			    "a resolver of verifyd", DNS_RD);
	for (size_t i = 0; i < outside->n; i++)
		if (!check_late(run, "port 53"))
			check_server(run, &outside->v[i], "outside", 0);
	for (size_t i = 0; outside->n == 0 && i < ROOTS; i++)
		if (net_address_parse(&root, roots[i], strlen(roots[i])) == 0 &&
		    !check_late(run, "port 53"))
			check_server(run, &root, "a root server", 0);
}
