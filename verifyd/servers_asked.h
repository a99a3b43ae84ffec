/*
 * What the servers of one look-up have said, and what follows from it: the
 * next one, all again, or the end. Servers lag behind each other, and one that
 * is away (nobody there yet, or SERVFAIL: its zone is not loaded yet) comes
 * back; so these are asked again until propagation-wait is over. A server
 * that fails otherwise, with silence or REFUSED, is not waited for.
 *
 * Pure: time is an argument.
 */
#ifndef DNSMAIL_VERIFYD_SERVERS_ASKED_H
#define DNSMAIL_VERIFYD_SERVERS_ASKED_H

#include "common/dns_exchange.h"
#include "verifyd/server_list.h"
#include "verifyd/verify.h"

enum server_state {
	SERVER_UNASKED,
	SERVER_OPEN,
	SERVER_NONE,   /* says: no such record */
	SERVER_AWAY,   /* as one that is just restarted: `trouble`, too */
	SERVER_FAILED, /* `trouble` says how */
};

struct servers_asked {
	bool all_listed; /* no listed one is left out: its word may count */
	bool several;    /* are listed */
	size_t n;
	enum server_state states[SERVER_LIST_MAX];
	enum lookup_outcome trouble; /* of those that failed */
	double until;                /* no round begins then or later */
	double pause;                /* seconds before the next round */
};

enum servers_next {
	SERVERS_NEXT,  /* ask one more */
	SERVERS_OPEN,  /* wait for those that are asked */
	SERVERS_AGAIN, /* after the pause: servers_asked_again() */
	SERVERS_END    /* servers_asked_outcome() */
};

/* The first round, of n servers. The two flags are the caller's to set. */
void servers_asked_begin(struct servers_asked *, size_t n, double until);
/* Asked now; -1: all have been asked in this round. */
int servers_asked_next(struct servers_asked *);
bool servers_asked_all(const struct servers_asked *);
/* Server i has nothing that will do, as it says or because it failed. */
enum server_state servers_asked_reply(
    struct servers_asked *, size_t i, const struct dns_reply *);
enum servers_next servers_asked_then(const struct servers_asked *, double now);
void servers_asked_again(struct servers_asked *);
enum lookup_outcome servers_asked_outcome(const struct servers_asked *);

/* A reply that is neither NOERROR nor NXDOMAIN, as an outcome. */
enum lookup_outcome lookup_trouble(const struct dns_reply *);

#endif
