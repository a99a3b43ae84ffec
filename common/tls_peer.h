/*
 * A server by TLS as ipc_client sees it (ipc_peer.h). Connects, and again, with
 * a growing pause, and to each address of the name in turn.
 */
#ifndef DNSMAIL_TLS_PEER_H
#define DNSMAIL_TLS_PEER_H

#include "ipc_peer.h"
#include "tls_context.h"

/* context: struct tls_context, counted here. NULL: logged. */
struct ipc_peer *tls_peer_new(void *context, struct ev_loop *, const char *url,
    size_t max_message, ipc_changed_fn *, void *arg);

#endif
