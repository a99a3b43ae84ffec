/* Moments as an administrator writes them. */
#ifndef DNSMAIL_RECALL_WHEN_H
#define DNSMAIL_RECALL_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Seconds since 1970 of: so long before `now` ("90m", units as in the
 * configuration), a local date with or without a time ("2026-11-26",
 * "2026-11-26 10:00", "2026-11-26 10:00:30", also with a "T" between), or a
 * number of seconds ("@1795687200"). false: none of these.
 */
bool recall_when(int64_t *when_r, const char *text, int64_t now);

/* "2026-11-26 10:00:30", local, in buf[RECALL_WHEN_BYTES]; returns buf. */
enum { RECALL_WHEN_BYTES = 40 };
const char *recall_when_text(char *buf, int64_t when);

#endif
