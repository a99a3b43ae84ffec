/*
 * What dnsmail-recall asks of reaperd, and what it answers. Who asks chooses
 * a number for what is begun and asks for it by that number until it is over;
 * to begin the same number twice is to begin it once. Put and get of each form
 * stand next to each other in recall_msg.c; the order of fields there is the
 * protocol.
 */
#ifndef DNSMAIL_RECALL_MSG_H
#define DNSMAIL_RECALL_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "wire.h"

enum { RECALL_MSG_VERSION = 1 };

enum recall_op {
	RECALL_COUNT,    /* counts what matches; removes nothing */
	RECALL_WITHDRAW, /* removes what matches */
	RECALL_LOOK,     /* how far is it? */
	RECALL_STOP,     /* stop it; what is gone is gone */
	RECALL_OP__COUNT
};

/* A record matches if each that is given has a value that equals its own. */
enum recall_key {
	RECALL_ID,     /* ID name */
	RECALL_FROM,   /* author */
	RECALL_TO,     /* recipient, be it blinded or not */
	RECALL_DOMAIN, /* of ours: where the ID is */
	RECALL_KEY__COUNT
};

enum recall_state {
	RECALL_RUNNING,
	RECALL_DONE,    /* all zones were looked at, all is as was asked */
	RECALL_FAILED,  /* over, and not all; reason says why */
	RECALL_REFUSED, /* it was not begun; reason says why */
	RECALL_UNKNOWN, /* nothing of that number was begun here */
	RECALL_STATE__COUNT
};

/* Bounds of a message, for put and for get. */
enum {
	RECALL_VALUES_MAX = 16, /* of one key */
	RECALL_VALUE_MAX = ADDRESS_MAX,
	RECALL_SAMPLES_MAX = 10,
	RECALL_REASON_MAX = 300,
	RECALL_REQ_MAX = 36 * 1024, /* octets of one */
	RECALL_ANSWER_MAX = 16 * 1024,
};

struct recall_values {
	size_t n;
	char v[RECALL_VALUES_MAX][RECALL_VALUE_MAX];
};

struct recall_req {
	enum recall_op op;
	uint64_t job;
	/* Dates, seconds since 1970, both included; for LOOK and STOP what
	   follows counts for nothing. */
	int64_t since, until;
	struct recall_values keys[RECALL_KEY__COUNT];
};

/* A record that matches. */
struct recall_sample {
	char id[RECALL_VALUE_MAX], from[RECALL_VALUE_MAX];
	char to[RECALL_VALUE_MAX]; /* "#": blinded */
	int64_t date;
};

struct recall_answer {
	enum recall_state state;
	char reason[RECALL_REASON_MAX];    /* words; may be "" */
	uint64_t seen, matched, withdrawn; /* message records so far */
	size_t n_samples;                  /* COUNT only: the first */
	struct recall_sample samples[RECALL_SAMPLES_MAX];
};

void recall_req_put(struct wire *, const struct recall_req *);
int recall_req_get(struct wire *, struct recall_req *); /* 0 or -1 */

void recall_answer_put(struct wire *, const struct recall_answer *);
int recall_answer_get(struct wire *, struct recall_answer *);

/* Names of the keys as options and the log have them: "from". */
extern const char *const recall_key_names[RECALL_KEY__COUNT];

#endif
