/*
 * Questions to foreign DNS Mail servers. What an answer is worth is the
 * caller's to say (hooks); whom one may ask is reach.c's; who is asked next,
 * and again, is servers_asked.c's.
 */
#include "verifyd/lookup_out.h"

#include <math.h>
#include <stdlib.h>

#include "common/log.h"
#include "verifyd/id_answer.h"
#include "verifyd/servers_asked.h"

/* Seconds until the next server is asked too. */
static const double stagger = 0.4;

struct server {
	struct lookup *lookup;
	struct net_address address;
	struct dns_query *query;
};

/* What the timer waits for. */
enum wait {
	WAIT_LIST,    /* the server list: the deadline */
	WAIT_STAGGER, /* time to ask the next server too */
	WAIT_ROUND,   /* time to ask all again */
	WAIT_END,     /* to say the outcome outside of lookup_start() */
};

struct lookup {
	const struct lookups *all;
	const struct lookup_hooks *hooks;
	void *arg;
	struct dns_question question;
	struct message_id id;
	double deadline;
	ev_timer timer;
	enum wait wait;
	struct list_wait list;
	enum lookup_outcome ending; /* for WAIT_END */
	bool ad;
	size_t n;
	struct server servers[SERVER_LIST_MAX];
	struct servers_asked asked;
};

static double
now(const struct lookup *l)
{
	return ev_now(l->all->loop);
}

static void
wait_for(struct lookup *l, enum wait wait, double seconds)
{
	l->wait = wait;
	ev_timer_stop(l->all->loop, &l->timer);
	ev_timer_set(&l->timer, seconds > 0 ? seconds : 0, 0);
	ev_timer_start(l->all->loop, &l->timer);
}

void
lookup_cancel(struct lookup *l)
{
	if (l == NULL)
		return;
	list_wait_cancel(&l->list);
	ev_timer_stop(l->all->loop, &l->timer);
	for (size_t i = 0; i < l->n; i++)
		dns_query_cancel(l->servers[i].query);
	free(l);
}

static void
end(struct lookup *l, enum lookup_outcome outcome)
{
	const struct lookup_hooks *hooks = l->hooks;
	void *arg = l->arg;
	bool ad = l->ad;

	watch_looked_up(&l->all->watcher, &l->id, outcome, ad);
	lookup_cancel(l);
	hooks->done(arg, outcome, ad);
}

static void server_reply(void *arg, const struct dns_reply *reply);

/* One more server; and, if it is silent, the one after it before long. */
static void
ask_next(struct lookup *l)
{
	struct server *server = &l->servers[servers_asked_next(&l->asked)];
	double left = l->deadline - now(l);

	ev_timer_stop(l->all->loop, &l->timer);
	if (left > 0)
		server->query = dns_exchange_ask(l->all->exchange,
		    &server->address, &l->question, left, server_reply, server);
	if (server->query == NULL) {
		l->ending = LOOKUP_OVER_BUDGET;
		wait_for(l, WAIT_END, 0);
	} else if (!servers_asked_all(&l->asked)) {
		wait_for(l, WAIT_STAGGER, stagger);
	}
}

/* Whoever was asked has answered, or there is one more to ask. */
static void
go_on(struct lookup *l)
{
	switch (servers_asked_then(&l->asked, now(l))) {
	case SERVERS_NEXT:
		ask_next(l);
		break;
	case SERVERS_OPEN:
		break;
	case SERVERS_AGAIN:
		wait_for(l, WAIT_ROUND, l->asked.pause);
		break;
	case SERVERS_END:
		end(l, servers_asked_outcome(&l->asked));
		break;
	}
}

static void
say_failed(const struct server *server, const struct dns_reply *reply)
{
	char where[NET_ADDRESS_TEXT_MAX];

	log_debug("server %s of %s: %s",
	    net_address_text(&server->address, where),
	    server->lookup->id.domain,
	    reply->outcome == DNS_ANSWERED ? dns_rcode_text(reply->rcode)
					   : reply->why);
}

static void
server_reply(void *arg, const struct dns_reply *reply)
{
	struct server *server = arg;
	struct lookup *l = server->lookup;
	size_t i = (size_t)(server - l->servers);

	server->query = NULL;
	watch_reply(&l->all->watcher, &l->id, &server->address, reply);
	if (reply->outcome == DNS_ANSWERED && reply->rcode == DNS_NOERROR) {
		id_answer_texts(reply->msg, reply->len, &l->question.name,
		    l->hooks->text, l->arg);
		if (l->hooks->satisfied(l->arg)) {
			end(l, LOOKUP_FOUND);
			return;
		}
	}
	if (servers_asked_reply(&l->asked, i, reply) != SERVER_NONE)
		say_failed(server, reply);
	go_on(l);
}

