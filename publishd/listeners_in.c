/*
 * Owns the IPC servers. Must not know what is asked.
 */
#include "publishd/listeners_in.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/tls_url.h"
#include "publishd/counters.h"
#include "publishd/doors_in.h"
#include "publishd/tls_in.h"

enum { SOCKET_MODE = 0660 };

struct listener {
	SLIST_ENTRY(listener) link;
	struct listeners *all;
	char *url;
	const enum publish_op *door; /* what may be asked there; NULL: what
					the user may */
	struct ipc_server *server;   /* of this system */
	struct tls_in *tls;          /* or of others */
};

struct listeners {
	struct ev_loop *loop;
	listener_request_fn *request;
	void *arg;
	const char *run_dir, *group;
	SLIST_HEAD(listener_list, listener) active;
	struct listener_list retired; /* not asked any more, still answering */
	struct listener_list doors;
	struct door door[DOORS_MAX];
	bool doors_open;
	struct peers *peers;
	pthread_mutex_t lock; /* peers: nng's threads look at it */
};

/* Called in a thread of nng's. */
static int
peer_ok(void *arg, uid_t uid)
{
	const struct listener *l = arg;
	struct listeners *ls = l->all;
	bool ok;

	if (l->door != NULL)
		return 1;
	pthread_mutex_lock(&ls->lock);
	ok = ls->peers != NULL && peers_may_any(ls->peers, uid);
	pthread_mutex_unlock(&ls->lock);
	return ok;
}

static bool
names_ok(void *arg, const char *names)
{
	const struct listener *l = arg;

	return peers_may_names_any(l->all->peers, names);
}

static void
pass_on(void *arg, struct ipc_request *request, const uint8_t *data, size_t n)
{
	const struct listener *l = arg;

	l->all->request(l->all->arg, l, request, data, n);
}

static void
listener_free(struct listener *l)
{
	ipc_server_free(l->server);
	tls_in_free(l->tls);
	free(l->url);
	free(l);
}

/* Several may be asked for by one mail server, and share what may wait. */
static struct tls_in *
tls_new(struct listeners *ls, struct listener *l,
    const struct listener_limits *limits)
{
	const struct tls_in_options options = {
		.url = l->url,
		.max_message = PUBLISH_REQ_MAX,
		.max_connections = limits->connections,
		.max_asked = limits->requests,
		.metrics = &counters,
		.open_row = COUNT_TLS_OPEN,
		.refused_row = COUNT_TLS_REFUSED,
	};

	return tls_in_new(
	    ls->loop, &options, limits->tls, names_ok, pass_on, l);
}

static struct listener *
listener_new(struct listeners *ls, const char *url, const enum publish_op *door,
    const struct listener_limits *limits)
{
	struct ipc_server_options options = {
		.url = url,
		.mode = SOCKET_MODE,
		.group = door == NULL ? ls->group : NULL,
		.max_message = PUBLISH_REQ_MAX,
		.max_requests = limits->requests,
		.max_connections = limits->connections,
		.metrics = &counters,
		.expelled_row = COUNT_EXPELLED,
	};
	struct listener *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->all = ls;
	l->door = door;
	l->url = strdup(url);
	if (l->url != NULL && tls_url_is(url))
		l->tls = tls_new(ls, l, limits);
	else if (l->url != NULL)
		l->server =
		    ipc_server_new(ls->loop, &options, peer_ok, pass_on, l);
	if (l->server != NULL || l->tls != NULL)
		return l;
	free(l->url);
	free(l);
	return NULL;
}

struct listeners *
listeners_new(struct ev_loop *loop, const char *run_dir, const char *group,
    listener_request_fn *request, void *arg)
{
	struct listeners *ls = calloc(1, sizeof(*ls));

	if (ls == NULL)
		return NULL;
	ls->loop = loop;
	ls->run_dir = run_dir;
	ls->group = group;
	ls->request = request;
	ls->arg = arg;
	SLIST_INIT(&ls->active);
	SLIST_INIT(&ls->retired);
	SLIST_INIT(&ls->doors);
	pthread_mutex_init(&ls->lock, NULL);
	return ls;
}

/* Gives back those that were. */
static struct peers *
peers_swap(struct listeners *ls, struct peers *peers)
{
	struct peers *old;

	pthread_mutex_lock(&ls->lock);
	old = ls->peers;
	ls->peers = peers;
	pthread_mutex_unlock(&ls->lock);
	return old;
}

/* Sites have one or two: a list will do. */
static struct listener *
find(const struct listener_list *list, const char *url)
{
	struct listener *l;

	SLIST_FOREACH(l, list, link)
	if (strcmp(l->url, url) == 0)
		return l;
	return NULL;
}

