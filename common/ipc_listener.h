/*
 * The place where a server listens: a path that is ours alone, with the mode
 * and group that were asked for. Only ipc_server uses it.
 */
#ifndef DNSMAIL_IPC_LISTENER_H
#define DNSMAIL_IPC_LISTENER_H

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
	bool open;
};

/*
 * Takes the path; -1 (logged) when the url is wrong, the path is somebody
 * else's, or memory is out. Free it in any case.
 */
int ipc_listener_init(struct ipc_listener *, const struct ipc_server_options *);
/* Begins to listen for the server's socket. -1: logged. */
int ipc_listener_open(struct ipc_listener *, nng_socket);
/* Nobody comes any more, but the path stays ours. */
void ipc_listener_close(struct ipc_listener *);
/* After nng_close(socket). */
void ipc_listener_free(struct ipc_listener *);

#endif
