/* A DNS Mail server's answer about one ID. Pure. */
#ifndef DNSMAIL_VERIFYD_ID_ANSWER_H
#define DNSMAIL_VERIFYD_ID_ANSWER_H

#include "common/dns_message.h"

typedef void id_answer_fn(void *arg, const char *text, size_t n);

/*
 * Each TXT text at exactly that name, up to where the message is malformed.
 * A CNAME there is not followed: an ID is never an alias of something that
 * the domain did not publish as an ID.
 */
void id_answer_texts(const uint8_t *msg, size_t len,
    const struct dns_name *name, id_answer_fn *, void *arg);

#endif
