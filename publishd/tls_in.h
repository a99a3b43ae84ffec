/*
 * Requests that come by TLS, to be answered by ipc_answer() (ipc.h) as those
 * of this system are. Who comes is a certificate's names.
 *
 * Bounded: connections; those whose handshake is not over (the oldest goes for
 * one that comes) and its time; requests of one connection that are not
 * answered: over it no more is read; what is not read of their answers
 * (tls_stream.h). A connection ends when its certificate does.
 */
#ifndef DNSMAIL_PUBLISHD_TLS_IN_H
#define DNSMAIL_PUBLISHD_TLS_IN_H

#include "common/ipc.h"
#include "common/tls_context.h"

struct tls_in;

/* May somebody with one of these names (blank separated) ask anything? */
typedef bool tls_names_fn(void *arg, const char *names);

struct tls_in_options {
	const char *url; /* its host: an address, or "*" */
	size_t max_message;
	unsigned max_connections;
	unsigned max_asked; /* unanswered requests of one connection */
	struct metrics *metrics;
	size_t open_row, refused_row;
};

/* NULL: it cannot listen (logged). */
struct tls_in *tls_in_new(struct ev_loop *, const struct tls_in_options *,
    struct tls_context *, tls_names_fn *, ipc_request_fn *, void *arg);
/* For those that come from now on; who is there and would not be let in by it
   is answered what it has asked, and must leave. */
void tls_in_renew(struct tls_in *, struct tls_context *);
void tls_in_stop(struct tls_in *); /* no new requests */
void tls_in_free(struct tls_in *); /* NULL; drops what is unanswered */

#endif
