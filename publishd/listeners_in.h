/*
 * The sockets that publishd answers on, and the users who may ask there.
 */
#ifndef DNSMAIL_PUBLISHD_LISTENERS_IN_H
#define DNSMAIL_PUBLISHD_LISTENERS_IN_H

#include <ev.h>
#include <stdbool.h>

#include "common/config.h"
#include "common/ipc.h"
#include "common/tls_context.h"
#include "publishd/peers_in.h"

struct listeners;
struct listener; /* one of the sockets */

/*
 * The sockets get `group` (NULL: leave); it and run_dir, where doors may be
 * (doors_in.h), must outlive this. NULL: out of memory.
 */
typedef void listener_request_fn(void *arg, const struct listener *,
    struct ipc_request *, const uint8_t *data, size_t n); /* ipc.h */
struct listeners *listeners_new(struct ev_loop *, const char *run_dir,
    const char *group, listener_request_fn *request, void *arg);

struct listener_limits {
	unsigned requests; /* unanswered at a time; more wait at the askers' */
	unsigned connections;    /* over it the silent are closed */
	struct tls_context *tls; /* of urls by TLS; the rest: NULL will do */
};

/*
 * These urls and users from now on. Takes peers over when it returns 0; -1
 * (logged): one of the urls does not work, and nothing has changed. What came
 * in by a url that is no more is still answered. The limits are those of a url
 * that is new.
 */
int listeners_configure(struct listeners *, const struct strings *urls,
    const struct listener_limits *, struct peers *);
/* May that user ask that, by that socket? */
bool listeners_may(
    const struct listener *, const struct ipc_request *, enum publish_op);
void listeners_stop(struct listeners *); /* no new requests */
void listeners_free(struct listeners *); /* NULL is fine */

#endif
