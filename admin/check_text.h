/*
 * How dnsmail-check writes what is not its own: foreign octets, spans of time,
 * where an option stands. Pure.
 */
#ifndef DNSMAIL_ADMIN_CHECK_TEXT_H
#define DNSMAIL_ADMIN_CHECK_TEXT_H

#include <stdio.h>

#include "common/address.h"
#include "common/config.h"

/* What is not printable ASCII as \xNN, white space of any length as one blank;
   at most so many octets, then "...". */
void check_put_octets(FILE *, const char *, size_t n, size_t most);
void check_put_address(FILE *, const struct address *);

/* "12 seconds", "3 hours", "8 days": of n seconds, 0 or more; returns buf. */
enum { CHECK_SPAN_MAX = 32 };
const char *check_span(char buf[CHECK_SPAN_MAX], double seconds);

/* "NAME, PATH:LINE", or "NAME, by default"; returns buf. */
enum { CHECK_OPTION_MAX = CONFIG_WHERE_MAX + 64 };
const char *check_option(char buf[CHECK_OPTION_MAX], const struct config *,
    const struct config_section *, const char *name);

#endif
