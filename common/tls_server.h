/*
 * Requests that come by TLS, to be answered by ipc_answer() (ipc.h) as those
 * of this system are. Who comes is a certificate's names.
 *
 * Bounded: connections; those whose handshake is not over (the oldest goes for
 * one that comes) and its time; requests of one connection that are not
 * answered: over it no more is read.
 */
#ifndef DNSMAIL_TLS_SERVER_H
#define DNSMAIL_TLS_SERVER_H

#include "ipc.h"
#include "tls_context.h"

struct tls_server;

/* May somebody with one of these names (blank separated) ask anything? */
typedef bool tls_names_fn(void *arg, const char *names);

struct tls_server_options {
	const char *url; /* its host: an address, or "*" */
	size_t max_message;
	unsigned max_connections;
	unsigned max_asked; /* unanswered requests of one connection */
	struct metrics *metrics;
	size_t open_row, refused_row;
};

/* NULL: it cannot listen (logged). */
struct tls_server *tls_server_new(struct ev_loop *,
    const struct tls_server_options *, struct tls_context *, tls_names_fn *,
    ipc_request_fn *, void *arg);
/* For those that come from now on. */
void tls_server_renew(struct tls_server *, struct tls_context *);
void tls_server_stop(struct tls_server *); /* no new requests */
void tls_server_free(struct tls_server *); /* NULL; drops what is unanswered */

#endif
