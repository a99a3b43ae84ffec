/*
 * Which of several servers is asked next: of those connected one that is not
 * shunned before one that is, then the least busy, then whose turn it is. Pure.
 */
#ifndef DNSMAIL_IPC_CHOICE_H
#define DNSMAIL_IPC_CHOICE_H

#include "ipc_peer.h"

/* Not `except` (may be NULL); NULL: there is none. turn: that of peers[turn %
   n]; the caller counts it up. */
struct ipc_peer *ipc_choose(struct ipc_peer *const *peers, size_t n,
    size_t turn, const struct ipc_peer *except, double now);

#endif
