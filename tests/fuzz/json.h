/* Is that a JSON text (RFC 8259)? */
#ifndef DNSMAIL_FUZZ_JSON_H
#define DNSMAIL_FUZZ_JSON_H

#include <stdbool.h>

bool json_is_valid(const char *text);

#endif
