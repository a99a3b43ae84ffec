/*
 * One ID, asked of the DNS Mail servers of its domain (protocol.md section 4,
 * "Asking"): the server list first, then up to max-servers of it in random
 * order, each after the other has said no or has been silent for a while.
 * "No record" is believed only of all of them, and of several only after
 * propagation-wait.
 */
#ifndef DNSMAIL_VERIFYD_LOOKUP_OUT_H
#define DNSMAIL_VERIFYD_LOOKUP_OUT_H

#include "common/message_id.h"
#include "verifyd/list_out.h"
#include "verifyd/lookup_watch.h"
#include "verifyd/reach.h"
#include "verifyd/verify.h"

struct lookup; /* one under way */

/* What all look-ups go by. What it points to must outlive them. */
struct lookups {
	struct ev_loop *loop;
	struct dns_exchange *exchange;
	struct lists *lists;
	struct reputations *reputations;
	struct reach reach;
	bool have_ipv6; /* else IPv6 is asked only where there is no IPv4 */
	size_t max_servers;
	double propagation_wait; /* seconds */
	struct lookup_watcher watcher;
};

/* The texts found at one server, then whether they will do; then the end. */
struct lookup_hooks {
	void (*text)(void *arg, const char *text, size_t n);
	bool (*satisfied)(void *arg);
	void (*done)(void *arg, enum lookup_outcome, bool ad);
};

/*
 * `deadline` by ev_now(). done is called once, never from inside this call,
 * and the look-up is gone then. NULL: out of memory.
 */
struct lookup *lookup_start(const struct lookups *, const struct message_id *,
    double deadline, const struct lookup_hooks *, void *arg);
void lookup_cancel(struct lookup *); /* no call; NULL is fine */

#endif
