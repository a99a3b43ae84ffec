/* What a primary's answer proves of the update key. Pure. */
#ifndef DNSMAIL_CHECK_REACH_VERDICT_H
#define DNSMAIL_CHECK_REACH_VERDICT_H

#include <stdbool.h>

#include "common/publish_msg.h"

enum reach_verdict {
	REACH_VERDICT_FAR,
	REACH_VERDICT_UNKNOWN,
	REACH_VERDICT_NOT,
	REACH_VERDICT__COUNT
};

/*
 * status: as PROBE_REACH is answered. good: the primary has taken a record
 * with that key; a refusal proves nothing of a key that is refused altogether.
 * PowerDNS says yes also where its policy script leaves the change out.
 */
enum reach_verdict reach_judge(
    enum publish_status status, bool good, bool powerdns);

#endif
