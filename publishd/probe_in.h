/*
 * Where dnsmail-check asks, <run-dir>/publishd/probe.ipc and, where users are
 * not seen, <run-dir>/publishd/admins/probe.ipc: who may,
 * and what is a probe. All else is for request_in and reach_out.
 */
#ifndef DNSMAIL_PUBLISHD_PROBE_IN_H
#define DNSMAIL_PUBLISHD_PROBE_IN_H

#include <ev.h>

#include "common/admins.h"
#include "common/config.h"
#include "common/ipc.h"
#include "common/publish_msg.h"
#include "publishd/update_key.h"

struct probe_in;

/*
 * A probe's record is to be added or removed; answers as publish_msg.h has it.
 * Takes req->records over.
 */
typedef void probe_record_fn(
    void *arg, struct ipc_request *, struct publish_req *);

/*
 * After the jail. Nobody may ask before it is configured. NULL: it cannot
 * listen (logged), or out of memory.
 */
struct probe_in *probe_in_new(
    struct ev_loop *, const char *run_dir, probe_record_fn *, void *arg);
/* Takes `admins` over. The key must live until another is set. */
void probe_in_configure(struct probe_in *, struct config *,
    struct admins *admins, const struct update_key *);
void probe_in_stop(struct probe_in *); /* no new requests */
void probe_in_free(struct probe_in *); /* NULL is fine */

#endif
