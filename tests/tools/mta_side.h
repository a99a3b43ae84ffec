/*
 * The MTA's side of the milter protocol, for tools: a mail as the packets that
 * an MTA sends, one step at a time.
 */
#ifndef DNSMAIL_TESTS_MTA_SIDE_H
#define DNSMAIL_TESTS_MTA_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/milter.h"

enum {
	MTA_ACTIONS_ALL = 0x1ff, /* what Postfix and Sendmail offer */
	MTA_STEPS_ALL = 0x1fffff,
};

enum mta_step {
	MTA_CONNECT,
	MTA_HELO,
	MTA_MAIL,
	MTA_RCPT,
	MTA_DATA,
	MTA_HEADER,
	MTA_EOH,
	MTA_BODY,
	MTA_EOM,
	MTA_STEP__COUNT /* the mail is over */
};

struct mta_field {
	const char *name, *value;
	size_t len; /* of a value with NUL in it; 0: up to its NUL */
};

struct mta_macro {
	uint8_t command; /* MILTER_*, that it is sent before */
	const char *name, *value;
};

struct mta_mail {
	const char *client;           /* address, "local" or "unknown" */
	const char *login, *queue_id; /* "" none */
	const char *sender;
	const char **recipients; /* each may have " ESMTP=parameters" */
	size_t n_recipients;
	struct mta_field *fields;
	size_t n_fields;
	const char *body;
	size_t body_len;
	struct mta_macro *macros; /* besides client, login and queue_id */
	size_t n_macros;
};

struct mta_place {
	enum mta_step step;
	size_t item; /* which recipient, field, piece of the body */
};

void mta_put_optneg(
    struct buffer *, uint32_t version, uint32_t actions, uint32_t steps);

/*
 * Appends the next packet, its macros before it, that was not left out by
 * `steps` (as negotiated). Returns its step and moves on; *wait_r: the milter
 * answers it. MTA_STEP__COUNT when the mail is over.
 */
enum mta_step mta_put_next(struct buffer *, struct mta_place *,
    const struct mta_mail *, uint32_t steps, bool *wait_r);

/* "mail" etc.; MTA_STEP__COUNT: no such name. */
enum mta_step mta_step_find(const char *name);

/* A reply after which nothing more comes for the message. */
bool mta_reply_is_final(uint8_t code);

/* How much of "ADDRESS [PARAMETERS]" is the address. */
size_t mta_path_length(const char *path);

/*
 * Splits "Name: value" lines (folded ones joined by newline) in place, up to
 * an empty line; returns what stands behind it (or the end).
 */
char *mta_parse_fields(char *text, struct mta_mail *);

#endif
