/*
 * What domain lists say of domains that vouch for a message (protocol.md
 * section 11), and what is done then by the configuration. Pure.
 */
#ifndef DNSMAIL_VERIFYD_REPUTATION_H
#define DNSMAIL_VERIFYD_REPUTATION_H

#include "common/domain.h"
#include "verifyd/config.h"
#include "verifyd/server_list.h"

enum { REPUTATION_HITS_MAX = 8 }; /* told of one message */

/* What a list can answer, and what of that it says of itself. */
extern const struct network reputation_answers, reputation_errors;

/* A domain is in a list. Zone and domain are somebody else's. */
struct reputation_hit {
	const char *zone;
	const char *domain;
	struct in_addr address; /* of several the one that led to the action */
	enum verify_action action;
};

/* An answer that is none. */
struct reputation_trouble {
	const char *words; /* behind the address; NULL: there was none */
	struct in_addr address;
};

/* A zeroed struct: in no list. */
struct reputation {
	size_t n;
	struct reputation_hit hits[REPUTATION_HITS_MAX];
};

/* <domain>.<zone>; false: it is too long for a name. */
bool reputation_name(
    char out[DOMAIN_MAX], const char *domain, const char *zone);

/*
 * A list's addresses for a domain: its hit, or false. An address that is no
 * answer is a trouble of the list, never an action; the last one is told. Of
 * several answers the strictest action counts.
 */
bool reputation_read(const struct reputation_config *, const char *domain,
    const struct server_list *addresses, struct reputation_hit *,
    struct reputation_trouble *);

/* One more hit. Of too many the mildest is forgotten. */
void reputation_add(struct reputation *, const struct reputation_hit *);

/* The first of the strictest, or NULL. */
const struct reputation_hit *reputation_strictest(const struct reputation *);

#endif
