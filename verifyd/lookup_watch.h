/*
 * Who looks on while a message is verified (dnsmail-check message): the same
 * look-ups as ever, told of as they happen. It has no say in anything.
 */
#ifndef DNSMAIL_VERIFYD_LOOKUP_WATCH_H
#define DNSMAIL_VERIFYD_LOOKUP_WATCH_H

#include "common/dns_exchange.h"
#include "verifyd/list_answer.h"
#include "verifyd/reach.h"
#include "verifyd/verify.h"

/* Why a server that a domain lists is not asked. */
enum lookup_skip {
	SKIP_REACH,   /* reach_check() says so */
	SKIP_NO_IPV6, /* this host has none, and IPv4 is listed too */
	SKIP_ENOUGH,  /* max-servers */
	SKIP__COUNT
};

/* All of them must be there; what they are given is theirs in the call only. */
struct lookup_watch {
	/* What dnsmail.<domain> says; also from what is kept. */
	void (*list)(void *arg, const char *domain, const struct list_answer *);
	/* `reach` says more of SKIP_REACH. */
	void (*skipped)(void *arg, const struct message_id *,
	    const struct net_address *, enum lookup_skip, enum reach_answer);
	/* A server's answer, or that there was none. */
	void (*reply)(void *arg, const struct message_id *,
	    const struct net_address *, const struct dns_reply *);
	/* A TXT text in the answer told last. */
	void (*text)(
	    void *arg, const struct message_id *, const char *text, size_t n);
	void (*looked_up)(
	    void *arg, const struct message_id *, enum lookup_outcome, bool ad);
	/* What _policy.dnsmail.<domain> says; also from what is kept. */
	void (*wish)(void *arg, const char *domain, const struct list_answer *);
	/* It is done, but for the answer to the MTA. */
	void (*done)(void *arg, const struct verify *);
};

/* Zeroed: nobody looks on, and the calls below do nothing. */
struct lookup_watcher {
	const struct lookup_watch *watch;
	void *arg;
};

void watch_list(const struct lookup_watcher *, const char *domain,
    const struct list_answer *);
void watch_skipped(const struct lookup_watcher *, const struct message_id *,
    const struct net_address *, enum lookup_skip, enum reach_answer);
void watch_reply(const struct lookup_watcher *, const struct message_id *,
    const struct net_address *, const struct dns_reply *);
void watch_text(const struct lookup_watcher *, const struct message_id *,
    const char *text, size_t n);
void watch_looked_up(const struct lookup_watcher *, const struct message_id *,
    enum lookup_outcome, bool ad);
void watch_wish(const struct lookup_watcher *, const char *domain,
    const struct list_answer *);
void watch_done(const struct lookup_watcher *, const struct verify *);

#endif
