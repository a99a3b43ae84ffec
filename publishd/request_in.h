/*
 * Where requests enter publishd, and where their answers leave it. It leads
 * each through the check, the primary and the further servers.
 */
#ifndef DNSMAIL_PUBLISHD_REQUEST_IN_H
#define DNSMAIL_PUBLISHD_REQUEST_IN_H

#include <ev.h>

#include "common/config.h"
#include "common/tls_context.h"
#include "publishd/peers_in.h"
#include "publishd/update_key.h"

struct request_in;

/* The sockets' directory and `group` (NULL: leave). NULL: out of memory. */
struct request_in *request_in_new(
    struct ev_loop *, const char *run_dir, const char *group);

/*
 * Everything new comes under this configuration: the listeners, the users,
 * the limits, the certificate (counted; NULL: needs none). Takes peers and key
 * over when it returns 0 (key NULL: keeps the old one); -1 (logged) changes
 * nothing.
 */
int request_in_configure(struct request_in *, struct config *, struct peers *,
    struct tls_context *, struct update_key *key);

/* No new requests; calls idle(arg) once nothing is under way. */
void request_in_stop(struct request_in *, void (*idle)(void *arg), void *arg);
void request_in_free(struct request_in *); /* NULL is fine */

#endif
