/*
 * Where the administrator's commands ask a daemon: a socket in its directory,
 * and the same in the directory admins, if there is one: who may enter that is
 * one (door_dir.h).
 */
#ifndef DNSMAIL_ADMINS_IN_H
#define DNSMAIL_ADMINS_IN_H

#include "admins.h"
#include "ipc.h"

struct admins_in;

/*
 * `file` is the sockets' name. After the jail. Nobody may ask before
 * admins_in_set(). NULL: it cannot listen, or out of memory (logged).
 */
struct admins_in *admins_in_new(struct ev_loop *, const char *run_dir,
    const char *file, size_t max_message, ipc_request_fn *, void *arg);
/* Takes them over; those before end. */
void admins_in_set(struct admins_in *, struct admins *);
void admins_in_stop(struct admins_in *); /* no new requests */
void admins_in_free(struct admins_in *); /* NULL is fine */

#endif
