/*
 * The UDP socket of one question. It is connected: the system lets nothing
 * else than the asked address through, tells at once when nobody listens
 * there, and picks the port at random (RFC 6056, RFC 5452 9.2).
 */
#ifndef DNSMAIL_DNS_UDP_H
#define DNSMAIL_DNS_UDP_H

#include <stddef.h>
#include <stdint.h>

#include "net_address.h"

/* Non-blocking, close-on-exec; -1 and errno. */
int dns_udp_open(const struct net_address *server);
/* 0, or -1 and errno. What finds no room on the way counts as sent and lost. */
int dns_udp_send(int fd, const uint8_t *msg, size_t len);

#endif
