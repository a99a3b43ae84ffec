/*
 * Questions to domain lists. Owns what is known of each list's health; what
 * an answer means is reputation.c's.
 */
#include "verifyd/reputation_out.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/complaint.h"
#include "common/log.h"
#include "verifyd/counters.h"

enum {
	SHARE = 4,      /* a quarter of max-queries is for all lists together */
	SILENT_MAX = 5, /* unanswered in turn: then one at a time */
};

/* A list by its zone, for as long as the daemon lives. */
struct list {
	struct list *next;
	size_t under_way, silent;
	struct complaint silence, trouble;
	char zone[DOMAIN_MAX];
};

struct reputations {
	struct ev_loop *loop;
	struct lists *lists;
	struct list *first;
};

struct question {
	struct reputation_check *check;
	const struct reputation_config *config;
	struct list *list;
	const char *domain;
	bool open, listed;
	struct reputation_hit hit;
	struct list_wait wait;
};

struct reputation_check {
	struct reputations *all;
	size_t most; /* questions to one list under way */
	ev_timer timer;
	void (*done)(void *, const struct reputation *);
	void *arg;
	size_t n, open;
	struct question questions[];
};

struct reputations *
reputations_new(struct ev_loop *loop, struct lists *lists)
{
	struct reputations *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	all->loop = loop;
	all->lists = lists;
	return all;
}

void
reputations_free(struct reputations *all)
{
	struct list *list;

	if (all == NULL)
		return;
	while ((list = all->first) != NULL) {
		all->first = list->next;
		free(list);
	}
	free(all);
}

/* NULL: out of memory. */
static struct list *
list_of(struct reputations *all, const char *zone)
{
	struct list *list = all->first;

	while (list != NULL && strcmp(list->zone, zone) != 0)
		list = list->next;
	if (list != NULL || (list = calloc(1, sizeof(*list))) == NULL)
		return list;
	snprintf(list->zone, sizeof(list->zone), "%s", zone);
	list->next = all->first;
	all->first = list;
	return list;
}

struct reputation_check *
reputation_check_new(struct reputations *all, const struct verification *v,
    const struct verifyd_config *options)
{
	const struct reputation_config *configs = options->reputation.v;
	const size_t n_lists = options->reputation.n;
	const char *domains[VERIFICATION_DOMAINS_MAX];
	size_t n = verification_domains(v, domains);
	struct reputation_check *c =
	    calloc(1, sizeof(*c) + n * n_lists * sizeof(c->questions[0]));

	if (c == NULL)
		return NULL;
	c->all = all;
	c->most = 1 + (size_t)options->max_queries / SHARE / n_lists;
	for (size_t i = 0; i < n_lists; i++)
		for (size_t j = 0; j < n; j++)
			c->questions[c->n++] = (struct question){
				.check = c,
				.config = &configs[i],
				.list = list_of(all, configs[i].zone),
				.domain = domains[j],
			};
	return c;
}

static void
question_close(struct question *q)
{
	if (!q->open)
		return;
	q->open = false;
	q->list->under_way--;
	q->check->open--;
	list_wait_cancel(&q->wait);
}

void
reputation_check_free(struct reputation_check *c)
{
	if (c == NULL)
		return;
	ev_timer_stop(c->all->loop, &c->timer);
	for (size_t i = 0; i < c->n; i++)
		question_close(&c->questions[i]);
	free(c);
}

/* What came in becomes the message's, in the order of the questions. */
static void
conclude(struct reputation_check *c)
{
	struct reputation found = { 0 };

	ev_timer_stop(c->all->loop, &c->timer);
	for (size_t i = 0; i < c->n; i++)
		if (c->questions[i].listed)
			reputation_add(&found, &c->questions[i].hit);
	c->done(c->arg, &found);
}

static double
now(const struct question *q)
{
	return ev_now(q->check->all->loop);
}

