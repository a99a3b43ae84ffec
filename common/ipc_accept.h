/*
 * Between nng and the system: nng 1.5.2 bounds its connections in no way and
 * tells nobody their descriptors. Only ipc_door uses it.
 */
#ifndef DNSMAIL_IPC_ACCEPT_H
#define DNSMAIL_IPC_ACCEPT_H

#include <sys/queue.h>

/* A path where nng listens. */
struct ipc_accept {
	LIST_ENTRY(ipc_accept) link;
	const char *path;
	/* One has come; -1: it must not come in. In nng's threads. */
	int (*enter)(void *arg, int fd);
	/* That descriptor is about to be closed, be it of nng or not. */
	void (*leave)(void *arg, int fd);
	void *arg;
};

void ipc_accept_begin(struct ipc_accept *);
/* After nng has closed the socket. */
void ipc_accept_end(struct ipc_accept *);

/*
 * The descriptor of which this thread has last asked for the peer's
 * credentials; nng does when it is asked for NNG_OPT_IPC_PEER_UID. -1: none
 * since it was forgotten.
 */
int ipc_accept_asked_for(void);
void ipc_accept_forget(void);

#endif
