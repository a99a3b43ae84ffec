/* Asks daemons again and again, on the loop, for watch_view. */
#ifndef DNSMAIL_WATCH_ASK_H
#define DNSMAIL_WATCH_ASK_H

#include <ev.h>
#include <stddef.h>

struct watch_ask;
struct watch_daemon;

/* Something is known that was not. */
typedef void watch_ask_fn(void *arg);

/* The daemon has its name. NULL: out of memory. It is never freed: nng 1.5.2
 * may panic when a stopped daemon's connection is taken down. */
struct watch_ask *watch_ask_new(struct ev_loop *, struct watch_daemon *,
    const char *run_dir, watch_ask_fn *, void *arg);
void watch_ask_again(struct watch_ask *); /* unless it is being asked */

#endif
