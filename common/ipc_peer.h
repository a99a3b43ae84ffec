/*
 * One server as a client sees it: the connection, and what is being asked over
 * it. Only ipc_client uses it.
 *
 * An attempt is a request that nng works on:
 *
 *   start -> sending -> receiving -> answered   kept for a later request
 *               \          \
 *                `----------`-> failed or dropped
 *
 * A dropped attempt has lost its call and its context is closed, so nng ends
 * it soon: an operation that waits ends with the context; one that a thread of
 * nng begins meanwhile either finds the context closed, or holds it and ends
 * when it lets go. So there is always one more completion, and only when that
 * has come to the loop is the attempt freed. No attempt has a timeout, since
 * that of nng may go off in a context that is just being freed.
 */
#ifndef DNSMAIL_IPC_PEER_H
#define DNSMAIL_IPC_PEER_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ipc_attempt;
struct ipc_call;
struct ipc_peer;

/* How an attempt ends, unless it was dropped; it must not be used any more. */
struct ipc_peer_hooks {
	void (*answered)(struct ipc_call *, const uint8_t *data, size_t n);
	void (*failed)(struct ipc_call *); /* must not free any call */
	void (*changed)(void *arg);        /* it is connected, or no more */
};

/* nng over ipc:// is one way (below), TLS another (tls_peer.h). */
struct ipc_peer_ops {
	/* NULL: out of memory, or it cannot take it now. Copies data. */
	struct ipc_attempt *(*start)(
	    struct ipc_peer *, const void *data, size_t n, struct ipc_call *);
	/* No hook will be called. */
	void (*drop)(struct ipc_attempt *);
	bool (*connected)(const struct ipc_peer *);
	/* When all attempts are over or dropped. No hook will be called. */
	void (*free)(struct ipc_peer *);
};

struct ipc_peer {
	const struct ipc_peer_ops *ops;
	const struct ipc_peer_hooks *hooks;
	void *arg;         /* of changed */
	char *url;         /* the client's */
	size_t n_busy;     /* attempts, without those dropped */
	double shun_until; /* the client's; 0 after each answer */
	bool was_up;       /* the client's: what the log was told */
};

/* NULL: logged. Connects, and again, from then on. */
struct ipc_peer *ipc_peer_new(struct ev_loop *, const char *url,
    size_t max_message, const struct ipc_peer_hooks *, void *arg);

#endif
