/*
 * The primary and the listed servers of each domain, asked as verifiers ask
 * them; and who may read a whole zone there. What an answer means is judged
 * here and in check_list.c, check_zone.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "admin/check_dns.h"
#include "admin/check_list.h"
#include "admin/check_serials.h"
#include "admin/check_whom.h"
#include "admin/check_zone.h"
#include "verifyd/list_answer.h"

typedef void domain_fn(struct check_run *, const struct config_domain *,
    const struct net_address *servers, size_t n);

static void
each_domain(struct check_run *run, const char *what, domain_fn *check)
{
	size_t n_domains, n;
	const struct config_domain *d = config_domains(run->config, &n_domains);

	for (size_t i = 0; i < n_domains; i++) {
		struct net_address *v = check_servers_of(&d[i], &n);

		if (v != NULL && !check_late(run, what))
			check(run, &d[i], v, n);
		free(v);
	}
}

static const char *
number(char buf[32], double value)
{
	snprintf(buf, 32, "%.0f", value);
	return buf;
}

/* ---- the lists that resolvers have ---- */

static void
judge_resolver(struct check_run *run, const struct config_domain *d,
    const struct check_question *q)
{
	struct list_answer answer;

	if (q->outcome != DNS_ANSWERED || q->msg == NULL ||
	    (q->rcode != DNS_NOERROR && q->rcode != DNS_NXDOMAIN)) {
		check_say(run->found, FOUND_LIST_UNKNOWN, d->name,
		    q->server_text,
		    q->outcome == DNS_ANSWERED ? dns_rcode_text(q->rcode)
					       : q->why,
		    NULL);
		return;
	}
	list_answer_read(&answer, q->msg, q->len, &q->question.name);
	check_list_judge(run->found, d, q->server_text, &answer.list);
}

static void
check_list(struct check_run *run, const struct config_domain *d,
    const struct net_address *servers, size_t n_servers)
{
	size_t n = run->resolvers.n;
	struct check_question *q = calloc(n, sizeof(*q));
	char name[300];

	(void)servers;
	(void)n_servers;
	snprintf(name, sizeof(name), "dnsmail.%s", d->name);
	for (size_t i = 0; q != NULL && i < n; i++)
		check_question_init(
		    &q[i], &run->resolvers.v[i], name, DNS_TXT, DNS_RD);
	if (q == NULL)
		return;
	check_dns_ask(run, q, n);
	for (size_t i = 0; i < n; i++)
		judge_resolver(run, d, &q[i]);
	check_dns_free(q, n);
	free(q);
}

void
check_lists(struct check_run *run)
{
	each_domain(run, "dnsmail.<domain>", check_list);
}

/* ---- each server ---- */

enum { ASK_UDP, ASK_TCP, ASK_LIST, ASK__COUNT };

/* NULL: it is the zone's. */
static const char *
lame(const struct check_question *q)
{
	if (q->rcode != DNS_NOERROR && q->rcode != DNS_NXDOMAIN)
		return dns_rcode_text(q->rcode);
	return q->aa ? NULL : "it answers without authority (no AA)";
}

static void
judge_server(struct check_run *run, const struct config_domain *d,
    const struct check_question q[ASK__COUNT], enum check_code silent)
{
	const char *server = q->server_text, *wrong;
	struct list_answer answer;
	char ms[32];

	if (q[ASK_UDP].outcome != DNS_ANSWERED) {
		check_say(
		    run->found, silent, d->name, server, q[ASK_UDP].why, NULL);
		return;
	}
	if ((wrong = lame(&q[ASK_UDP])) != NULL)
		check_say(run->found, FOUND_SERVER_LAME, d->name, server, wrong,
		    NULL);
	else if (q[ASK_TCP].outcome != DNS_ANSWERED)
		check_say(run->found, FOUND_SERVER_TCP, d->name, server,
		    q[ASK_TCP].why, NULL);
	else
		check_say(run->found, FOUND_SERVER_GOOD, d->name, server,
		    number(ms, q[ASK_UDP].ms), NULL);
	if (q[ASK_LIST].msg == NULL || lame(&q[ASK_LIST]) != NULL)
		return;
	list_answer_read(&answer, q[ASK_LIST].msg, q[ASK_LIST].len,
	    &q[ASK_LIST].question.name);
	check_list_direct(run->found, d, server, &answer.list);
}

/* The others do its work, if there are others. */
static enum check_code
silent_code(const struct config_domain *d, const struct check_question *q,
    const struct net_address *server)
{
	if (!check_is_primary(d, server))
		return FOUND_SERVER_SILENT;
	for (size_t i = 0; i < d->primaries.n; i++)
		if (q[i * ASK__COUNT + ASK_UDP].outcome == DNS_ANSWERED)
			return FOUND_PRIMARY_SILENT;
	return FOUND_SERVER_SILENT;
}

/* The primaries come first (check_servers_of()). */
static void
judge_serials(struct check_run *run, const struct config_domain *d,
    const struct check_question *q)
{
	struct check_serial first[CONFIG_PRIMARIES_MAX] = { 0 };

	for (size_t i = 0; i < d->primaries.n; i++) {
		const struct check_question *soa = &q[i * ASK__COUNT + ASK_UDP];

		if (soa->msg != NULL && lame(soa) == NULL)
			first[i].known = check_zone_serial(
			    soa->msg, soa->len, &first[i].serial);
	}
	check_serials(run, d, first);
}

