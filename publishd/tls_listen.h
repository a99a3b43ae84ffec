/* A socket to listen on for TLS. */
#ifndef DNSMAIL_PUBLISHD_TLS_LISTEN_H
#define DNSMAIL_PUBLISHD_TLS_LISTEN_H

/* url: its host is an address, or "*". Non-blocking; -1: logged. */
int tls_listen(const char *url);

#endif
