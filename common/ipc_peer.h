/*
 * One server as a client sees it: the connection, and what is being asked over
 * it. Only ipc_client and ipc_watch use it.
 *
 * An attempt is a request that nng works on:
 *
 *   start -> sending -> receiving -> answered   kept for a later request
 *               \          \
 *                `----------`-> failed or dropped
 *
 * A dropped attempt has lost its owner and its context is closed, so nng ends
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
struct ipc_peer;

/*
 * Whose an attempt is, and how it tells that it is over, unless it was dropped;
 * the attempt must not be used any more.
 */
struct ipc_owner {
	void (*answered)(struct ipc_owner *, const uint8_t *data, size_t n);
	void (*failed)(struct ipc_owner *); /* must not drop any attempt */
};
/* It is connected, or no more. */
typedef void ipc_changed_fn(void *arg);

/* nng over ipc:// is one way (below), TLS another (tls_peer.h). */
struct ipc_peer_ops {
	/* NULL: out of memory, or it cannot take it now. Copies data. */
	struct ipc_attempt *(*start)(
	    struct ipc_peer *, const void *data, size_t n, struct ipc_owner *);
	/* The owner will not be told. */
	void (*drop)(struct ipc_attempt *);
	bool (*connected)(const struct ipc_peer *);
	/* When all attempts are over or dropped. Nobody will be told. */
	void (*free)(struct ipc_peer *);
};

/* A server that let a call wait too long comes last for a while. */
#define IPC_SHUN_SECONDS 5.
/* One that answers that it is busy; it is up all the same. */
#define IPC_BUSY_SECONDS 0.5

struct ipc_peer {
	const struct ipc_peer_ops *ops;
	ipc_changed_fn *changed;
	void *arg;         /* of changed */
	char *url;         /* the client's */
	size_t n_busy;     /* attempts, without those dropped */
	double shun_until; /* the client's; 0 after each answer */
};

/* NULL: logged. Connects, and again, from then on. */
struct ipc_peer *ipc_peer_new(struct ev_loop *, const char *url,
    size_t max_message, ipc_changed_fn *, void *arg);

#endif