static bool
may_ask(const struct lookup *l, const struct net_address *address)
{
	char where[NET_ADDRESS_TEXT_MAX];
	enum reach_answer answer = reach_check(&l->all->reach, address);

	if (answer == REACH_OK)
		return true;
	watch_skipped(&l->all->watcher, &l->id, address, SKIP_REACH, answer);
	log_debug("server %s of %s is not asked: %s",
	    net_address_text(address, where), l->id.domain,
	    reach_answer_names[answer]);
	return false;
}

static bool
has_ipv4(const struct lookup *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->servers[i].address.sa.sa_family == AF_INET)
			return true;
	return false;
}

static void
skip(const struct lookup *l, size_t i, enum lookup_skip why)
{
	watch_skipped(
	    &l->all->watcher, &l->id, &l->servers[i].address, why, REACH_OK);
}

/* A host without IPv6 would wait for those servers in vain, each time. */
static void
drop_ipv6(struct lookup *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->servers[i].address.sa.sa_family == AF_INET ||
		    networks_contain(
			l->all->reach.allow_networks, &l->servers[i].address))
			l->servers[n++] = l->servers[i];
		else
			skip(l, i, SKIP_NO_IPV6);
	l->n = n;
}

static void
shuffle(struct lookup *l)
{
	for (size_t i = l->n; i > 1; i--) {
		size_t j = arc4random_uniform((uint32_t)i);
		struct server swap = l->servers[i - 1];

		l->servers[i - 1] = l->servers[j];
		l->servers[j] = swap;
	}
}

static void
choose_servers(struct lookup *l, const struct server_list *list)
{
	l->asked.all_listed = !list->more;
	for (size_t i = 0; i < list->n; i++)
		if (may_ask(l, &list->v[i]))
			l->servers[l->n++] = (struct server){
				.lookup = l,
				.address = list->v[i],
			};
		else
			l->asked.all_listed = false;
	if (!l->all->have_ipv6 && has_ipv4(l))
		drop_ipv6(l);
	shuffle(l);
	l->asked.several = list->n > 1;
	for (; l->n > l->all->max_servers; l->n--) {
		skip(l, l->n - 1, SKIP_ENOUGH);
		l->asked.all_listed = false;
	}
}

/* The list is there: ask, or know at once how it ends. */
static void
begin(struct lookup *l, const struct list_answer *answer)
{
	watch_list(&l->all->watcher, l->id.domain, answer);
	l->ad = answer->ad;
	l->ending = answer->outcome;
	if (answer->outcome <= LOOKUP_NO_RECORD) {
		choose_servers(l, &answer->list);
		l->ending = LOOKUP_NO_USABLE_SERVER;
	}
	if (l->n == 0) {
		wait_for(l, WAIT_END, 0);
		return;
	}
	servers_asked_begin(&l->asked, l->n,
	    fmin(now(l) + l->all->propagation_wait, l->deadline));
	ask_next(l);
}

static void
list_done(void *arg, const struct list_answer *answer)
{
	struct lookup *l = arg;

	ev_timer_stop(l->all->loop, &l->timer);
	begin(l, answer);
}

static void
timer_fired(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct lookup *l = timer->data;

	(void)loop;
	(void)events;
	switch (l->wait) {
	case WAIT_LIST:
		end(l, LOOKUP_TIMEOUT);
		break;
	case WAIT_STAGGER:
		ask_next(l);
		break;
	case WAIT_ROUND:
		servers_asked_again(&l->asked);
		ask_next(l);
		break;
	case WAIT_END:
		end(l, l->ending);
		break;
	}
}

/* -1: no memory to ask for the list. */
static int
find_list(struct lookup *l)
{
	struct list_answer known;

	if (lists_known(l->all->lists, LIST_SERVERS, l->id.domain, &known)) {
		begin(l, &known);
		return 0;
	}
	l->list.done = list_done;
	l->list.arg = l;
	wait_for(l, WAIT_LIST, l->deadline - now(l));
	return lists_wait(l->all->lists, LIST_SERVERS, l->id.domain, &l->list);
}

struct lookup *
lookup_start(const struct lookups *all, const struct message_id *id,
    double deadline, const struct lookup_hooks *hooks, void *arg)
{
	char name[MESSAGE_ID_NAME_MAX];
	struct lookup *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->all = all;
	l->hooks = hooks;
	l->arg = arg;
	l->id = *id;
	l->deadline = deadline;
	l->question.type = DNS_TXT;
	ev_timer_init(&l->timer, timer_fired, 0, 0);
	l->timer.data = l;
	if (dns_name_parse(&l->question.name, message_id_name(id, name)) != 0 ||
	    find_list(l) != 0) {
		lookup_cancel(l);
		return NULL;
	}
	return l;
}
