/*
 * A mail address as DNS Mail compares it (protocol.md 2.2, 2.3): a dot-atom
 * local part and a domain as lower-case A-labels. What cannot be written so
 * (quoted local parts, address literals) is `unrepresentable`.
 */
#ifndef DNSMAIL_ADDRESS_H
#define DNSMAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "domain.h"

enum {
	ADDRESS_LOCAL_MAX = 256, /* with NUL; UTF-8 for SMTPUTF8 */
	ADDRESS_DOMAIN_MAX = DOMAIN_MAX,
	ADDRESS_MAX = ADDRESS_LOCAL_MAX + ADDRESS_DOMAIN_MAX,
};

struct address {
	char local[ADDRESS_LOCAL_MAX];   /* octets as given */
	char domain[ADDRESS_DOMAIN_MAX]; /* A-labels, lower case,
					    no final dot */
};

enum address_result {
	ADDRESS_OK,
	ADDRESS_EMPTY, /* nothing there: <> or no mailbox */
	ADDRESS_MALFORMED,
	ADDRESS_SEVERAL, /* more than one mailbox, or a group */
	ADDRESS_UNREPRESENTABLE,
	ADDRESS__COUNT
};

/*
 * The value of a From: field (RFC 5322 3.6.2, obsolete forms of section 4
 * too): exactly one mailbox or it is no address.
 */
enum address_result address_from_header(
    struct address *, const char *value, size_t n);

/* A MAIL or RCPT argument: "<local@domain>", ESMTP parameters cut off, source
   routes dropped (RFC 5321 appendix C); brackets optional. */
enum address_result address_from_path(struct address *, const char *arg);

/* Plain "local@domain" of n octets, nothing else: what a record holds. */
enum address_result address_from_spec(struct address *, const char *, size_t n);

/*
 * Each mailbox of an address-list (To:, Cc:), group members included; what
 * does not parse is skipped to the next comma. `each` returns false to end.
 */
typedef bool address_fn(void *arg, const struct address *);
void address_list(const char *value, size_t n, address_fn *each, void *arg);

/* Protocol.md 2.3: domains as A-labels, local parts but for ASCII case. */
bool address_equal(const struct address *, const struct address *);

/* "local@domain" as it stands in records; buf has ADDRESS_MAX; returns buf. */
const char *address_text(const struct address *, char *buf);

/* The normalised form of 2.3 (ASCII letters lower case), for blinding. */
const char *address_normal(const struct address *, char *buf);

extern const char *const address_result_names[ADDRESS__COUNT];

#endif
