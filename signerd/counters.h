/* What signerd counts and shows to dnsmail-status. */
#ifndef DNSMAIL_SIGNERD_COUNTERS_H
#define DNSMAIL_SIGNERD_COUNTERS_H

#include "common/metrics.h"

enum counter {
	COUNT_SIGNED_AUTHOR,
	COUNT_SIGNED_FORWARDER,
	COUNT_SKIPPED,
	COUNT_TEMPFAILED,
	COUNT_UNSIGNED,
	COUNT_ABANDONED,
	COUNT_RECORDS,
	COUNT_MAIL, /* as enum mail_count has them */
	COUNT_MAIL_LAST = COUNT_MAIL + 4,
	COUNT_WORKERS, /* and what ended of them: see daemon.h */
	COUNT_WORKERS_ENDED,
	COUNT_PUBLISHERS_UP,
	COUNT_ASKED_AGAIN,
	COUNT_TLS_EXPIRES,
	COUNT_UNDER_WAY,
	COUNT_PUBLISH_LATENCY,
	COUNT__COUNT
};

extern struct metrics counters;

#endif
