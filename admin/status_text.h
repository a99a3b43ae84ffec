/* Numbers and foreign texts as people read them. */
#ifndef DNSMAIL_STATUS_TEXT_H
#define DNSMAIL_STATUS_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { STATUS_TEXT_BYTES = 64 }; /* room for each of these; all return buf */

/* "3d 4h", "4h 2m", "2m 1s", "1s" */
const char *status_text_span(char *buf, uint64_t seconds);
/* The same from then to now; a clock that was set back makes it "0s". */
const char *status_text_since(char *buf, uint64_t now, uint64_t then);
/* "2026-11-26 14:02:11", local time */
const char *status_text_moment(char *buf, uint64_t at);
/* "120us", "3.4ms", "1.2s" */
const char *status_text_wait(char *buf, double seconds);

/*
 * What came over a socket must not drive the terminal, nor end a line: what is
 * no printable ASCII becomes "?". Cut at size.
 */
const char *status_text_safe(char *buf, size_t size, const char *text);

#endif
