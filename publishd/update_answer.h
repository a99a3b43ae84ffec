/*
 * What a primary's answer to an UPDATE means, and how to tell it to people.
 */
#ifndef DNSMAIL_PUBLISHD_UPDATE_ANSWER_H
#define DNSMAIL_PUBLISHD_UPDATE_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "common/tsig.h"

enum update_outcome {
	UPDATE_ACCEPTED,
	UPDATE_REFUSED, /* one of the records may be why */
	UPDATE_FAILED,  /* the records are not why */
	UPDATE__COUNT
};

/* The ID of an answer to an UPDATE, or -1: it is nothing of that kind. */
int update_answer_id(const uint8_t *msg, size_t len);

/*
 * `verified` is what tsig_verify() said of it; msg passed update_answer_id().
 * Unless it is accepted, words go to why: "NOTAUTH/BADTIME, its clock differs
 * by 611 s".
 */
enum update_outcome update_answer_read(const uint8_t *msg, size_t len,
    enum tsig_result verified, const struct tsig_detail *, char *why,
    size_t size);

#endif
