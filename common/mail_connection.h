/*
 * One connection of an MTA on libev: octets in and out, its time limits. For
 * mail_server alone.
 */
#ifndef DNSMAIL_MAIL_CONNECTION_H
#define DNSMAIL_MAIL_CONNECTION_H

#include <ev.h>
#include <stdbool.h>

#include "mail_protocol.h"
#include "mail_room.h"
#include "mail_server.h"

struct mail_connection;

enum { MAIL_READ_MOST = 64 * 1024 }; /* octets per wakeup: fairness */

/* What the connections of one server share; the server owns it. */
struct mail_connections {
	struct ev_loop *loop;
	const struct mail_handler *handler;
	struct mail_server_limits limits;
	struct mail_connection *first;
	struct mail_room room;
	struct metrics *metrics; /* or NULL */
	size_t first_row;
	size_t n;
	ev_timer tidy; /* active: memory was given back, the system gets it */
	bool stopping;
	double stopping_since;                     /* monotonic */
	void (*closed)(struct mail_connections *); /* after each end */
	mail_keep_fn *keep;                        /* or NULL */
	uint8_t scratch[MAIL_READ_MOST]; /* of those without a message */
};

/* Takes the descriptor, which does not block; -1: out of memory, closed. */
int mail_connection_new(
    struct mail_connections *, const struct mail_protocol *, int fd);
/* One that another process has kept; -1: it cannot go on, closed. */
int mail_connection_resume(struct mail_connections *,
    const struct mail_protocol *, int fd, const uint8_t *state, size_t n);

/* Closes the one who gives up its place first. -1: there is none. */
int mail_connections_make_room(struct mail_connections *);
void mail_connections_count(
    struct mail_connections *, size_t mail_count, int64_t n);

/*
 * `stopping` was set: those of which no header is under way are kept for the
 * next process, where that can be. Else ends those without a message under way,
 * once they have been quiet for three seconds, or after six. A message whose
 * MAIL has arrived is under way.
 */
void mail_connections_drain(struct mail_connections *);
/* Ends all, without `closed`. */
void mail_connections_free(struct mail_connections *);

#endif
