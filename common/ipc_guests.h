/*
 * Who is inside a server, and who must leave when there is no more room: of
 * the user who has most connections, those that never asked anything, but for
 * a quarter, then those that have been silent for longest; never one that
 * waits for an answer. The quarter is for who has just come.
 * So whoever holds connections without a word loses them to whoever comes, and
 * holding many is of no use against another user.
 *
 * Who must leave has not left: nng takes its time (measured: 1 ms for each, one
 * after the other). So there is room for twice as many; of that a user who has
 * more than half of those that are there gets three quarters.
 *
 * Pure: time is an argument.
 *
 * Measured: a connection costs some 4 KiB in nng, 2 KiB before the handshake.
 */
#ifndef DNSMAIL_IPC_GUESTS_H
#define DNSMAIL_IPC_GUESTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct ipc_guest {
	uint64_t number; /* never given twice; descriptors are */
	int fd;
	uid_t uid;
	bool asked;
	bool leaving;
	double since;  /* it came, or last asked */
	unsigned busy; /* requests not answered */
};

struct ipc_guests {
	struct ipc_guest *v;
	unsigned n, n_leaving; /* of the n */
	unsigned max;          /* without those */
	uint64_t number;
};

/* -1: out of memory. */
int ipc_guests_init(struct ipc_guests *, unsigned max);
void ipc_guests_free(struct ipc_guests *);

/*
 * One comes. -1: there is no room for it. Else 0, and *out_r is the descriptor
 * of the one that must leave for it, or -1.
 */
int ipc_guests_enter(
    struct ipc_guests *, int fd, uid_t, double now, int *out_r);
/* It asks. NULL: it is to leave; else valid until the next call. */
struct ipc_guest *ipc_guests_asks(struct ipc_guests *, int fd, double now);
/* One of its requests is over; NULL as above. */
struct ipc_guest *ipc_guests_answered(struct ipc_guests *, uint64_t number);
/* It is to leave, whatever it waits for. */
void ipc_guests_expel(struct ipc_guests *, struct ipc_guest *);
/* Its descriptor is being closed. */
void ipc_guests_leave(struct ipc_guests *, int fd);

#endif
