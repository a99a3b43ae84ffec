/* Whom an option `admins` names: who may withdraw, and who may probe. Root may
   always. */
#ifndef DNSMAIL_ADMINS_H
#define DNSMAIL_ADMINS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "config.h"

struct admins;

/*
 * Names or numbers, a group's behind "%". Whom this system does not have is
 * told in the log and stops nobody else. It never changes, so threads may
 * read it. NULL: out of memory.
 */
struct admins *admins_new(const struct strings *names);
void admins_free(struct admins *);
bool admins_have_user(const struct admins *, uid_t);
bool admins_have_group(const struct admins *, const gid_t *, size_t n);

#endif
