/*
 * The ID name of protocol.md 2.1: <id>.<domain>, and the header field that
 * carries it.
 */
#ifndef DNSMAIL_MESSAGE_ID_H
#define DNSMAIL_MESSAGE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"

#define MESSAGE_ID_FIELD "DNS-Mail-ID"

enum {
	MESSAGE_ID_RANDOM = 16,    /* octets: 128 bits */
	MESSAGE_ID_LABEL_MAX = 64, /* with NUL */
	MESSAGE_ID_NAME_MAX = MESSAGE_ID_LABEL_MAX + ADDRESS_DOMAIN_MAX,
};

struct message_id {
	char label[MESSAGE_ID_LABEL_MAX]; /* lower case */
	char domain[ADDRESS_DOMAIN_MAX];  /* lower-case A-labels */
};

/*
 * An ID of `domain` from MESSAGE_ID_RANDOM random octets: 26 characters of
 * base32. The caller fetches them (getrandom); this stays pure.
 */
void message_id_make(struct message_id *,
    const uint8_t random[MESSAGE_ID_RANDOM], const char *domain);

/* A DNS-Mail-ID field's value: CFWS and a final dot dropped. false: none. */
bool message_id_parse(struct message_id *, const char *value, size_t n);

/* A name in presentation form that is one label below a domain. */
bool message_id_from_name(struct message_id *, const char *name, size_t n);

/* "label.domain" in buf[MESSAGE_ID_NAME_MAX]; returns buf. */
const char *message_id_name(const struct message_id *, char *buf);
bool message_id_equal(const struct message_id *, const struct message_id *);

#endif
