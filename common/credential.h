/* What a systemd unit hands to its process alone: LoadCredential=. */
#ifndef DNSMAIL_CREDENTIAL_H
#define DNSMAIL_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Is a credential of that name passed? Its path then. One that says "none" is
 * none: a unit gives that where the file that it would load is not there.
 */
bool credential_find(const char *name, char *path, size_t size);

#endif
