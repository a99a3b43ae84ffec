/*
 * One door of a daemon, <run-dir>/<daemon>/<name>.ipc, and one question after
 * the other there. nng's waiting is the only waiting.
 */
#ifndef DNSMAIL_DOOR_H
#define DNSMAIL_DOOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nng/nng.h>

enum door_state {
	DOOR_OPEN,
	DOOR_ABSENT,    /* nobody listens there */
	DOOR_SILENT,    /* somebody does, and says nothing */
	DOOR_FORBIDDEN, /* not for this user */
};

struct door {
	nng_socket socket;
	nng_aio *aio;
	bool sending;
	atomic_bool idle; /* nng has done with the aio */
};

/*
 * Knocks first, for at most `ms`. An open door is left to the end of the
 * process, which is to be _exit(): nng 1.5.2 panics now and then when a
 * connection is taken down while its handshake lasts.
 */
enum door_state door_open(
    struct door *, const char *path, size_t max_answer, int ms);

/* Begins to ask (a copy of the octets); the answer within `ms`. -1: nng's. */
int door_ask(struct door *, const void *octets, size_t n, int ms);
bool door_busy(struct door *); /* there is no answer yet */
/* Waits for it. NULL: there was none; else free it with nng_msg_free(). */
nng_msg *door_answer(struct door *);

#endif