static void
unanswered(struct question *q, enum lookup_outcome outcome)
{
	static const char *const words[LOOKUP__COUNT] = {
		[LOOKUP_TIMEOUT] = "no answer in time",
		[LOOKUP_SERVFAIL] = "the resolver has no answer for us",
		[LOOKUP_REFUSED] = "the resolver refuses to ask it",
		[LOOKUP_OVER_BUDGET] = "too many questions are under way",
	};
	char line[COMPLAINT_TEXT_MAX];

	metric_add(&counters, COUNT_REPUTATION_SILENT, 1);
	q->list->silent += outcome != LOOKUP_OVER_BUDGET;
	snprintf(line, sizeof(line), "domain list %s: %s", q->config->zone,
	    words[outcome]);
	complaint_log(&q->list->silence, line, now(q));
}

/* Said of the first address, not of each that is no answer. */
static void
no_answer(struct question *q, const struct reputation_trouble *trouble)
{
	char address[INET_ADDRSTRLEN];
	unsigned held;

	metric_add(&counters, COUNT_REPUTATION_ERRORS, 1);
	inet_ntop(AF_INET, &trouble->address, address, sizeof(address));
	if (complaint_due(&q->list->trouble, trouble->words, now(q), &held))
		log_warnx("domain list %s: %s %s", q->config->zone, address,
		    trouble->words);
}

static void
answers_again(struct question *q)
{
	double seconds = complaint_over(&q->list->silence, now(q));

	q->list->silent = 0;
	if (seconds >= 0)
		log_info("domain list %s answers again, after %.0f s",
		    q->config->zone, seconds);
}

static void
take(struct question *q, const struct list_answer *answer)
{
	struct reputation_trouble trouble = { 0 };

	if (answer->outcome > LOOKUP_NO_RECORD) {
		unanswered(q, answer->outcome);
		return;
	}
	answers_again(q);
	if (answer->outcome == LOOKUP_FOUND)
		q->listed = reputation_read(
		    q->config, q->domain, &answer->list, &q->hit, &trouble);
	metric_add(&counters, COUNT_REPUTATION_LISTED, q->listed);
	if (trouble.words != NULL)
		no_answer(q, &trouble);
}

static void
answered(void *arg, const struct list_answer *answer)
{
	struct question *q = arg;

	question_close(q);
	take(q, answer);
	if (q->check->open == 0)
		conclude(q->check);
}

/* The message has no time left: who has not answered says nothing. */
static void
late(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct reputation_check *c = timer->data;

	(void)loop;
	(void)events;
	for (size_t i = 0; i < c->n; i++) {
		struct question *q = &c->questions[i];

		if (!q->open)
			continue;
		question_close(q);
		unanswered(q, LOOKUP_TIMEOUT);
	}
	conclude(c);
}

static bool
may_ask(const struct question *q)
{
	bool well = q->list->silent < SILENT_MAX;

	return q->list->under_way < (well ? q->check->most : 1);
}

static void
ask(struct question *q, double left)
{
	struct reputation_check *c = q->check;
	struct list_answer answer = { 0 };
	char name[DOMAIN_MAX];

	if (!reputation_name(name, q->domain, q->config->zone)) {
		metric_add(&counters, COUNT_REPUTATION_TOO_LONG, 1);
		return;
	}
	q->wait.done = answered;
	q->wait.arg = q;
	if (q->list != NULL &&
	    lists_known(c->all->lists, LIST_REPUTATION, name, &answer)) {
		take(q, &answer);
	} else if (q->list != NULL && left > 0 && may_ask(q) &&
	    lists_wait(c->all->lists, LIST_REPUTATION, name, &q->wait) == 0) {
		q->open = true;
		q->list->under_way++;
		c->open++;
	} else {
		metric_add(&counters, COUNT_REPUTATION_SILENT, 1);
	}
}

void
reputation_check_start(struct reputation_check *c, double deadline,
    void (*done)(void *, const struct reputation *), void *arg)
{
	double left = deadline - ev_now(c->all->loop);

	c->done = done;
	c->arg = arg;
	ev_timer_init(&c->timer, late, left > 0 ? left : 0, 0);
	c->timer.data = c;
	for (size_t i = 0; i < c->n; i++)
		ask(&c->questions[i], left);
	if (c->open == 0)
		conclude(c);
	else
		ev_timer_start(c->all->loop, &c->timer);
}
