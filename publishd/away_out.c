/* Must not know why anybody asks, nor what an answer says. */
#include "publishd/away_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "common/complaint.h"
#include "common/log.h"
#include "common/monotonic.h"

#define PAUSE       5.0 /* seconds between two questions */
#define ASK_TIMEOUT 2.0

/* Kept when it is back: few, and who comes and goes must not fill the log. */
struct server {
	LIST_ENTRY(server) link;
	struct net_address address;
	bool away;
	struct dns_query *query; /* whether it is back, or NULL */
	double next;             /* question */
	struct complaint complaint;
};

struct away_out {
	struct dns_exchange *exchange;
	LIST_HEAD(, server) servers;
};

static struct server *
find(const struct away_out *out, const struct net_address *address)
{
	struct server *s;

	LIST_FOREACH(s, &out->servers, link)
	if (net_address_equal(&s->address, address))
		return s;
	return NULL;
}

static void
answered(void *arg, const struct dns_reply *reply)
{
	struct server *s = arg;
	char address[NET_ADDRESS_TEXT_MAX];
	double trouble;

	s->query = NULL;
	if (reply->outcome != DNS_ANSWERED)
		return;
	s->away = false;
	trouble = complaint_over(&s->complaint, monotonic_now());
	if (trouble >= 0)
		log_info("%s answers again after %.0f s, and is waited for",
		    net_address_text(&s->address, address), trouble);
}

bool
away_out_has(struct away_out *out, const struct net_address *address,
    const struct dns_question *question)
{
	struct server *s = find(out, address);
	double now = monotonic_now();

	if (s == NULL || !s->away)
		return false;
	if (s->query == NULL && s->next <= now) {
		s->next = now + PAUSE;
		s->query = dns_exchange_ask(
		    out->exchange, address, question, ASK_TIMEOUT, answered, s);
	}
	return true;
}

/* Out of memory: then it is waited for the next time, too. */
void
away_out_add(
    struct away_out *out, const struct net_address *address, const char *why)
{
	struct server *s = find(out, address);
	double now = monotonic_now();
	char line[COMPLAINT_TEXT_MAX], text[NET_ADDRESS_TEXT_MAX];

	if (s == NULL && (s = calloc(1, sizeof(*s))) != NULL) {
		s->address = *address;
		LIST_INSERT_HEAD(&out->servers, s, link);
	}
	if (s == NULL || s->away)
		return;
	s->away = true;
	s->next = now + PAUSE;
	snprintf(line, sizeof(line),
	    "%s cannot be reached, other servers show what it should: %s",
	    net_address_text(address, text), why);
	complaint_log(&s->complaint, line, now);
}

struct away_out *
away_out_new(struct dns_exchange *exchange)
{
	struct away_out *out = calloc(1, sizeof(*out));

	if (out == NULL)
		return NULL;
	out->exchange = exchange;
	LIST_INIT(&out->servers);
	return out;
}

void
away_out_free(struct away_out *out)
{
	struct server *s;

	if (out == NULL)
		return;
	while ((s = LIST_FIRST(&out->servers)) != NULL) {
		LIST_REMOVE(s, link);
		dns_query_cancel(s->query);
		free(s);
	}
	free(out);
}
