/*
 * The place where a server listens: a path that is ours alone, with the mode
 * and group that were asked for, open as long as the server lives. Only
 * ipc_server uses it.
 */
#ifndef DNSMAIL_IPC_LISTENER_H
#define DNSMAIL_IPC_LISTENER_H

#include <ev.h>
#include <nng/nng.h>
#include <stdbool.h>
#include <sys/types.h>

#include "ipc.h"

struct ipc_listener {
	char *url, *group;
	const char *path; /* in url */
	mode_t mode;
	size_t max_message;
	int lock;
	nng_socket socket; /* the server's */
	nng_listener now;  /* id 0: none */
	nng_listener *dead;
	size_t n_dead, dead_room;
	struct ev_loop *loop;
	ev_timer watch;
};

/*
 * Takes the path; -1 (logged) when the url is wrong, the path is somebody
 * else's, or memory is out. Free it in any case.
 */
int ipc_listener_init(
    struct ipc_listener *, struct ev_loop *, const struct ipc_server_options *);
/* Begins to listen for `socket`, and keeps an eye on it. -1: logged. */
int ipc_listener_open(struct ipc_listener *, nng_socket);
/* Nobody comes any more, but the path stays ours. */
void ipc_listener_close(struct ipc_listener *);
/* After nng_close(socket). */
void ipc_listener_free(struct ipc_listener *);

#endif
