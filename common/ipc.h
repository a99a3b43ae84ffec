/*
 * Requests and answers between our processes: nng REQ/REP contexts, driven
 * from the libev loop. nng's threads only push completions to a queue; every
 * callback here runs in the loop, but for ipc_peer_fn. What nng before 1.6
 * does wrong is cured in ipc_sendmsg.c and ipc_socket.c.
 *
 * Nothing here may run before the jail: nng cannot be used after a fork.
 */
#ifndef DNSMAIL_IPC_H
#define DNSMAIL_IPC_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ipc_server;
struct ipc_request; /* one request to be answered exactly once */
struct ipc_client;
struct ipc_call;
struct metrics;

/* --- answering --- */

/* May a peer with that uid ask anything at all? Called in nng's thread. */
typedef int ipc_peer_fn(void *arg, uid_t);
/* May one who is in these groups, its own first? Called in nng's thread. */
typedef int ipc_groups_fn(void *arg, const gid_t *, size_t n);

struct ipc_server_options {
	const char *url;          /* ipc://PATH */
	mode_t mode;              /* of the socket file */
	const char *group;        /* NULL: leave */
	size_t max_message;       /* octets; a larger one drops its pipe */
	unsigned max_requests;    /* unanswered ones held at a time */
	unsigned max_connections; /* 0: 256. Over it the silent are closed */
	unsigned max_asked;       /* unanswered requests of one connection,
				     which over it is closed; 0: any number */
	unsigned answer_ms;       /* for a peer to read; 0: 10 s */
	ipc_groups_fn *groups_ok; /* or NULL: asked where peer_ok says no */
	struct metrics *metrics;  /* or NULL: counts those closed ... */
	size_t expelled_row;      /* ... in this row */
};

/*
 * One request. It must lead to one ipc_answer(), now or later. `data` is
 * valid until then.
 */
typedef void ipc_request_fn(
    void *arg, struct ipc_request *, const uint8_t *data, size_t n);

/* NULL when it cannot listen (logged). peer_ok NULL: anyone. */
struct ipc_server *ipc_server_new(struct ev_loop *,
    const struct ipc_server_options *, ipc_peer_fn *peer_ok, ipc_request_fn *,
    void *arg);
/* Copies data. */
void ipc_answer(struct ipc_request *, const void *data, size_t n);
uid_t ipc_request_uid(const struct ipc_request *); /* -1: not of this system */
pid_t ipc_request_pid(const struct ipc_request *); /* of who connected; 0: as
						    above */
/* Of a peer by TLS its certificate's names, blank separated; NULL: a process
   of this system. */
const char *ipc_request_names(const struct ipc_request *);
void ipc_server_stop(struct ipc_server *); /* no new requests */
/*
 * Drops what is unanswered; no callback comes any more. nng ends while the loop
 * runs: the path can be used again some 0.1 s later (10 s where a peer does not
 * read its answer), or after ipc_end().
 */
void ipc_server_free(struct ipc_server *);

/* --- asking --- */

enum ipc_result {
	IPC_OK,
	IPC_TIMEOUT, /* nobody answered in time */
	IPC_ERROR,   /* out of memory, or a message too large */
	IPC__COUNT
};
typedef void ipc_answer_fn(
    void *arg, enum ipc_result, const uint8_t *data, size_t n);

/*
 * Several urls: calls are spread over those that are connected; a call whose
 * server dies is asked again of another, until its time is over. So a request
 * may be executed twice: it must be idempotent.
 * max_message bounds both, what is asked and what is answered; a call over it
 * ends as IPC_ERROR.
 */
struct ipc_client *ipc_client_new(struct ev_loop *, const char *const *urls,
    size_t n_urls, size_t max_message);
/* Copies data. NULL: out of memory, `done` will not be called. */
struct ipc_call *ipc_call(struct ipc_client *, const void *data, size_t n,
    double timeout, ipc_answer_fn *done, void *arg);
void ipc_cancel(struct ipc_call *); /* done will not be called */

/* What a client may know besides; zeroed: nothing of it. */
struct ipc_peer;

struct ipc_client_options {
	/* To an url that is not ipc:// (tls_peer.h). */
	struct ipc_peer *(*connect)(void *arg, struct ev_loop *,
	    const char *url, size_t max_message, void (*changed)(void *arg),
	    void *changed_arg);
	void *connect_arg;
	/* Does that answer say "not now"? Then another server is asked. */
	bool (*again)(const uint8_t *data, size_t n);
	/* NULL: nobody is told. Else servers that come and go are logged, too;
	   rows: those that are up; calls that were asked again. */
	struct metrics *metrics;
	size_t up_row, again_row;
};
struct ipc_client *ipc_client_new_with(struct ev_loop *,
    const char *const *urls, size_t n_urls, size_t max_message,
    const struct ipc_client_options *);
size_t ipc_client_pending(const struct ipc_client *);
int ipc_client_connected(const struct ipc_client *); /* how many */
void ipc_client_free(struct ipc_client *);           /* cancels all */

/* After the last server and client are freed: ends nng, in 2 s at most. */
void ipc_end(void);

#endif
