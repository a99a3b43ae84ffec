/*
 * Which servers of a client are up: connected, and not silent when asked last.
 * The log and a gauge are told. One that was silent is asked an empty message
 * now and then until it answers, since nobody else may ask it for long.
 */
#ifndef DNSMAIL_IPC_WATCH_H
#define DNSMAIL_IPC_WATCH_H

#include "ipc_peer.h"
#include "metrics.h"

struct ipc_watch;

/* Seconds until a silent server is asked; doubled each time, up to the last. */
#define IPC_WATCH_FIRST IPC_SHUN_SECONDS
#define IPC_WATCH_LAST  60.

/*
 * The peers must outlive it. A server that went away and one that was up for
 * long is first asked after `first` seconds. NULL: out of memory.
 */
struct ipc_watch *ipc_watch_new(struct ev_loop *, struct ipc_peer *const *peers,
    size_t n, double first, struct metrics *, size_t up_row);
/* Something may have changed. NULL is fine, here and below. */
void ipc_watch_look(struct ipc_watch *);
void ipc_watch_free(struct ipc_watch *);

#endif
