/* Owns the thread. Must not know what the addresses are for. */
#include "host_lookup.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "ipc_queue.h"

struct host_lookup {
	char host[256], port[6];
	struct addrinfo *found;
	int error;
	host_found_fn *done; /* NULL: cancelled; the loop's alone */
	void *arg;
	struct ipc_event event;
};

static void *
look_up(void *arg)
{
	struct host_lookup *l = arg;
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV };

	l->error = getaddrinfo(l->host, l->port, &hints, &l->found);
	ipc_queue_push(&l->event);
	return NULL;
}

static void
over(void *arg)
{
	struct host_lookup *l = arg;
	host_found_fn *done = l->done;
	void *done_arg = l->arg;
	struct addrinfo *found = l->error == 0 ? l->found : NULL;
	const char *why = gai_strerror(l->error);

	free(l);
	ipc_queue_detach();
	if (done != NULL)
		done(done_arg, found, why);
	else if (found != NULL)
		freeaddrinfo(found);
}

static int
in_thread(struct host_lookup *l)
{
	pthread_t thread;
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&thread, NULL, look_up, l);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error == 0)
		pthread_detach(thread);
	return error == 0 ? 0 : -1;
}

/* Written as an address it needs nobody to be asked. */
static bool
is_address(struct host_lookup *l)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };

	l->error = getaddrinfo(l->host, l->port, &hints, &l->found);
	return l->error == 0;
}

struct host_lookup *
host_lookup_new(struct ev_loop *loop, const char *host, const char *port,
    host_found_fn *done, void *arg)
{
	struct host_lookup *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->done = done;
	l->arg = arg;
	l->event = (struct ipc_event){ .run = over, .arg = l };
	snprintf(l->host, sizeof(l->host), "%s", host);
	snprintf(l->port, sizeof(l->port), "%s", port);
	ipc_queue_attach(loop);
	if (is_address(l))
		ipc_queue_push(&l->event);
	else if (in_thread(l) == -1) {
		ipc_queue_detach();
		free(l);
		return NULL;
	}
	return l;
}

void
host_lookup_cancel(struct host_lookup *l)
{
	l->done = NULL;
}
