/*
 * Owns the notes. Of what strangers sent it keeps so much and no more.
 */
#include "admin/check_seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verifyd/verification.h"

static struct seen_id *
find(const struct seen *s, const struct message_id *id)
{
	for (size_t i = 0; i < s->n_ids; i++)
		if (message_id_equal(&s->ids[i]->id, id))
			return s->ids[i];
	return NULL;
}

const struct seen_id *
seen_find(const struct seen *s, const struct message_id *id)
{
	return find(s, id);
}

/* Its note, a new one if need be; NULL: no memory. */
static struct seen_id *
id_of(struct seen *s, const struct message_id *id)
{
	struct seen_id *i = find(s, id);

	if (i != NULL)
		return i;
	if (s->n_ids < VERIFY_IDS_MAX)
		i = calloc(1, sizeof(*i));
	if (i == NULL) {
		s->no_memory = true;
		return NULL;
	}
	i->id = *id;
	s->ids[s->n_ids++] = i;
	return i;
}

/* NULL: there is no room for another one. */
static struct seen_server *
server_of(struct seen_id *i, const struct net_address *address)
{
	struct seen_server *server = i->servers;

	for (; server < &i->servers[i->n_servers]; server++)
		if (net_address_equal(&server->address, address))
			return server;
	if (i->n_servers == SERVER_LIST_MAX)
		return NULL;
	i->n_servers++;
	server->address = *address;
	return server;
}

const struct list_answer *
seen_list(const struct seen *s, const char *domain)
{
	for (size_t i = 0; i < s->n_lists; i++)
		if (strcmp(s->lists[i].domain, domain) == 0)
			return &s->lists[i].answer;
	return NULL;
}

/* It is told again with each ID of that domain. */
static void
see_list(void *arg, const char *domain, const struct list_answer *answer)
{
	struct seen *s = arg;
	struct seen_list *list = &s->lists[s->n_lists];

	if (seen_list(s, domain) != NULL || s->n_lists == VERIFY_IDS_MAX)
		return;
	s->n_lists++;
	snprintf(list->domain, sizeof(list->domain), "%s", domain);
	list->answer = *answer;
}

static void
see_skipped(void *arg, const struct message_id *id,
    const struct net_address *address, enum lookup_skip skip,
    enum reach_answer reach)
{
	struct seen_id *i = id_of(arg, id);
	struct seen_server *server = i != NULL ? server_of(i, address) : NULL;

	if (server == NULL)
		return;
	server->skipped = true;
	server->skip = skip;
	server->reach = reach;
}

static void
see_reply(void *arg, const struct message_id *id,
    const struct net_address *address, const struct dns_reply *reply)
{
	struct seen *s = arg;
	struct seen_id *i = id_of(s, id);
	struct seen_server *server = i != NULL ? server_of(i, address) : NULL;

	s->answering = i;
	s->answerer = server;
	if (server == NULL)
		return;
	server->answers++;
	server->outcome = reply->outcome;
	server->rcode = reply->rcode;
	server->texts = 0;
	snprintf(server->why, sizeof(server->why), "%s", reply->why);
}

static bool
has_text(const struct seen_id *i, const char *text, size_t n)
{
	for (size_t k = 0; k < i->n_texts; k++)
		if (i->texts[k].n == n &&
		    memcmp(i->texts[k].octets, text, n) == 0)
			return true;
	return false;
}

static void
see_text(void *arg, const struct message_id *id, const char *text, size_t n)
{
	struct seen *s = arg;
	struct seen_id *i = id_of(s, id);
	char *copy;

	if (i == NULL)
		return;
	if (i == s->answering && s->answerer != NULL)
		s->answerer->texts++;
	if (has_text(i, text, n))
		return;
	if (i->n_texts == SEEN_TEXTS_MAX) {
		i->more_texts++;
		return;
	}
	copy = malloc(n + 1);
	if (copy == NULL) {
		s->no_memory = true;
		return;
	}
	memcpy(copy, text, n);
	copy[n] = '\0';
	i->texts[i->n_texts].octets = copy;
	i->texts[i->n_texts++].n = n;
}

static void
see_looked_up(void *arg, const struct message_id *id,
    enum lookup_outcome outcome, bool ad)
{
	struct seen_id *i = id_of(arg, id);

	if (i == NULL)
		return;
	i->ended = true;
	i->outcome = outcome;
	i->ad = ad;
}

static void
see_wish(void *arg, const char *domain, const struct list_answer *answer)
{
	struct seen *s = arg;

	(void)domain;
	s->wished = true;
	s->wish = *answer;
}

static void
see_done(void *arg, const struct verify *v)
{
	struct seen *s = arg;

	s->verify = v;
}

const struct lookup_watch seen_watch = {
	.list = see_list,
	.skipped = see_skipped,
	.reply = see_reply,
	.text = see_text,
	.looked_up = see_looked_up,
	.wish = see_wish,
	.done = see_done,
};

static void
id_free(struct seen_id *i)
{
	for (size_t k = 0; k < i->n_texts; k++)
		free(i->texts[k].octets);
	free(i);
}

void
seen_free(struct seen *s)
{
	for (size_t i = 0; i < s->n_ids; i++)
		id_free(s->ids[i]);
	memset(s, 0, sizeof(*s));
}