static void
check_server(struct check_run *run, const struct config_domain *d,
    const struct net_address *servers, size_t n)
{
	struct check_question *q = calloc(n * ASK__COUNT, sizeof(*q));
	char list[300];

	if (q == NULL)
		return;
	snprintf(list, sizeof(list), "dnsmail.%s", d->name);
	for (size_t i = 0; i < n; i++) {
		struct check_question *one = &q[i * ASK__COUNT];

		for (size_t k = 0; k < ASK__COUNT; k++)
			check_question_init(&one[k], &servers[i],
			    k == ASK_LIST ? list : d->zone,
			    k == ASK_LIST ? DNS_TXT : DNS_SOA, 0);
		one[ASK_TCP].question.tcp = true;
	}
	check_dns_ask(run, q, n * ASK__COUNT);
	for (size_t i = 0; i < n; i++)
		judge_server(
		    run, d, &q[i * ASK__COUNT], silent_code(d, q, &servers[i]));
	judge_serials(run, d, q);
	check_dns_free(q, n * ASK__COUNT);
	free(q);
}

void
check_servers(struct check_run *run)
{
	each_domain(run, "the name servers", check_server);
}

/* ---- who may read it all ---- */

enum { ASK_AXFR, ASK_NOTHING, ASK_ZONE__COUNT };

static bool
is_loopback(const struct net_address *a)
{
	if (a->sa.sa_family == AF_INET)
		return ntohl(a->in4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
}

/* A server may close the connection instead of refusing. */
static void
judge_axfr(struct check_run *run, const struct config_domain *d,
    const struct check_question *q)
{
	enum check_code code = FOUND_AXFR_CLOSED;
	const char *why = q->why;

	if (q->outcome == DNS_OVER_BUDGET || q->outcome == DNS_TIMED_OUT ||
	    q->outcome == DNS_UNREACHABLE)
		code = FOUND_AXFR_UNKNOWN;
	else if (q->msg != NULL && check_zone_given(q->msg, q->len))
		code = is_loopback(&q->server) ? FOUND_AXFR_LOCAL
					       : FOUND_AXFR_OPEN;
	if (code == FOUND_AXFR_CLOSED && q->msg != NULL)
		why = q->rcode == DNS_NOERROR ? "it gives nothing"
					      : dns_rcode_text(q->rcode);
	check_say(run->found, code, d->name, q->server_text, why, NULL);
}

static void
say_nsec3(struct check_run *run, const struct config_domain *d,
    const char *server, const struct zone_walk_answer *a)
{
	char iterations[32];

	check_say(run->found,
	    a->iterations > 0 ? FOUND_WALK_ITERATIONS : FOUND_WALK_NSEC3,
	    d->name, server, number(iterations, a->iterations),
	    a->opt_out ? "opt-out" : "no opt-out", NULL);
}

static void
judge_walk(struct check_run *run, const struct config_domain *d,
    const struct check_question *q)
{
	static const enum check_code codes[] = {
		[WALK_UNSIGNED] = FOUND_WALK_UNSIGNED,
		[WALK_MINIMAL] = FOUND_WALK_MINIMAL,
		[WALK_NSEC] = FOUND_WALK_NSEC,
	};
	struct zone_walk_answer a;
	const char *wrong = q->msg != NULL ? lame(q) : q->why;

	if (wrong != NULL) {
		check_say(run->found, FOUND_WALK_UNKNOWN, d->name,
		    q->server_text, wrong, NULL);
		return;
	}
	check_zone_walk(&a, q->msg, q->len);
	if (a.walk == WALK_NSEC3)
		say_nsec3(run, d, q->server_text, &a);
	else
		check_say(
		    run->found, codes[a.walk], d->name, q->server_text, NULL);
}

static void
check_zone(struct check_run *run, const struct config_domain *d,
    const struct net_address *servers, size_t n)
{
	struct check_question *q = calloc(n * ASK_ZONE__COUNT, sizeof(*q));
	char nothing[300];

	if (q == NULL)
		return;
	snprintf(nothing, sizeof(nothing), "no-such-name-%08lx.%s",
	    (unsigned long)random() & 0xffffffff, d->name);
	for (size_t i = 0; i < n; i++) {
		struct check_question *one = &q[i * ASK_ZONE__COUNT];

		check_question_init(
		    &one[ASK_AXFR], &servers[i], d->zone, DNS_AXFR, 0);
		one[ASK_AXFR].question.tcp = true;
		check_question_init(
		    &one[ASK_NOTHING], &servers[i], nothing, DNS_TXT, DNS_DO);
	}
	check_dns_ask(run, q, n * ASK_ZONE__COUNT);
	for (size_t i = 0; i < n; i++) {
		judge_axfr(run, d, &q[i * ASK_ZONE__COUNT + ASK_AXFR]);
		judge_walk(run, d, &q[i * ASK_ZONE__COUNT + ASK_NOTHING]);
	}
	check_dns_free(q, n * ASK_ZONE__COUNT);
	free(q);
}

void
check_zones(struct check_run *run)
{
	each_domain(run, "who may read the whole zone", check_zone);
}
