/* Owns who may ask, and the sockets. Must not know what is asked. */
#include "admins_in.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "door_dir.h"
#include "log.h"

enum {
	/* The listener looks at who comes, whatever the mode. */
	SOCKET_MODE = 0666,
	CONNECTIONS_MAX = 16,
	ASKED_MAX = 2, /* at a time, by one connection */
};

struct admins_in {
	struct ev_loop *loop;
	struct ipc_server *server;
	struct ipc_server *door; /* where users are not seen; or NULL */
	size_t max_message;
	ipc_request_fn *request;
	void *arg;
	struct admins *admins; /* NULL: nobody may ask */
	pthread_mutex_t lock;  /* admins: nng's threads look at them */
};

/* ---- who may ask, in nng's threads ---- */

static int
user_ok(void *arg, uid_t uid)
{
	struct admins_in *in = arg;
	bool ok;

	pthread_mutex_lock(&in->lock);
	ok = in->admins != NULL && admins_have_user(in->admins, uid);
	pthread_mutex_unlock(&in->lock);
	return ok;
}

static int
groups_ok(void *arg, const gid_t *groups, size_t n)
{
	struct admins_in *in = arg;
	bool ok;

	pthread_mutex_lock(&in->lock);
	ok = in->admins != NULL && admins_have_group(in->admins, groups, n);
	pthread_mutex_unlock(&in->lock);
	return ok;
}

void
admins_in_set(struct admins_in *in, struct admins *next)
{
	struct admins *old;

	pthread_mutex_lock(&in->lock);
	old = in->admins;
	in->admins = next;
	pthread_mutex_unlock(&in->lock);
	admins_free(old);
}

/* ---- the sockets ---- */

static void
pass_on(void *arg, struct ipc_request *request, const uint8_t *data, size_t n)
{
	const struct admins_in *in = arg;

	in->request(in->arg, request, data, n);
}

static struct ipc_server *
listen_at(struct admins_in *in, const char *url, bool door)
{
	const struct ipc_server_options options = {
		.url = url,
		.mode = SOCKET_MODE,
		.max_message = in->max_message,
		.max_requests = CONNECTIONS_MAX * ASKED_MAX,
		.max_connections = CONNECTIONS_MAX,
		.max_asked = ASKED_MAX,
		.groups_ok = door ? NULL : groups_ok,
	};

	return ipc_server_new(
	    in->loop, &options, door ? NULL : user_ok, pass_on, in);
}

static int
listen_all(struct admins_in *in, const char *run_dir, const char *file)
{
	char door[DOOR_URL_MAX], *url;
	int found = door_find(run_dir, "admins", file, door);

	if (found == 1)
		in->door = listen_at(in, door, true);
	if (found == -1 || (found == 1 && in->door == NULL))
		return -1;
	if (asprintf(&url, "ipc://%s/%s", run_dir, file) == -1) {
		log_warnx("%s: out of memory", file);
		return -1;
	}
	in->server = listen_at(in, url, false);
	free(url);
	return in->server != NULL ? 0 : -1;
}

struct admins_in *
admins_in_new(struct ev_loop *loop, const char *run_dir, const char *file,
    size_t max_message, ipc_request_fn *request, void *arg)
{
	struct admins_in *in = calloc(1, sizeof(*in));

	if (in == NULL) {
		log_warnx("%s: out of memory", file);
		return NULL;
	}
	in->loop = loop;
	in->max_message = max_message;
	in->request = request;
	in->arg = arg;
	pthread_mutex_init(&in->lock, NULL);
	if (listen_all(in, run_dir, file) == 0)
		return in;
	admins_in_free(in);
	return NULL;
}

void
admins_in_stop(struct admins_in *in)
{
	ipc_server_stop(in->server);
	if (in->door != NULL)
		ipc_server_stop(in->door);
}

void
admins_in_free(struct admins_in *in)
{
	if (in == NULL)
		return;
	ipc_server_free(in->door);
	ipc_server_free(in->server);
	admins_free(in->admins);
	pthread_mutex_destroy(&in->lock);
	free(in);
}
