/*
 * Who sends a message to whom, as smtpd's reports tell it. Pure.
 */
#ifndef FILTER_ENVELOPE_H
#define FILTER_ENVELOPE_H

#include <stdbool.h>

#include "common/buffer.h"

struct smtpd_event;

enum {
	ENVELOPE_MAX = 512 * 1024, /* octets of its addresses */
	ENVELOPE_CLIENT_MAX = 64,
	ENVELOPE_LOGIN_MAX = 256,
	ENVELOPE_QUEUE_ID_MAX = 17,
};

/* A zeroed struct knows nothing. */
struct envelope {
	char client[ENVELOPE_CLIENT_MAX]; /* its address; "": unknown */
	char login[ENVELOPE_LOGIN_MAX];
	char queue_id[ENVELOPE_QUEUE_ID_MAX];
	struct buffer addresses; /* lines of the request */
	bool failed;             /* not all of them could be kept */
};

void envelope_free(struct envelope *);

/* An event of that name. */
void envelope_link_connect(struct envelope *, const struct smtpd_event *);
void envelope_link_auth(struct envelope *, const struct smtpd_event *);
void envelope_tx_begin(struct envelope *, const struct smtpd_event *);
void envelope_tx_mail(struct envelope *, const struct smtpd_event *);
void envelope_tx_rcpt(struct envelope *, const struct smtpd_event *);

/* Its lines of a request. 0, or -1: out of memory. */
int envelope_request(const struct envelope *, struct buffer *request);

#endif
