/*
 * Query IDs that nobody can guess (RFC 5452 4.4), got from the system many at
 * a time: a system call for each would cost more than the rest of a query.
 */
#ifndef DNSMAIL_DNS_IDS_H
#define DNSMAIL_DNS_IDS_H

#include <stddef.h>
#include <stdint.h>

enum { DNS_IDS_AT_ONCE = 128 };

/* A zeroed struct is ready. Not to be used on both sides of a fork. */
struct dns_ids {
	uint16_t ids[DNS_IDS_AT_ONCE];
	size_t left;
};

/* 0, or -1: the system has none. */
int dns_ids_next(struct dns_ids *, uint16_t *id_r);

#endif
