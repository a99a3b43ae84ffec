/* What there is to show below a daemon's own line, most important first. */
#ifndef DNSMAIL_WATCH_LINES_H
#define DNSMAIL_WATCH_LINES_H

#include "admin/watch_view.h"

enum { REMARKS_MAX = 3, REMARK_BYTES = 600 };

struct watch_lines {
	char remarks[REMARKS_MAX][REMARK_BYTES];
	size_t n_remarks;
	size_t rows[STATUS_METRICS_MAX]; /* metrics, after the remarks */
	size_t n_rows;
};

void watch_lines_make(struct watch_lines *, const struct watch_daemon *);

/* The metrics that come first, by name; NULL ends. */
const char *const *watch_lines_first(const char *daemon);

#endif
