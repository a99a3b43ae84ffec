/*
 * What dnsmail-check asks of publishd, and what it answers. A probe is a
 * message record that vouches for nothing: author and recipient are
 * PROBE_ADDRESS. Put and get of each form stand next to each other in
 * probe_msg.c; the order of fields there is the protocol.
 */
#ifndef DNSMAIL_PROBE_MSG_H
#define DNSMAIL_PROBE_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net_address.h"
#include "publish_msg.h"
#include "wire.h"

#define PROBE_ADDRESS "probe@dnsmail.invalid" /* RFC 2606: nobody's */

enum { PROBE_MSG_VERSION = 2, PROBE_TEXT_MAX = 256 };

/* Bounds of a message. */
enum { PROBE_REQ_MAX = 1024, PROBE_ANSWER_MAX = 512 };

enum probe_op {
	PROBE_ADD,    /* domain, owner, text, primary -> see below */
	PROBE_REMOVE, /* the same */
	PROBE_REACH,  /* domain, reach, primary -> may the key change that? */
	PROBE_OP__COUNT
};

/* What the update key has no business with. */
enum probe_reach {
	PROBE_APEX_MX,
	PROBE_APEX_TXT, /* SPF stands there */
	PROBE_WWW,      /* an address */
	PROBE_DMARC,
	PROBE_LIST, /* of our servers: dnsmail.<domain> */
	PROBE_REACH__COUNT
};

struct probe_req {
	enum probe_op op;
	char domain[PUBLISH_NAME_MAX];
	char owner[PUBLISH_NAME_MAX]; /* "" with PROBE_REACH */
	char text[PROBE_TEXT_MAX];
	enum probe_reach reach;
	/* One of the domain's, as net_address_text() has it. "": with REACH
	   the first; else as for mail, whichever takes it now. */
	char primary[NET_ADDRESS_TEXT_MAX];
};

/*
 * ADD and REMOVE are answered as publish_msg.h has it. Without `primary` they
 * go the way of a request for mail, and if that is PUB_DONE the reason is the
 * primary that took it. With it that primary alone is asked, and nobody looks
 * who shows it: PUB_DONE it has taken it, PUB_REFUSED it does not, PUB_LATER
 * or PUB_BUSY it is not known; reason says why.
 *
 * REACH is answered so: PUB_DONE the key may change that, PUB_REFUSED it may
 * not, the others as above.
 */
struct probe_answer {
	enum publish_status status;
	char reason[PUBLISH_REASON_MAX];
	bool timed;   /* the primary has told its time */
	int64_t skew; /* seconds its clock is before ours */
};

void probe_req_put(struct wire *, const struct probe_req *);
int probe_req_get(struct wire *, struct probe_req *); /* 0 or -1 */

void probe_answer_put(struct wire *, const struct probe_answer *);
int probe_answer_get(struct wire *, struct probe_answer *); /* 0 or -1 */

#endif
