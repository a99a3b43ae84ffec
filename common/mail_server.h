/*
 * An MTA's connections on libev, of any protocol: listening sockets, octets
 * in and out, time limits, signs of life while a daemon thinks.
 */
#ifndef DNSMAIL_MAIL_SERVER_H
#define DNSMAIL_MAIL_SERVER_H

#include <ev.h>
#include <stddef.h>
#include <sys/socket.h>

#include "mail_protocol.h"

struct mail_server;

/*
 * Over max_connections the one gives up its place that mail_room.h names; where
 * there is none the new one is closed, so the MTA tempfails. Over max_memory
 * (octets held for all: what is kept of messages, what is read and not yet
 * whole, what is said and not yet read) those who hold some and are slow are
 * closed, and else a message gets 451.
 */
struct mail_server_limits {
	unsigned max_connections;
	size_t max_memory; /* 0, as in the two last: no bound */
	double idle;       /* seconds without an octet */
	double piece;      /* seconds for a piece (packet, line) to become
			      whole, and for our answers to be read */
	double message;    /* seconds for a message, our own not counted */
	double progress;   /* seconds between signs of life */
};

/* What a server counts, in a daemon's table of metrics. */
enum mail_count {
	MAIL_COUNT_OPEN,     /* gauge: connections */
	MAIL_COUNT_MEMORY,   /* gauge: octets held for them */
	MAIL_COUNT_EXPELLED, /* closed for others, over a limit */
	MAIL_COUNT_REFUSED,  /* not let in, over max_connections */
	MAIL_COUNT_SLOW,     /* closed, over idle, piece or message */
	MAIL_COUNT__COUNT
};

/* Takes a connection (its own descriptor of it) and what must be known of it.
   0; -1: it does not. */
typedef int mail_keep_fn(int fd, const uint8_t *state, size_t n);

struct metrics;

/* `handler` must outlive the server; its fields may change (reload). */
struct mail_server *mail_server_new(
    struct ev_loop *, const struct mail_handler *);
/* From now on; before the first listen, too. What is open stays. */
void mail_server_limit(struct mail_server *, struct mail_server_limits);
/* A daemon's, with times that no MTA needs in full. */
struct mail_server_limits mail_server_limits(
    unsigned max_connections, size_t max_memory_mib);
/* Counts in rows `first` to first + MAIL_COUNT__COUNT - 1 from now on. */
void mail_server_meter(struct mail_server *, struct metrics *, size_t first);
/* From mail_server_stop() on connections go there; before that, from there. */
void mail_server_keep(struct mail_server *, mail_keep_fn *);
/* Takes the descriptor, which does not block; logged if it cannot go on. */
void mail_server_resume(struct mail_server *, const struct mail_protocol *,
    int fd, const uint8_t *state, size_t n);
/* Takes the descriptor. */
int mail_server_listen(
    struct mail_server *, const struct mail_protocol *, int fd);
/* The descriptor that listens at that address, the server's, or -1. */
int mail_server_at(
    const struct mail_server *, const struct sockaddr_storage *, socklen_t);
/* Closes n listening sockets, beginning behind the `newest` last added. */
void mail_server_unlisten(struct mail_server *, size_t newest, size_t n);

/* Other processes accept from the same sockets: one connection at a time, so
   that who is busy leaves the next one to them. */
void mail_server_share(struct mail_server *);

/*
 * Stops accepting; connections are closed once they have no message under
 * way; `drained` is called when none is left (maybe at once).
 */
void mail_server_stop(struct mail_server *, void (*drained)(void *), void *arg);
/* The same without haste: each connection ends when its MTA wants. */
void mail_server_retire(
    struct mail_server *, void (*drained)(void *), void *arg);
size_t mail_server_connections(const struct mail_server *);
void mail_server_free(struct mail_server *);

#endif