static void
free_all(struct listener_list *list)
{
	struct listener *l;

	while ((l = SLIST_FIRST(list)) != NULL) {
		SLIST_REMOVE_HEAD(list, link);
		listener_free(l);
	}
}

/* Listeners for the urls that are not yet listened on. */
static int
open_new(struct listeners *ls, const struct strings *urls,
    const struct listener_limits *limits, struct listener_list *fresh)
{
	for (size_t i = 0; i < urls->n; i++) {
		struct listener *l;

		if (find(&ls->active, urls->v[i]) != NULL ||
		    find(fresh, urls->v[i]) != NULL)
			continue;
		if ((l = listener_new(ls, urls->v[i], NULL, limits)) == NULL)
			return -1;
		SLIST_INSERT_HEAD(fresh, l, link);
	}
	return 0;
}

/*
 * Once, at the start: the directories are made for a whole installation. What
 * comes by a door has the directory's group, and publishd's is not needed.
 */
static int
open_doors(struct listeners *ls, const struct listener_limits *limits)
{
	size_t n;

	if (ls->doors_open)
		return 0;
	if (doors_find(ls->run_dir, ls->door, &n) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct listener *l =
		    listener_new(ls, ls->door[i].url, &ls->door[i].op, limits);

		if (l == NULL)
			return -1;
		SLIST_INSERT_HEAD(&ls->doors, l, link);
	}
	ls->doors_open = true;
	return 0;
}

static bool
wanted(const struct strings *urls, const char *url)
{
	for (size_t i = 0; i < urls->n; i++)
		if (strcmp(urls->v[i], url) == 0)
			return true;
	return false;
}

static void
listener_stop(struct listener *l)
{
	if (l->tls != NULL)
		tls_in_stop(l->tls);
	else
		ipc_server_stop(l->server);
}

/* Who is connected stays so, if its certificate is still good. */
static void
renew(struct listeners *ls, struct tls_context *tls)
{
	struct listener *l;

	SLIST_FOREACH(l, &ls->active, link)
	if (l->tls != NULL)
		tls_in_renew(l->tls, tls);
}

/* Requests of the old ones may be under way: they are freed at the end. */
static void
retire_old(struct listeners *ls, const struct strings *urls)
{
	struct listener *l, *next;

	for (l = SLIST_FIRST(&ls->active); l != NULL; l = next) {
		next = SLIST_NEXT(l, link);
		if (wanted(urls, l->url))
			continue;
		SLIST_REMOVE(&ls->active, l, listener, link);
		listener_stop(l);
		SLIST_INSERT_HEAD(&ls->retired, l, link);
	}
}

int
listeners_configure(struct listeners *ls, const struct strings *urls,
    const struct listener_limits *limits, struct peers *peers)
{
	struct listener_list fresh = SLIST_HEAD_INITIALIZER(fresh);
	/* Before the first can come by a new url. */
	struct peers *old = peers_swap(ls, peers);
	struct listener *l;

	if (open_doors(ls, limits) == -1 ||
	    open_new(ls, urls, limits, &fresh) == -1) {
		free_all(&fresh);
		peers_swap(ls, old);
		return -1;
	}
	retire_old(ls, urls);
	renew(ls, limits->tls);
	metric_set(
	    &counters, COUNT_TLS_EXPIRES, tls_context_until(limits->tls, true));
	while ((l = SLIST_FIRST(&fresh)) != NULL) {
		SLIST_REMOVE_HEAD(&fresh, link);
		SLIST_INSERT_HEAD(&ls->active, l, link);
	}
	peers_free(old);
	return 0;
}

bool
listeners_may(
    const struct listener *by, const struct ipc_request *r, enum publish_op op)
{
	uid_t uid = ipc_request_uid(r);

	if (by->tls != NULL)
		return peers_may_names(
		    by->all->peers, ipc_request_names(r), op);
	return by->door != NULL ? *by->door == op
				: peers_may(by->all->peers, uid, op);
}

void
listeners_stop(struct listeners *ls)
{
	struct listener *l;

	SLIST_FOREACH(l, &ls->active, link)
	listener_stop(l);
	SLIST_FOREACH(l, &ls->doors, link)
	ipc_server_stop(l->server);
}

void
listeners_free(struct listeners *ls)
{
	if (ls == NULL)
		return;
	free_all(&ls->active);
	free_all(&ls->retired);
	free_all(&ls->doors);
	peers_free(ls->peers);
	pthread_mutex_destroy(&ls->lock);
	free(ls);
}
