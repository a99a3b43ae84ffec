/* A socket that listens for TLS. */
#ifndef DNSMAIL_PUBLISHD_TLS_LISTEN_H
#define DNSMAIL_PUBLISHD_TLS_LISTEN_H

#include <ev.h>
#include <sys/socket.h>

struct tls_listen;

/* Who came; fd is non-blocking, and the caller's from then on. */
typedef void tls_come_fn(void *arg, int fd, const struct sockaddr *, socklen_t);

/* url: its host is an address, or "*". NULL: logged. */
struct tls_listen *tls_listen_new(
    struct ev_loop *, const char *url, tls_come_fn *, void *arg);
void tls_listen_free(struct tls_listen *); /* NULL is fine */

#endif
