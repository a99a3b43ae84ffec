/*
 * The look-ups: lists, servers, answers.
 */
#include <string.h>

#include "admin/check_message_record.h"
#include "admin/check_message_text.h"
#include "admin/check_text.h"
#include "verifyd/config.h"
#include "verifyd/evidence.h"

enum { TEXTS_SHOWN = 8 };

static const char *
option(char buf[CHECK_OPTION_MAX], const struct check_view *v, const char *name)
{
	return check_option(buf, v->config, &verifyd_section, name);
}

/* ---- dnsmail.<domain> ---- */

static void
put_addresses(FILE *out, const struct server_list *list)
{
	char text[NET_ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < list->n; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "",
		    net_address_text(&list->v[i], text));
	if (list->more)
		fprintf(out, " and more");
}

static void
put_list(FILE *out, const char *domain, const struct list_answer *answer)
{
	static const char *const words[LOOKUP__COUNT] = {
		[LOOKUP_FOUND] = "",
		[LOOKUP_NO_RECORD] =
		    "is not there: the domain does not take part",
		[LOOKUP_NO_USABLE_SERVER] =
		    "is there, and holds not one address",
		[LOOKUP_TIMEOUT] = "no resolver answered in time",
		[LOOKUP_SERVFAIL] = "the resolver failed (SERVFAIL)",
		[LOOKUP_REFUSED] = "the resolver refused (REFUSED)",
		[LOOKUP_OVER_BUDGET] = "could not be asked for: over a bound",
	};

	fprintf(out, "    dnsmail.%s TXT: ", domain);
	if (answer == NULL) {
		fprintf(out, "%s\n", words[LOOKUP_TIMEOUT]);
		return;
	}
	fprintf(out, "%s", words[answer->outcome]);
	if (answer->outcome == LOOKUP_FOUND)
		put_addresses(out, &answer->list);
	fprintf(out, "%s\n", answer->ad ? " (by DNSSEC)" : "");
}

/* ---- servers ---- */

static void
put_not_reached(
    FILE *out, const struct check_view *v, const struct seen_server *s)
{
	char buf[CHECK_OPTION_MAX];

	if (s->reach == REACH_PORT)
		fprintf(out, "not asked: port %u is not allowed (%s)",
		    net_address_port(&s->address),
		    option(buf, v, "allow-ports"));
	else
		fprintf(out, "not asked: %s (%s)",
		    s->reach == REACH_OWN
			? "an address of this host"
			: "a private or reserved address, where strangers may "
			  "not send us",
		    option(buf, v, "allow-networks"));
}

static void
put_skipped(FILE *out, const struct check_view *v, const struct seen_server *s)
{
	char buf[CHECK_OPTION_MAX];

	if (s->skip == SKIP_REACH)
		put_not_reached(out, v, s);
	else if (s->skip == SKIP_NO_IPV6)
		fprintf(out, "not asked: this host has no IPv6");
	else
		fprintf(out, "not asked: enough others are (%s)",
		    option(buf, v, "max-servers"));
}

static void
put_answer(FILE *out, const struct seen_server *s)
{
	if (s->outcome != DNS_ANSWERED)
		fprintf(out, "no answer: %s", s->why);
	else if (s->rcode == DNS_NXDOMAIN)
		fprintf(out, "NXDOMAIN: there is no such name");
	else if (s->rcode != DNS_NOERROR)
		fprintf(out, "%s: not an answer", dns_rcode_text(s->rcode));
	else if (s->texts == 0)
		fprintf(out, "NOERROR: there is no TXT record");
	else
		fprintf(out, "NOERROR: %u TXT record%s", s->texts,
		    s->texts == 1 ? "" : "s");
	if (s->answers > 1)
		fprintf(
		    out, "; asked %u times, in case it is late", s->answers);
}

static const struct seen_server *
find_server(const struct seen_id *id, const struct net_address *address)
{
	for (size_t i = 0; i < id->n_servers; i++)
		if (net_address_equal(&id->servers[i].address, address))
			return &id->servers[i];
	return NULL;
}

static void
put_servers(FILE *out, const struct check_view *v, const struct seen_id *id,
    const struct server_list *list)
{
	char text[NET_ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < list->n; i++) {
		const struct seen_server *s = find_server(id, &list->v[i]);

		fprintf(out, "      %s  ", net_address_text(&list->v[i], text));
		if (s == NULL)
			fprintf(out, "no answer of it was waited for");
		else if (s->skipped)
			put_skipped(out, v, s);
		else
			put_answer(out, s);
		fprintf(out, "\n");
	}
}

/* ---- IDs ---- */

static void
put_texts(FILE *out, const struct check_view *v, const struct evidence *e,
    size_t which, const struct seen_id *id)
{
	size_t rest = id->n_texts + id->more_texts;

	for (size_t i = 0; i < id->n_texts && i < TEXTS_SHOWN; i++, rest--)
		check_message_record(out, v, e, which, &id->texts[i]);
	if (rest > 0)
		fprintf(out, "    and %zu more TXT records\n", rest);
}

static void
put_id(FILE *out, const struct check_view *v, const struct evidence *e,
    size_t which)
{
	const struct evidence_id *id = &e->ids[which];
	const struct seen_id *seen = seen_find(v->seen, &id->id);
	const struct list_answer *list = seen_list(v->seen, id->id.domain);

	fprintf(out, "  %zu  %s.%s\n", which + 1, id->id.label, id->id.domain);
	if (id->state == EVIDENCE_UNASKED) {
		fprintf(out, "    was not looked up: %s\n",
		    id->id.domain[0] != '\0' ? "no chain of hops led there"
					     : "it is no ID");
		return;
	}
	put_list(out, id->id.domain, list);
	if (seen == NULL)
		return;
	if (list != NULL)
		put_servers(out, v, seen, &list->list);
	if (!seen->ended)
		fprintf(out, "    its answers were not needed any more\n");
	put_texts(out, v, e, which, seen);
}

void
check_message_dns(FILE *out, const struct check_view *v)
{
	const struct evidence *e = verify_evidence(v->seen->verify);
	const struct verification *result = verify_verdict(v->seen->verify);
	const struct list_answer *list =
	    seen_list(v->seen, result->author.domain);

	if (v->seen->n_lists + v->seen->n_ids == 0) {
		fprintf(out, "\nDNS\n  Nothing was asked.\n");
		return;
	}
	fprintf(out, "\nDNS\n");
	if (e->n_ids == 0 && list != NULL)
		put_list(out, result->author.domain, list);
	for (size_t i = 0; i < e->n_ids; i++)
		put_id(out, v, e, i);
	if (v->seen->no_memory)
		fprintf(out, "  (memory was short: this is not all)\n");
}
