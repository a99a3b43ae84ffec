/*
 * DNS messages of others, RFC 1035: a bounded reader. Compression pointers
 * only go backwards; names are at most 255 octets; no allocation.
 */
#ifndef DNSMAIL_DNS_MESSAGE_H
#define DNSMAIL_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_OPT = 41,
	DNS_TSIG = 250,
	DNS_IXFR = 251,
	DNS_AXFR = 252,
	DNS_ANY = 255,
};
enum dns_class { DNS_IN = 1, DNS_CLASS_NONE = 254, DNS_CLASS_ANY = 255 };
enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_YXDOMAIN = 6,
	DNS_YXRRSET = 7,
	DNS_NXRRSET = 8,
	DNS_NOTAUTH = 9,
	DNS_NOTZONE = 10,
	DNS_BADVERS = 16, /* RFC 6891: its upper bits stand in the OPT */
};
enum {
	DNS_QR = 0x8000,
	DNS_AA = 0x0400,
	DNS_TC = 0x0200,
	DNS_RD = 0x0100,
	DNS_RA = 0x0080,
	DNS_AD = 0x0020,
	DNS_CD = 0x0010,
	/* Of a question, in place of QR, which no question has: the OPT's DO,
	   RFC 3225. */
	DNS_DO = 0x8000,
};

/* Uncompressed wire form, ASCII lower case, the root octet included. */
struct dns_name {
	uint8_t len; /* octets, 1..255 */
	uint8_t wire[255];
};

struct dns_header {
	uint16_t id, flags; /* flags with opcode and rcode in it */
	uint16_t qd, an, ns, ar;
};

struct dns_rr {
	struct dns_name owner;
	uint16_t type, class;
	uint32_t ttl;
	const uint8_t *rdata; /* in the message */
	uint16_t rdlen;
	size_t start; /* offset of the RR */
};

struct dns_reader {
	const uint8_t *msg;
	size_t len, pos;
};

/* All return 0, or -1 when the message is malformed there. */
int dns_reader_open(
    struct dns_reader *, const uint8_t *msg, size_t len, struct dns_header *);
int dns_reader_question(struct dns_reader *, struct dns_name *,
    uint16_t *type_r, uint16_t *class_r);
int dns_reader_rr(struct dns_reader *, struct dns_rr *);
/* A name inside rdata at offset pos of the message; *pos past it. */
int dns_reader_name(const struct dns_reader *, size_t *pos, struct dns_name *);

/*
 * The character-strings of a TXT rdata joined (RFC 1035 3.3.14), NUL added.
 * -1: malformed or over size.
 */
int dns_txt(const struct dns_rr *, char *buf, size_t size, size_t *len_r);

/* Presentation form without escapes: letters, digits, '-', '_'; final dot
   optional. */
int dns_name_parse(struct dns_name *, const char *text);
/* Without a final dot, odd octets as \DDD, in buf[1024]; returns buf. */
const char *dns_name_text(const struct dns_name *, char *buf);
bool dns_name_equal(const struct dns_name *, const struct dns_name *);
/* Is `name` at or below `top`? */
bool dns_name_below(const struct dns_name *name, const struct dns_name *top);

const char *dns_rcode_text(unsigned rcode); /* "REFUSED" */

/*
 * A query of ours: flags (DNS_RD, DNS_AD), EDNS of that size (0: none). Octets
 * written, 0 when it does not fit.
 */
size_t dns_query_put(uint8_t *buf, size_t size, uint16_t id,
    const struct dns_name *, uint16_t type, uint16_t flags, unsigned edns);

#endif
