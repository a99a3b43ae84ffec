/*
 * DNS messages of ours, RFC 1035, while they are written: into the caller's
 * room, names uncompressed, no allocation. One that met its end stays full, so
 * only the last step needs a look (dns_packet_done).
 */
#ifndef DNSMAIL_DNS_PACKET_H
#define DNSMAIL_DNS_PACKET_H

#include "dns_message.h"

struct dns_packet {
	uint8_t *msg;
	size_t size, len;
	bool full;
};

/* The header says how many of each will follow. */
void dns_packet_begin(
    struct dns_packet *, uint8_t *buf, size_t size, const struct dns_header *);
void dns_packet_question(
    struct dns_packet *, const struct dns_name *, uint16_t type);
/* Up to RDLENGTH; the rdata is put next. */
void dns_packet_rr(struct dns_packet *, const struct dns_name *owner,
    uint16_t type, uint16_t class, uint32_t ttl, size_t rdlen);
/* A character-string of n octets, at most 255 (RFC 1035 3.3). */
void dns_packet_string(struct dns_packet *, const char *, size_t n);

/* Octets written; 0: it did not fit. */
size_t dns_packet_done(const struct dns_packet *);

#endif
