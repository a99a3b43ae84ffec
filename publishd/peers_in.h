/*
 * Which users may ask what: the names of `signers` and `removers` as uids of
 * this system.
 */
#ifndef DNSMAIL_PUBLISHD_PEERS_IN_H
#define DNSMAIL_PUBLISHD_PEERS_IN_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/publish_msg.h"

struct config;
struct peers;

/* Warns of users that this system has not. NULL: out of memory. */
struct peers *peers_new(struct config *);
void peers_free(struct peers *);
bool peers_may(const struct peers *, uid_t, enum publish_op);
bool peers_may_any(const struct peers *, uid_t);
/* Of a certificate: its names, blank separated (tls:NAME in the options). */
bool peers_may_names(const struct peers *, const char *names, enum publish_op);
bool peers_may_names_any(const struct peers *, const char *names);

#endif
