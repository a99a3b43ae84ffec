/* What a daemon's configuration says about its jail. */
#ifndef DNSMAIL_DAEMON_JAIL_H
#define DNSMAIL_DAEMON_JAIL_H

struct daemon;
struct identity;

/* Gives up the network (if so promised), root, and the rest, in this order;
   `id` NULL: not root. 0, or -1 (logged). */
int daemon_jail_enter(const struct daemon *, const struct identity *);

#endif
