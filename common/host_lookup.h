/*
 * The addresses of a name, by the system's resolver in a thread of its own:
 * getaddrinfo(3) blocks. An address needs no thread.
 */
#ifndef DNSMAIL_HOST_LOOKUP_H
#define DNSMAIL_HOST_LOOKUP_H

#include <ev.h>
#include <netdb.h>

struct host_lookup;

/* In the loop, once; `found` is the caller's to free (freeaddrinfo); NULL:
   why. */
typedef void host_found_fn(void *arg, struct addrinfo *found, const char *why);

/* NULL: not now. */
struct host_lookup *host_lookup_new(struct ev_loop *, const char *host,
    const char *port, host_found_fn *, void *arg);
/* found will not be called. */
void host_lookup_cancel(struct host_lookup *);

#endif
