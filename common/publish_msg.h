/*
 * What signerd and reaperd ask of publishd, and what it answers. One request is
 * answered by one answer; an empty one, which asks whether publishd is there,
 * by PUB_DONE. Put and get of each form stand next to each other in
 * publish_msg.c; the order of fields there is the protocol.
 */
#ifndef DNSMAIL_PUBLISH_MSG_H
#define DNSMAIL_PUBLISH_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

enum { PUBLISH_MSG_VERSION = 1 };

enum publish_op {
	PUB_ADD,    /* signerd: domain, ttl, owner, texts -> all visible */
	PUB_REMOVE, /* reaperd: domain, (owner, text) ... -> all gone */
	PUB__COUNT
};

enum publish_status {
	PUB_DONE,    /* every server shows it / it is gone */
	PUB_BUSY,    /* too much waits already: try later */
	PUB_LATER,   /* the time was up or the primary is away: try later */
	PUB_REFUSED, /* this request will never succeed; reason says why */
	PUB_STATUS__COUNT
};

/* Bounds of a message; a request over them is refused by put and by get. */
enum {
	PUBLISH_TEXT_MAX = 2048,    /* octets of one record's text */
	PUBLISH_STRINGS_MAX = 64,   /* lengths of one record */
	PUBLISH_RECORDS_MAX = 1000, /* records in one request */
	PUBLISH_NAME_MAX = 254,     /* presentation form, with NUL */
	PUBLISH_REASON_MAX = 200,
	PUBLISH_REQ_MAX = 512 * 1024, /* octets of one request */
};

struct publish_record {
	const char *owner; /* ID name, presentation form, no final dot */
	const char *text;  /* the message record, not split, any octets
			      but NUL */
	size_t text_len;
	/* Of a record that its maker split otherwise than every 255 octets:
	   the lengths of its strings, text_len in all. n 0: not so. */
	const uint8_t *lengths;
	size_t n_lengths;
};

struct publish_req {
	enum publish_op op;
	char domain[PUBLISH_NAME_MAX]; /* of ours */
	uint32_t ttl;                  /* PUB_ADD only */
	size_t n;                      /* 1..PUBLISH_RECORDS_MAX */
	struct publish_record *records;
};

struct publish_answer {
	enum publish_status status;
	char reason[PUBLISH_REASON_MAX]; /* words; may be "" */
};

void publish_req_put(struct wire *, const struct publish_req *);
/*
 * 0 or -1. r->records is malloc'd, its strings are NUL-terminated copies in
 * the same allocation: free(r->records) frees all.
 */
int publish_req_get(struct wire *, struct publish_req *r);
size_t publish_req_size(const struct publish_req *); /* room put needs */

void publish_answer_put(struct wire *, const struct publish_answer *);
int publish_answer_get(struct wire *, struct publish_answer *);

extern const char *const publish_status_names[PUB_STATUS__COUNT];

#endif
