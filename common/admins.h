/* Whom an option `admins` names: who may withdraw, and who may probe. Root may
   always. */
#ifndef DNSMAIL_ADMINS_H
#define DNSMAIL_ADMINS_H

#include <pthread.h>
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

/*
 * Those of the configuration in use: the loop exchanges them while nng's
 * threads look at them. Before the first nobody may ask.
 */
struct admins_now {
	struct admins *admins;
	pthread_mutex_t lock;
};

void admins_now_init(struct admins_now *);
/* Takes them over; those before end. */
void admins_now_set(struct admins_now *, struct admins *);
bool admins_now_user(struct admins_now *, uid_t);
bool admins_now_groups(struct admins_now *, const gid_t *, size_t n);
void admins_now_free(struct admins_now *);

#endif
