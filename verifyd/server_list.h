/*
 * The DNS Mail servers of a domain, as its dnsmail.<domain> TXT records name
 * them (protocol.md 2.4). Says what is written there, not whom one may ask:
 * that is reach.h.
 */
#ifndef DNSMAIL_VERIFYD_SERVER_LIST_H
#define DNSMAIL_VERIFYD_SERVER_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/net_address.h"

enum { SERVER_LIST_MAX = 16 };

/* A zeroed struct is the list of a domain that does not take part. */
struct server_list {
	bool takes_part; /* there is a TXT record */
	bool more;       /* more than SERVER_LIST_MAX: the rest is dropped */
	size_t n;
	struct net_address v[SERVER_LIST_MAX]; /* no two are equal */
};

/*
 * One more TXT record, as its rdata. What is no address is skipped. A
 * character-string of 255 octets was cut by force and goes on in the next
 * one; a shorter one ends what it holds.
 */
void server_list_add(struct server_list *, const uint8_t *rdata, size_t n);

#endif
