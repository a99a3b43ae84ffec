/*
 * Questions to foreign DNS Mail servers. What an answer is worth is the
 * caller's to say (hooks); whom one may ask is reach.c's.
 */
#include "verifyd/lookup_out.h"

#include <stdlib.h>

#include "common/log.h"
#include "verifyd/id_answer.h"

/* Seconds until the next server is asked too. */
static const double stagger = 0.4;
/* Between rounds to servers that have no record yet: first, and at most. */
static const double pause_first = 0.25, pause_most = 1.0;

enum server_state {
	SERVER_UNASKED,
	SERVER_OPEN,
	SERVER_NONE,   /* says: no such record */
	SERVER_AWAY,   /* as one that is just restarted: `trouble`, too */
	SERVER_FAILED, /* `trouble` of the look-up says how */
};

struct server {
	struct lookup *lookup;
	struct net_address address;
	struct dns_query *query;
	enum server_state state;
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
	double first_round; /* when it began */
	double pause;
	ev_timer timer;
	enum wait wait;
	struct list_wait list;
	enum lookup_outcome trouble; /* of the servers that failed */
	enum lookup_outcome ending;  /* for WAIT_END */
	bool ad;
	bool all_listed; /* no listed one is left out: its word may count */
	bool several;    /* are listed */
	size_t n;
	struct server servers[SERVER_LIST_MAX];
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

static void ask_next(struct lookup *l);

static size_t
count(const struct lookup *l, enum server_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->servers[i].state == state)
			n++;
	return n;
}

/* Servers lag behind each other, and one that was away comes back. */
static bool
may_change(const struct lookup *l)
{
	if (count(l, SERVER_FAILED) > 0)
		return false;
	return count(l, SERVER_AWAY) > 0 || l->several;
}

/*
 * Every server has answered or failed, and none has it. With a server that
 * failed or was not asked nothing is known; several may lag behind each other.
 */
static void
conclude(struct lookup *l)
{
	double until = l->first_round + l->all->propagation_wait;

	if (until > l->deadline)
		until = l->deadline;
	if (may_change(l) && now(l) + l->pause < until)
		wait_for(l, WAIT_ROUND, l->pause);
	else if (l->trouble != LOOKUP_FOUND)
		end(l, l->trouble);
	else if (!l->all_listed)
		end(l, LOOKUP_OVER_BUDGET);
	else
		end(l, LOOKUP_NO_RECORD);
}

static void
ask_all_again(struct lookup *l)
{
	l->trouble = LOOKUP_FOUND;
	l->pause = l->pause * 2 < pause_most ? l->pause * 2 : pause_most;
	for (size_t i = 0; i < l->n; i++)
		l->servers[i].state = SERVER_UNASKED;
	ask_next(l);
}

static enum lookup_outcome
trouble_of(const struct dns_reply *reply)
{
	static const enum lookup_outcome troubles[DNS_OUTCOME__COUNT] = {
		[DNS_ANSWERED] = LOOKUP_SERVFAIL,
		[DNS_TIMED_OUT] = LOOKUP_TIMEOUT,
		[DNS_UNREACHABLE] = LOOKUP_TIMEOUT,
		[DNS_GARBLED] = LOOKUP_SERVFAIL,
		[DNS_OVER_BUDGET] = LOOKUP_OVER_BUDGET,
	};

	if (reply->outcome == DNS_ANSWERED && reply->rcode == DNS_REFUSED)
		return LOOKUP_REFUSED;
	return troubles[reply->outcome];
}

/* Nobody is there yet, or the zone is not loaded yet (SERVFAIL). */
static bool
is_away(const struct dns_reply *reply)
{
	return reply->away ||
	    (reply->outcome == DNS_ANSWERED && reply->rcode == DNS_SERVFAIL);
}

static void
server_failed(struct server *server, const struct dns_reply *reply)
{
	struct lookup *l = server->lookup;
	enum lookup_outcome trouble = trouble_of(reply);
	char where[NET_ADDRESS_TEXT_MAX];

	server->state = is_away(reply) ? SERVER_AWAY : SERVER_FAILED;
	if (l->trouble == LOOKUP_FOUND || trouble < l->trouble)
		l->trouble = trouble;
	log_debug("server %s of %s: %s",
	    net_address_text(&server->address, where), l->id.domain,
	    reply->outcome == DNS_ANSWERED ? dns_rcode_text(reply->rcode)
					   : reply->why);
}

static void
server_reply(void *arg, const struct dns_reply *reply)
{
	struct server *server = arg;
	struct lookup *l = server->lookup;

	server->query = NULL;
	watch_reply(&l->all->watcher, &l->id, &server->address, reply);
	if (reply->outcome == DNS_ANSWERED && reply->rcode == DNS_NOERROR) {
		id_answer_texts(reply->msg, reply->len, &l->question.name,
		    l->hooks->text, l->arg);
		if (l->hooks->satisfied(l->arg)) {
			end(l, LOOKUP_FOUND);
			return;
		}
		server->state = SERVER_NONE;
	} else if (reply->outcome == DNS_ANSWERED &&
	    reply->rcode == DNS_NXDOMAIN) {
		server->state = SERVER_NONE;
	} else {
		server_failed(server, reply);
	}
	if (count(l, SERVER_UNASKED) > 0)
		ask_next(l);
	else if (count(l, SERVER_OPEN) == 0)
		conclude(l);
}

static struct server *
next_unasked(struct lookup *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->servers[i].state == SERVER_UNASKED)
			return &l->servers[i];
	return NULL;
}

/* One more server; and, if it is silent, the one after it before long. */
static void
ask_next(struct lookup *l)
{
	struct server *server = next_unasked(l);
	double left = l->deadline - now(l);

	ev_timer_stop(l->all->loop, &l->timer);
	server->state = SERVER_OPEN;
	if (left > 0)
		server->query = dns_exchange_ask(l->all->exchange,
		    &server->address, &l->question, left, server_reply, server);
	if (server->query == NULL) {
		l->ending = LOOKUP_OVER_BUDGET;
		wait_for(l, WAIT_END, 0);
	} else if (next_unasked(l) != NULL) {
		wait_for(l, WAIT_STAGGER, stagger);
	}
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
	l->all_listed = !list->more;
	for (size_t i = 0; i < list->n; i++)
		if (may_ask(l, &list->v[i]))
			l->servers[l->n++] = (struct server){
				.lookup = l,
				.address = list->v[i],
			};
		else
			l->all_listed = false;
	if (!l->all->have_ipv6 && has_ipv4(l))
		drop_ipv6(l);
	shuffle(l);
	l->several = list->n > 1;
	for (; l->n > l->all->max_servers; l->n--) {
		skip(l, l->n - 1, SKIP_ENOUGH);
		l->all_listed = false;
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
	l->first_round = now(l);
	l->pause = pause_first;
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
		ask_all_again(l);
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
