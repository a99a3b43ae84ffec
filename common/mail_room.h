/*
 * Who has a place among an MTA's connections, and who gives it up for others:
 * who never said anything whole, then who has no message under way, then who
 * has one; of these who has been without a word for longest. Never one for
 * which the daemon is thinking. So idle and slow connections, however many,
 * keep no mail out.
 *
 * Each of the first two keeps a quarter of all places from the others: else
 * who has just come, and has had no time to speak, would have to go for the
 * next who comes. Pure: time is an argument.
 */
#ifndef DNSMAIL_MAIL_ROOM_H
#define DNSMAIL_MAIL_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

enum mail_standing {
	MAIL_SILENT, /* no whole piece yet */
	MAIL_QUIET,
	MAIL_BUSY, /* a message is under way */
	MAIL_STANDING__COUNT
};

/* Part of a connection. */
struct mail_place {
	TAILQ_ENTRY(mail_place) link;
	enum mail_standing standing;
	bool waiting; /* for the daemon: its silence is not the peer's */
	double since; /* its last whole piece, or its begin */
	size_t octets;
	void *connection;
};

struct mail_room {
	TAILQ_HEAD(mail_places, mail_place) places[MAIL_STANDING__COUNT];
	size_t n[MAIL_STANDING__COUNT];
	size_t octets, max_octets; /* of all; 0: any number */
};

void mail_room_init(struct mail_room *);
void mail_room_enter(struct mail_room *, struct mail_place *, double now);
void mail_room_leave(struct mail_room *, struct mail_place *);
/* A whole piece has come. */
void mail_room_said(
    struct mail_room *, struct mail_place *, bool busy, double now);
/* So many octets are held for it now. */
void mail_room_holds(struct mail_room *, struct mail_place *, size_t octets);
bool mail_room_is_short(const struct mail_room *); /* of memory */

/* Who gives up its place first; NULL: nobody. */
struct mail_place *mail_room_first_out(const struct mail_room *);
/*
 * The same for memory: of those who hold some and have said nothing whole for
 * a while; not `except`.
 */
struct mail_place *mail_room_first_hoarder(
    const struct mail_room *, const struct mail_place *except, double now);

#endif
