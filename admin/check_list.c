/* Owns the comparison of two lists. Must not know who was asked, nor how. */
#include "admin/check_list.h"

#include <stdio.h>
#include <string.h>

#include "verifyd/reach.h"

enum { ASKED_MAX = 4 }; /* by a verifier, as max-servers has it by default */

const char *
check_server_text(const struct net_address *a, char buf[NET_ADDRESS_TEXT_MAX])
{
	net_address_text(a, buf);
	if (net_address_port(a) == 53)
		*strchr(buf, '@') = '\0';
	return buf;
}

const char *
check_addresses(
    char buf[CHECK_ADDRESSES_MAX], const struct net_address *v, size_t n)
{
	char one[NET_ADDRESS_TEXT_MAX];
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && at < CHECK_ADDRESSES_MAX - sizeof(one) - 1;
	     i++)
		at += (size_t)snprintf(buf + at, CHECK_ADDRESSES_MAX - at,
		    "%s%s", i == 0 ? "" : ",", check_server_text(&v[i], one));
	return buf;
}

static bool
has(const struct net_address *v, size_t n, const struct net_address *a)
{
	for (size_t i = 0; i < n; i++)
		if (net_address_equal(&v[i], a))
			return true;
	return false;
}

/* What is in v and not in other; how many. */
static size_t
only(struct net_address out[SERVER_LIST_MAX], const struct net_address *v,
    size_t n, const struct net_address *other, size_t n_other)
{
	size_t found = 0;

	for (size_t i = 0; i < n && found < SERVER_LIST_MAX; i++)
		if (!has(other, n_other, &v[i]))
			out[found++] = v[i];
	return found;
}

/* Which of them a stranger may not, or will not, ask. */
static size_t
out_of_reach(struct net_address out[SERVER_LIST_MAX],
    const struct server_list *list, enum reach_answer why)
{
	const struct networks none = { 0 };
	const struct net_addresses nobody = { 0 };
	uint16_t any = 0, dns = 53;
	const struct ports ports = { .v = why == REACH_PORT ? &dns : &any,
		.n = 1 };
	const struct reach reach = { &none, &ports, &nobody };
	size_t found = 0;

	for (size_t i = 0; i < list->n; i++)
		if (reach_check(&reach, &list->v[i]) == why)
			out[found++] = list->v[i];
	return found;
}

/* ---- findings, each with the addresses that it is about ---- */

static size_t
say(struct check_findings *f, enum check_code code,
    const struct config_domain *d, const char *resolver,
    const struct net_address *v, size_t n)
{
	char text[CHECK_ADDRESSES_MAX];

	if (n > 0)
		check_say(f, code, d->name, resolver,
		    check_addresses(text, v, n), NULL);
	return n;
}

static size_t
judge_reach(struct check_findings *f, const struct config_domain *d,
    const char *resolver, const struct server_list *list)
{
	struct net_address v[SERVER_LIST_MAX];
	size_t n;

	n = say(f, FOUND_LIST_PRIVATE, d, resolver, v,
	    out_of_reach(v, list, REACH_NOT_GLOBAL));
	return n +
	    say(f, FOUND_LIST_PORT, d, resolver, v,
		out_of_reach(v, list, REACH_PORT));
}

static size_t
judge_same(struct check_findings *f, const struct config_domain *d,
    const char *resolver, const struct server_list *list)
{
	struct net_address v[SERVER_LIST_MAX];
	size_t n;

	n = say(f, FOUND_LIST_MORE, d, resolver, v,
	    only(v, list->v, list->n, d->servers.v, d->servers.n));
	return n +
	    say(f, FOUND_LIST_LESS, d, resolver, v,
		only(v, d->servers.v, d->servers.n, list->v, list->n));
}

static size_t
judge_length(struct check_findings *f, const struct config_domain *d,
    const char *resolver, const struct server_list *list)
{
	char number[24];

	if (list->n <= ASKED_MAX)
		return 0;
	snprintf(number, sizeof(number), "%zu", list->n);
	check_say(f, FOUND_LIST_LONG, d->name, resolver, number, NULL);
	return 1;
}

void
check_list_judge(struct check_findings *f, const struct config_domain *d,
    const char *resolver, const struct server_list *list)
{
	const struct net_addresses *wanted = &d->servers;
	size_t wrong;

	if (!list->takes_part || list->n == 0) {
		say(f,
		    list->takes_part ? FOUND_LIST_UNUSABLE : FOUND_LIST_MISSING,
		    d, resolver, wanted->v, wanted->n);
		return;
	}
	wrong = judge_same(f, d, resolver, list);
	wrong += judge_length(f, d, resolver, list);
	wrong += judge_reach(f, d, resolver, list);
	if (wrong == 0)
		say(f, FOUND_LIST_RIGHT, d, resolver, list->v, list->n);
}

void
check_list_direct(struct check_findings *f, const struct config_domain *d,
    const char *server, const struct server_list *list)
{
	struct net_address v[SERVER_LIST_MAX];
	char text[CHECK_ADDRESSES_MAX];

	if (!list->takes_part ||
	    (only(v, list->v, list->n, d->servers.v, d->servers.n) == 0 &&
		only(v, d->servers.v, d->servers.n, list->v, list->n) == 0))
		return;
	check_addresses(text, list->v, list->n);
	check_say(f, FOUND_SERVER_LIST, d->name, server,
	    text[0] != '\0' ? text : "nothing", NULL);
}
