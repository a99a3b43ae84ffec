/* The picture of dnsmail-status --watch, as a function of what is known. */
#ifndef DNSMAIL_WATCH_VIEW_H
#define DNSMAIL_WATCH_VIEW_H

#include "admin/status.h"

struct history;
struct screen;

struct watch_daemon {
	struct status status; /* its metrics are in the history */
	struct history *history;
	bool known;          /* it has answered, or failed to */
	uint64_t down_since; /* as far as known, else when we saw it first */
	bool down_exactly;   /* it is known */
};

struct watch_view {
	struct watch_daemon daemons[STATUS_DAEMONS_MAX];
	size_t n;
	uint64_t now; /* seconds since 1970 */
	size_t only;  /* 0: all; else the daemon of that number */
	size_t skip;  /* lines scrolled over, of one daemon alone */
	bool utf8;
};

/* On a blank screen, of whatever size. */
void watch_view_draw(const struct watch_view *, struct screen *);
/* Of the daemon alone: how many lines there are to scroll over. */
size_t watch_view_skip_max(const struct watch_view *, int rows);

#endif
