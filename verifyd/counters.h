/* What verifyd counts and shows to dnsmail-status. */
#ifndef DNSMAIL_VERIFYD_COUNTERS_H
#define DNSMAIL_VERIFYD_COUNTERS_H

#include "common/metrics.h"

enum counter {
	COUNT_RESULT, /* six, in the order of enum verify_result */
	COUNT_RESULT_LAST = COUNT_RESULT + 5,
	COUNT_ACTION, /* five, in the order of enum verify_action */
	COUNT_ACTION_LAST = COUNT_ACTION + 4,
	COUNT_EXEMPT,
	COUNT_OVERSIZED,
	COUNT_FORGED,
	COUNT_IDS,
	COUNT_LISTS_KNOWN,
	COUNT_LISTS_ASKED,
	COUNT_LISTS_KEPT,
	COUNT_WISHES_KNOWN,
	COUNT_WISHES_ASKED,
	COUNT_WISHES_FOLLOWED,
	COUNT_UNDER_WAY,
	COUNT_MESSAGE_LATENCY,
	COUNT_ID_LATENCY,
	COUNT__COUNT
};

extern struct metrics counters;

#endif
