/* What a systemd unit hands to its process alone: LoadCredential=. */
#ifndef DNSMAIL_CREDENTIAL_H
#define DNSMAIL_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Is a credential of that name passed? Its path then. One that says "none" is
 * none: a unit gives that where the file that it would load is not there.
 */
bool credential_find(const char *name, char *path, size_t size);

/*
 * May others than its owner use the secret at `path`, by its mode? Of a
 * credential the group may read: since systemd 254 it is root's and an access
 * control list lets the unit's user read it, whose mask stands in the group's
 * place. Nobody else gets into its directory.
 */
bool credential_shared(const char *path, mode_t mode);

#endif
