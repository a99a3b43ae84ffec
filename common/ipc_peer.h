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

#include <nng/nng.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "ipc_queue.h"
#include "ipc_socket.h"

struct ipc_attempt;
struct ipc_call;

/* How an attempt ends, unless it was dropped; it must not be used any more. */
struct ipc_peer_hooks {
	void (*answered)(struct ipc_call *, const uint8_t *data, size_t n);
	void (*failed)(struct ipc_call *); /* must not free any call */
	void (*connected)(void *arg);
};

struct ipc_peer {
	const struct ipc_peer_hooks *hooks;
	void *arg; /* of connected */
	nng_socket socket;
	atomic_int pipe;        /* nng's number of the connection; 0: none */
	int dead_pipe;          /* known to be gone before nng says so */
	struct ipc_event event; /* pipe has changed */
	LIST_HEAD(, ipc_attempt) busy, idle;
	size_t n_busy, n_idle; /* without those dropped */
	double shun_until;     /* the client's; 0 after each answer */
	bool ending;           /* from ipc_peer_free() on */
	struct ipc_closing closing;
};

/* NULL: logged. Connects, and again, from then on. */
struct ipc_peer *ipc_peer_new(struct ev_loop *, const char *url,
    size_t max_message, const struct ipc_peer_hooks *, void *arg);
/* When all attempts are over or dropped. No hook will be called. */
void ipc_peer_free(struct ipc_peer *);
bool ipc_peer_connected(const struct ipc_peer *);

/* NULL: out of memory. Copies data. */
struct ipc_attempt *ipc_attempt_start(
    struct ipc_peer *, const void *data, size_t n, struct ipc_call *);
/* No hook will be called. */
void ipc_attempt_drop(struct ipc_attempt *);
struct ipc_peer *ipc_attempt_peer(const struct ipc_attempt *);

#endif
