/* One metric on one line: name, number, curve, total or waits. */
#ifndef DNSMAIL_WATCH_ROW_H
#define DNSMAIL_WATCH_ROW_H

#include <stdbool.h>
#include <stddef.h>

struct history;
struct screen;

void watch_row_draw(
    struct screen *, int row, const struct history *, size_t which, bool utf8);

#endif
