/*
 * The milter protocol, version 6, as octets: packets, commands, replies. Pure.
 * There is no RFC; what stands here was measured against Postfix 3.7 and
 * Sendmail 8.17.
 */
#ifndef DNSMAIL_MILTER_H
#define DNSMAIL_MILTER_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

enum {
	MILTER_VERSION = 6,
	MILTER_PACKET_MAX = 1024 * 1024, /* length field's bound */
};

/* From the MTA (SMFIC_*) */
enum milter_command {
	MILTER_CONNECT = 'C',
	MILTER_MACRO = 'D',
	MILTER_HELO = 'H',
	MILTER_MAIL = 'M',
	MILTER_RCPT = 'R',
	MILTER_DATA = 'T',
	MILTER_HEADER = 'L',
	MILTER_EOH = 'N',
	MILTER_BODY = 'B',
	MILTER_EOM = 'E',
	MILTER_ABORT = 'A',
	MILTER_QUIT = 'Q',
	MILTER_QUIT_NC = 'K',
	MILTER_OPTNEG = 'O',
	MILTER_UNKNOWN = 'U',
};

/* To the MTA (SMFIR_*) */
enum milter_reply {
	MILTER_REPLY_ACCEPT = 'a',
	MILTER_REPLY_CONTINUE = 'c',
	MILTER_REPLY_DISCARD = 'd',
	MILTER_REPLY_REJECT = 'r',
	MILTER_REPLY_TEMPFAIL = 't',
	MILTER_REPLY_CODE = 'y',
	MILTER_REPLY_PROGRESS = 'p',
	MILTER_REPLY_INSHEADER = 'i',
	MILTER_REPLY_CHGHEADER = 'm',
	MILTER_REPLY_QUARANTINE = 'q',
	MILTER_REPLY_SKIP = 's',
};

/* Actions a milter may ask for (SMFIF_*) */
enum {
	MILTER_F_ADDHDRS = 0x01,
	MILTER_F_CHGHDRS = 0x10,
	MILTER_F_QUARANTINE = 0x20,
	MILTER_F_SETSYMLIST = 0x100,
};

/* Steps it may leave out, and replies it may spare (SMFIP_*) */
enum {
	MILTER_P_NOCONNECT = 0x01,
	MILTER_P_NOHELO = 0x02,
	MILTER_P_NOMAIL = 0x04,
	MILTER_P_NORCPT = 0x08,
	MILTER_P_NOBODY = 0x10,
	MILTER_P_NOHDRS = 0x20,
	MILTER_P_NOEOH = 0x40,
	MILTER_P_NR_HDR = 0x80,
	MILTER_P_NOUNKNOWN = 0x100,
	MILTER_P_NODATA = 0x200,
	MILTER_P_SKIP = 0x400,
	MILTER_P_NR_CONN = 0x1000,
	MILTER_P_NR_HELO = 0x2000,
	MILTER_P_NR_MAIL = 0x4000,
	MILTER_P_NR_RCPT = 0x8000,
	MILTER_P_NR_DATA = 0x10000,
	MILTER_P_NR_UNKN = 0x20000,
	MILTER_P_NR_EOH = 0x40000,
	MILTER_P_NR_BODY = 0x80000,
	MILTER_P_HDR_LEADSPC = 0x100000,
};

struct milter_packet {
	uint8_t command;
	const uint8_t *data; /* points into the buffer */
	size_t len;          /* without the command octet */
};

/*
 * The next packet of what was read: 1 and *p filled (used_r: octets to
 * consume afterwards), 0: more is needed, -1: length zero or over the bound.
 */
int milter_packet_get(
    struct milter_packet *, const uint8_t *data, size_t n, size_t *used_r);

/* A cursor over a packet's strings and numbers. */
struct milter_cursor {
	const uint8_t *p, *end;
};
void milter_cursor_init(struct milter_cursor *, const struct milter_packet *);
/* The next NUL-terminated string, NULL when there is none left. */
const char *milter_string(struct milter_cursor *, size_t *len_r);
int milter_u32(struct milter_cursor *, uint32_t *);
int milter_u16(struct milter_cursor *, uint16_t *);

/*
 * The client's address in a CONNECT packet, as milter_bare_address() has it: ""
 * when it has none (local, unknown). NULL: malformed.
 */
const char *milter_connect_address(const struct milter_packet *);
/* Without an "IPv6:" in front of it. */
const char *milter_bare_address(const char *);

/* Appends one packet; 0, or -1 when memory is out. */
int milter_put(struct buffer *, uint8_t code, const void *data, size_t n);

/* Typed forms of the above. */
int milter_put_optneg(struct buffer *, uint32_t version, uint32_t actions,
    uint32_t steps, const void *symlists, size_t symlists_len);
int milter_put_insert(
    struct buffer *, uint32_t index, const char *name, const char *value);
int milter_put_change(
    struct buffer *, uint32_t index, const char *name, const char *value);
int milter_put_text(struct buffer *, uint8_t code, const char *text);

#endif
