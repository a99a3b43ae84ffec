/*
 * tls:NAME in a list of users: who comes by TLS with a certificate for that
 * name. Pure.
 */
#ifndef DNSMAIL_TLS_USER_H
#define DNSMAIL_TLS_USER_H

#include <stdbool.h>

#include "config.h"

/* The name, as it was written; NULL: a user of this system. */
const char *tls_user_name(const char *user);
bool tls_users_any(const struct strings *users);

/*
 * For the check of a section: "OPTION: what is wrong" in a static buffer, or
 * NULL. A name is one that tls_names() may give, and that names one machine: no
 * wildcard, address or U-label, no dot at its end. `allowed` false: there must
 * be none at all.
 */
const char *tls_users_check(
    const char *option, const struct strings *users, bool allowed);

#endif
